#include "tools/qeval/text/table_json.h"

#include <utility>

#include "pipeline/base/utf8.h"
#include "pipeline/base/visible_text.h"

namespace qeval {

nlohmann::ordered_json json_value(const Cell& cell) {
  if (cell.is_null()) return nullptr;
  if (cell.is_number()) {
    auto number = nlohmann::ordered_json::parse(cell.text(), nullptr, false);
    if (number.is_number()) return number;  // infinity is none in JSON
  }
  return is_utf8(cell.text()) ? cell.text() : visible_name(cell.text());
}

nlohmann::ordered_json json_object(const Table& table, const std::vector<Cell>& row) {
  nlohmann::ordered_json object;
  for (std::size_t c = 0; c < row.size(); ++c) object[table.columns[c]] = json_value(row[c]);
  return object;
}

nlohmann::ordered_json json_columns(const Table& table) {
  auto rows = nlohmann::ordered_json::array();
  for (const auto& row : table.rows) {
    auto& cells = rows.emplace_back(nlohmann::ordered_json::array());
    for (const Cell& cell : row) cells.push_back(json_value(cell));
  }
  return {{"columns", table.columns}, {"rows", std::move(rows)}};
}

}  // namespace qeval
