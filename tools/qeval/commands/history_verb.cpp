#include <ctime>
#include <limits>
#include <sstream>

#include "storage/queries.h"
#include "tools/qeval/commands/database_path.h"
#include "tools/qeval/commands/options.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/history_table.h"
#include "tools/qeval/text/table_output.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/text/time_text.h"

namespace qeval {
namespace {

std::vector<std::string> split(const std::string& names) {
  std::vector<std::string> parts;
  std::istringstream stream(names);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

HistoryFilter filter_of(const Options& options) {
  HistoryFilter filter;
  filter.where = options.text("where");
  filter.sort = options.text("sort");
  filter.limit = static_cast<int>(options.integer("limit", 1, std::numeric_limits<int>::max()).value_or(0));
  filter.arch = options.text("arch");
  filter.dataset = options.text("dataset");
  filter.tag = options.text("tag");
  if (options.given("since")) filter.since = since_utc(options.text("since"), std::time(nullptr));
  return filter;
}

void declare_history(Options& options) {
  options.value("arch", "A", "only runs of this architecture, or of those that a pattern fits: 'resnet*'")
      .value("dataset", "D", "only runs on this data set, or on those that a pattern fits")
      .value("tag", "T", "only runs with this tag")
      .value("since", "TIME",
             "only runs begun so long ago at most, as 30m, 12h, 7d or 2w, or since a day, as 2025-06-01")
      .value("where", "SQL", "condition over the history view, e.g. \"arch like 'resnext%' and top1 > 78\"")
      .value("sort", "COLUMN", "a column, with - behind it for descending (default: newest first)")
      .value("columns", "A,B…", "these columns, or all (default: what fits the terminal; csv and json: all)")
      .value("limit", "N", "at most N runs")
      .value("format", "F", "table, csv, json, jsonl or md; percentages and local times in table and md alone")
      .value("db", "FILE", "results database");
}

}  // namespace

int history_verb(const std::vector<std::string>& arguments) {
  Options options("history [options]");
  declare_history(options);
  if (!options.parse(arguments)) return 0;

  const TableFormat format = parse_table_format(options.text("format", "table"));
  const HistoryFilter filter = filter_of(options);
  const std::filesystem::path database = database_path(options.text("db"));
  const Table table = Queries::open(database)->history(filter);
  if (table.rows.empty() && format == TableFormat::text) {
    const bool is_filtered = filter != HistoryFilter{.sort = filter.sort, .limit = filter.limit};
    out("{} {}\n", is_filtered ? "no such run in" : "no run yet in", database.string());
    return 0;
  }
  const std::string columns = options.text("columns");
  if (columns.empty() && is_for_people(format))
    print_table(history_for_people(table), format, least_of_history());
  else
    print_table(columns.empty() || columns == "all" ? table : select_columns(table, split(columns)), format);
  return 0;
}

}  // namespace qeval
