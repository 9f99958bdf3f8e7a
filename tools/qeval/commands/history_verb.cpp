#include <limits>
#include <sstream>

#include "storage/queries.h"
#include "tools/qeval/commands/database_path.h"
#include "tools/qeval/commands/options.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/text/text_table.h"

namespace qeval {
namespace {

constexpr const char* shown_columns =
    "name,state,created_at,arch,variant,dataset,n_done,n_total,top1,top1_low,top1_high,top5,images_per_s";

std::vector<std::string> split(const std::string& names) {
  std::vector<std::string> parts;
  std::istringstream stream(names);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

}  // namespace

int history_verb(const std::vector<std::string>& arguments) {
  Options options("history [options]");
  options.value("where", "SQL", "condition over the history view, e.g. \"arch like 'resnext%' and top1 > 78\"")
      .value("sort", "COLUMN", "a column, with - behind it for descending (default: newest first)")
      .value("columns", "A,B…", "these columns, or all (default: the ones that fit a terminal; csv and json: all)")
      .value("limit", "N", "at most N runs")
      .value("format", "F", "table, csv, json, jsonl or md")
      .value("db", "FILE", "results database");
  if (!options.parse(arguments)) return 0;

  HistoryFilter filter;
  filter.where = options.text("where");
  filter.sort = options.text("sort");
  filter.limit = static_cast<int>(options.integer("limit", 1, std::numeric_limits<int>::max()).value_or(0));
  const TableFormat format = parse_table_format(options.text("format", "table"));
  const Table table = Queries::open(database_path(options.text("db")))->history(filter);
  const std::string columns = options.text("columns", is_for_people(format) ? shown_columns : "all");
  write_out(format_table(columns == "all" ? table : select_columns(table, split(columns)), format));
  return 0;
}

}  // namespace qeval
