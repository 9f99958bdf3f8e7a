#include "tools/qeval/text/text_table.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "pipeline/base/did_you_mean.h"
#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "tools/qeval/text/table_json.h"
#include "tools/qeval/text/wrapped_text.h"

namespace qeval {
namespace {

/// The names of the columns, then the rows, as every format but JSON writes them.
std::vector<std::vector<std::string>> lines_of(const Table& table, std::string (*written)(std::string_view)) {
  std::vector<std::vector<std::string>> lines(1);
  for (const std::string& name : table.columns) lines.front().push_back(written(name));
  for (const auto& row : table.rows) {
    auto& cells = lines.emplace_back();
    for (const Cell& cell : row) cells.push_back(written(cell.text()));
  }
  return lines;
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string gap(width - display_width(text), ' ');
  return right ? gap + text : text + gap;
}

std::string text_lines(const Table& table) {
  const auto lines = lines_of(table, visible_name);
  const std::size_t columns = table.columns.size();
  std::vector<std::size_t> width(columns);
  std::vector<bool> right(columns);
  for (std::size_t c = 0; c < columns; ++c) {
    for (const auto& cells : lines) width[c] = std::max(width[c], display_width(cells[c]));
    right[c] = is_numeric_column(table, c);
  }
  std::string text;
  for (const auto& cells : lines) {
    std::string line;
    for (std::size_t c = 0; c < columns; ++c)
      line += padded(cells[c], width[c], right[c]) + (c + 1 < columns ? "  " : "");
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::size_t widest_line(std::string_view lines) {
  std::size_t width = 0;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    width = std::max(width, display_width(lines.substr(0, end)));
    lines.remove_prefix(end + 1);
  }
  return width;
}

Table without(const Table& table, const std::string& column) {
  std::vector<std::string> kept = table.columns;
  std::erase(kept, column);
  return select_columns(table, kept);
}

/// A name, then what it is: a line of it is broken behind the name.
std::string definition(const std::string& name, std::size_t width, const std::string& value, std::size_t columns) {
  return value.empty() ? name + "\n" : wrapped(padded(name, width, false) + "  " + value, width + 2, columns);
}

/// Of two columns the first names the second; else a row is several lines, each named by its column.
std::string record_lines(const Table& table, std::size_t columns) {
  const auto lines = lines_of(table, visible_name);
  const bool is_list = table.columns.size() == 2;
  std::size_t width = 0;
  for (const auto& cells : lines) width = std::max(width, is_list ? display_width(cells.front()) : 0);
  for (const std::string& name : lines.front()) width = std::max(width, is_list ? 0 : display_width(name));
  std::string text;
  for (auto cells = lines.begin() + (is_list ? 0 : 1); cells != lines.end(); ++cells) {
    if (is_list) {
      text += definition(cells->front(), width, cells->back(), columns);
      continue;
    }
    if (!text.empty()) text += "\n";
    for (std::size_t c = 0; c < cells->size(); ++c) text += definition(lines.front()[c], width, (*cells)[c], columns);
  }
  return text;
}

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_lines(const Table& table) {
  std::string text;
  for (const auto& cells : lines_of(table, csv_cell)) {
    for (std::size_t c = 0; c < cells.size(); ++c) text += (c ? "," : "") + cells[c];
    text += "\n";
  }
  return text;
}

std::string markdown_cell(std::string_view text) {
  std::string escaped;
  for (const char c : visible_name(text)) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

std::string markdown_line(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const std::string& cell : cells) text += " " + cell + " |";
  return text + "\n";
}

std::string markdown_lines(const Table& table) {
  auto lines = lines_of(table, markdown_cell);
  lines.insert(lines.begin() + 1, std::vector<std::string>(table.columns.size(), "---"));
  std::string text;
  for (const auto& cells : lines) text += markdown_line(cells);
  return text;
}

/// Escapes leave no character that a terminal would act on, and nothing is lost.
std::string dumped(const nlohmann::ordered_json& json, int indent) {
  return json.dump(indent, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string json_list(const Table& table) {
  auto all = nlohmann::ordered_json::array();
  for (const auto& row : table.rows) all.push_back(json_object(table, row));
  return dumped(all, 1);
}

std::string json_lines(const Table& table) {
  std::string text;
  for (const auto& row : table.rows) text += dumped(json_object(table, row), -1);
  return text;
}

}  // namespace

bool is_numeric_column(const Table& table, std::size_t column) {
  bool any = false;
  for (const auto& row : table.rows) {
    if (row[column].is_null()) continue;
    if (!row[column].is_number()) return false;
    any = true;
  }
  return any;
}

TableFormat parse_table_format(const std::string& name) {
  if (name == "table") return TableFormat::text;
  if (name == "csv") return TableFormat::csv;
  if (name == "json") return TableFormat::json;
  if (name == "jsonl") return TableFormat::jsonl;
  if (name == "md") return TableFormat::markdown;
  throw UsageError("--format: '" + name + "' is not one of table, csv, json, jsonl, md");
}

std::string format_table(const Table& table, TableFormat format) {
  switch (format) {
    case TableFormat::text: return text_lines(table);
    case TableFormat::csv: return csv_lines(table);
    case TableFormat::json: return json_list(table);
    case TableFormat::jsonl: return json_lines(table);
    case TableFormat::markdown: return markdown_lines(table);
  }
  throw InternalError("unknown table format");
}

bool fits(const Table& table, std::size_t columns) { return widest_line(text_lines(table)) <= columns; }

std::string fitted_table(const Table& table, std::size_t columns, const std::vector<std::string>& droppable) {
  Table kept = table;
  std::string text = text_lines(kept);
  for (auto next = droppable.begin(); next != droppable.end() && widest_line(text) > columns; ++next) {
    kept = without(kept, *next);
    text = text_lines(kept);
  }
  return widest_line(text) <= columns || kept.rows.empty() ? text : record_lines(table, columns);
}

bool is_for_people(TableFormat format) { return format == TableFormat::text || format == TableFormat::markdown; }

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

}  // namespace qeval
