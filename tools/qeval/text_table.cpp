#include "tools/qeval/text_table.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "pipeline/did_you_mean.h"
#include "pipeline/errors.h"

namespace qeval {
namespace {

bool is_number(const std::string& text) {
  if (text.empty()) return false;
  std::size_t used = 0;
  try {
    static_cast<void>(std::stod(text, &used));
  } catch (const std::exception&) {
    return false;
  }
  return used == text.size();
}

/// Numbers are right-aligned, so that their digits line up.
bool numeric_column(const Table& table, std::size_t column) {
  bool any = false;
  for (const auto& row : table.rows) {
    if (row[column].empty()) continue;
    if (!is_number(row[column])) return false;
    any = true;
  }
  return any;
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string gap(width - display_width(text), ' ');
  return right ? gap + text : text + gap;
}

std::string text_lines(const Table& table) {
  const std::size_t columns = table.columns.size();
  std::vector<std::size_t> width(columns);
  std::vector<bool> right(columns);
  for (std::size_t c = 0; c < columns; ++c) {
    width[c] = display_width(table.columns[c]);
    for (const auto& row : table.rows) width[c] = std::max(width[c], display_width(row[c]));
    right[c] = numeric_column(table, c);
  }
  std::string text;
  const auto add_line = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t c = 0; c < columns; ++c)
      line += padded(cells[c], width[c], right[c]) + (c + 1 < columns ? "  " : "");
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  add_line(table.columns);
  for (const auto& row : table.rows) add_line(row);
  return text;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string markdown_cell(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c == '\n' ? ' ' : c);
  return escaped;
}

std::string csv_lines(const Table& table) {
  std::string text;
  const auto add_line = [&](const std::vector<std::string>& cells) {
    for (std::size_t c = 0; c < cells.size(); ++c) text += (c ? "," : "") + csv_cell(cells[c]);
    text += "\n";
  };
  add_line(table.columns);
  for (const auto& row : table.rows) add_line(row);
  return text;
}

std::string markdown_lines(const Table& table) {
  std::string text;
  const auto add_line = [&](const std::vector<std::string>& cells) {
    text += "|";
    for (const auto& cell : cells) text += " " + markdown_cell(cell) + " |";
    text += "\n";
  };
  add_line(table.columns);
  add_line(std::vector<std::string>(table.columns.size(), "---"));
  for (const auto& row : table.rows) add_line(row);
  return text;
}

std::string json_lines(const Table& table) {
  auto all = nlohmann::ordered_json::array();
  for (const auto& row : table.rows) {
    nlohmann::ordered_json object;
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (row[c].empty())
        object[table.columns[c]] = nullptr;
      else if (is_number(row[c]))
        object[table.columns[c]] = nlohmann::ordered_json::parse(row[c], nullptr, false);
      else
        object[table.columns[c]] = row[c];
      if (object[table.columns[c]].is_discarded()) object[table.columns[c]] = row[c];
    }
    all.push_back(object);
  }
  return all.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

TableFormat parse_table_format(const std::string& name) {
  if (name == "table") return TableFormat::text;
  if (name == "csv") return TableFormat::csv;
  if (name == "json") return TableFormat::json;
  if (name == "md") return TableFormat::markdown;
  throw UsageError("--format: '" + name + "' is not one of table, csv, json, md");
}

std::string format_table(const Table& table, TableFormat format) {
  switch (format) {
    case TableFormat::text: return text_lines(table);
    case TableFormat::csv: return csv_lines(table);
    case TableFormat::json: return json_lines(table);
    case TableFormat::markdown: return markdown_lines(table);
  }
  throw InternalError("unknown table format");
}

Table select_columns(const Table& table, const std::vector<std::string>& names) {
  std::vector<std::size_t> chosen;
  for (const std::string& name : names) {
    const auto found = std::find(table.columns.begin(), table.columns.end(), name);
    if (found == table.columns.end())
      throw UsageError("--columns: no column '" + name + "'" + did_you_mean(name, table.columns));
    chosen.push_back(static_cast<std::size_t>(found - table.columns.begin()));
  }
  Table selected{names, {}};
  for (const auto& row : table.rows) {
    auto& cells = selected.rows.emplace_back();
    for (const std::size_t column : chosen) cells.push_back(row[column]);
  }
  return selected;
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace qeval
