#include "storage/history.h"

#include <algorithm>
#include <array>

#include "storage/where_clause.h"

namespace qeval {

namespace {

std::vector<std::string> column_names(const Statement& statement) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(statement.columns()));
  for (int column = 0; column < statement.columns(); ++column) names.push_back(statement.column_name(column));
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string order_by(std::string sort, const std::vector<std::string>& columns) {
  if (sort.empty()) return "id DESC";
  const bool descending = sort.back() == '-';
  if (descending) sort.pop_back();
  if (std::find(columns.begin(), columns.end(), sort) == columns.end()) {
    throw UsageError("--sort: there is no column \"" + sort + "\"; the columns are: " + joined(columns) +
                     " (a '-' after one sorts downwards)");
  }
  return sort + (descending ? " DESC" : "") + " NULLS LAST, id DESC";
}

/// Counts that the view has as rounded percentages alone.
constexpr std::array exact_counts{"n_correct1", "n_correct5"};

/// The view under its own name, with the state corrected, so that a condition sees the corrected one.
std::string corrected_view(const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& column : columns) {
    if (!list.empty()) list += ", ";
    const bool is_count = std::find(exact_counts.begin(), exact_counts.end(), column) != exact_counts.end();
    if (column == "state")
      list += "CASE WHEN state = 'running' AND ?1 THEN 'interrupted' ELSE state END AS state";
    else
      list += is_count ? "(SELECT " + column + " FROM run WHERE run.id = main.history.id) AS " + column : column;
  }
  return "WITH history AS (SELECT " + list + " FROM main.history) ";
}

/// What the filter's fields ask for; their values are bound, never part of the text.
constexpr const char* field_conditions =
    " WHERE (?3 = '' OR arch = ?3 OR arch GLOB ?3) AND (?4 = '' OR dataset = ?4 OR dataset GLOB ?4)"
    " AND (?5 = '' OR instr(',' || tags || ',', ',' || ?5 || ',') > 0) AND (?6 = '' OR created_at >= ?6)";

}  // namespace

Table read_table(Statement statement) {
  Table table;
  table.columns = column_names(statement);
  while (statement.step()) {
    std::vector<Cell>& row = table.rows.emplace_back();
    for (int column = 0; column < statement.columns(); ++column) row.push_back(statement.cell(column));
  }
  return table;
}

Table read_history(Database& database, const HistoryFilter& filter, bool writer_is_gone) {
  std::vector<std::string> columns = column_names(database.query("SELECT * FROM main.history LIMIT 0"));
  columns.insert(columns.end(), exact_counts.begin(), exact_counts.end());
  require_contained_expression(filter.where);
  std::string sql = corrected_view(columns) + "SELECT * FROM history" + field_conditions;
  if (!filter.where.empty()) sql += " AND (" + filter.where + ")";
  sql += " ORDER BY " + order_by(filter.sort, columns) + " LIMIT ?2";
  try {
    return read_table(database.query(sql, writer_is_gone, filter.limit > 0 ? filter.limit : -1, filter.arch,
                                     filter.dataset, filter.tag, filter.since));
  } catch (const SqlError& error) {
    if (filter.where.empty()) throw;
    throw UsageError("--where: " + error.detail() + "; the columns are: " + joined(columns));
  }
}

}  // namespace qeval
