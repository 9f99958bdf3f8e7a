#include "tools/qeval/html/html_table.h"

#include <algorithm>

#include <fmt/core.h>

#include "tools/qeval/text/number_text.h"
#include "tools/qeval/text/text_table.h"

namespace qeval {
namespace {

/// So many rows are printed of a long table.
constexpr std::size_t printed_rows = 30;

/// "n2 n3": the second and third column are numbers.
std::string classes_of(const Table& table, std::size_t rows, bool of_words) {
  std::string classes = "sortable";
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (is_numeric_column(table, c)) classes += fmt::format(" n{}", c + 1);
  if (rows > printed_rows) classes += " long";
  return classes + (of_words ? " words" : "");
}

std::string caption_of(const HtmlTableOptions& options, std::size_t rows, std::size_t all) {
  if (rows == all) return options.caption;
  return fmt::format("{}: {} of {}{}", options.caption, with_commas(static_cast<std::int64_t>(rows)),
                     with_commas(static_cast<std::int64_t>(all)),
                     options.whole_list.empty() ? "" : "; all of them: " + options.whole_list);
}

/// Numbers with the sign that has the width of a plus.
std::string cell_text(const Cell& cell) {
  const std::string& text = cell.text();
  return cell.is_number() && text.starts_with('-') ? "−" + text.substr(1) : text;
}

void write_row(HtmlWriter& html, const Table& table, std::size_t row, const HtmlTableOptions& options) {
  const auto open = html.element("tr");
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    if (options.cell && options.cell(row, column)) continue;
    const std::string text = cell_text(table.rows[row][column]);
    if (column == 0)
      html.leaf("th", text, {{"scope", "row"}});
    else
      html.leaf("td", text);
  }
}

}  // namespace

void write_table(HtmlWriter& html, const Table& table, const HtmlTableOptions& options) {
  const std::size_t rows = options.most_rows == 0 ? table.rows.size() : std::min(options.most_rows, table.rows.size());
  const std::string caption = caption_of(options, rows, std::max(options.rows_in_all, table.rows.size()));
  const auto box =
      html.element("div", {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", caption}});
  const auto open = html.element("table", {{"class", classes_of(table, rows, options.of_words)}});
  {
    const auto title = html.element("caption");
    html.text(caption);
    if (rows > printed_rows)
      html.leaf("span", fmt::format(" (the first {} rows are printed)", printed_rows), {{"class", "printed"}});
  }
  {
    const auto head = html.element("thead");
    const auto names = html.element("tr");
    for (const std::string& name : table.columns) html.leaf("th", name, {{"scope", "col"}});
  }
  const auto body = html.element("tbody");
  for (std::size_t row = 0; row < rows; ++row) write_row(html, table, row, options);
}

}  // namespace qeval
