#include <algorithm>

#include <fmt/core.h>

#include "pipeline/base/errors.h"
#include "stages/quant/files/encodings_names.h"
#include "tools/qeval/commands/encodings_commands.h"
#include "tools/qeval/commands/encodings_diff.h"
#include "tools/qeval/commands/options.h"
#include "tools/qeval/text/progress_output.h"
#include "tools/qeval/text/table_output.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/text/text_table.h"

namespace qeval {
namespace {

constexpr const char* diff_usage = "encodings diff A B [options]   (sets or AIMET files)";
constexpr int bar_width = 32;
constexpr std::int64_t rows_shown = 40;
constexpr double default_tolerance = 1e-6;

/// Rows with the ranges as bars for people, without them for programs.
Table difference_table(const std::vector<EncodingDifference>& rows, bool bars, bool unicode) {
  Table table;
  table.columns = {"quantizer", "channel", "distance", "min A", "max A", "min B", "max B", "settings A/B"};
  if (bars) table.columns.push_back("ranges");
  for (const EncodingDifference& row : rows) {
    const auto number = [bars](double value, int digits) {
      return bars ? Cell::real(value, fmt::format("{:.{}g}", value, digits)) : Cell(value);
    };
    std::vector<Cell> cells{row.name, row.channel < 0 ? Cell() : Cell(row.channel), number(row.distance, 4)};
    for (const double end : {row.first.min, row.first.max, row.second.min, row.second.max})
      cells.push_back(number(end, 6));
    cells.push_back(row.settings.empty() ? Cell() : Cell(row.settings));
    // A frame keeps the blanks of the table's last column.
    if (bars) cells.push_back("|" + range_bars(row.first, row.second, bar_width, unicode) + "|");
    table.rows.push_back(std::move(cells));
  }
  return table;
}

void print_names(const char* side, const std::vector<std::string>& names) {
  if (names.empty()) return;
  out("\nonly in {} ({})\n", side, names.size());
  for (const std::string& name : names) out("  {}\n", name);
}

void print_report(const EncodingsDiff& diff, std::vector<EncodingDifference> rows, double tolerance, std::int64_t limit,
                  bool unicode) {
  const std::size_t differ = rows.size();
  if (rows.size() > static_cast<std::size_t>(limit)) rows.resize(static_cast<std::size_t>(limit));
  out("{} of {} common quantizers differ (distance above {:g})", differ, diff.common.size(), tolerance);
  if (rows.size() < differ) out("; the worst {} (--limit shows more)", rows.size());
  out("\n");
  if (!rows.empty()) {
    out("ranges: {}\n\n", unicode ? "▀ A alone, ▄ B alone, █ both" : "A alone, B alone, # both");
    print_table(difference_table(rows, true, unicode), TableFormat::text);
  }
  print_names("A", diff.only_first);
  print_names("B", diff.only_second);
}

/// Names that only one side has are rows with empty cells for the other.
Table full_table(const EncodingsDiff& diff, const std::vector<EncodingDifference>& rows) {
  Table table = difference_table(rows, false, false);
  const auto add = [&](const std::vector<std::string>& names, const char* side) {
    for (const std::string& name : names)
      table.rows.push_back({name, {}, {}, {}, {}, {}, {}, std::string("only in ") + side});
  };
  add(diff.only_first, "A");
  add(diff.only_second, "B");
  return table;
}

}  // namespace

int diff_encodings_command(const std::vector<std::string>& arguments) {
  Options options(diff_usage);
  options.positional("sets", 2);
  options.value("tolerance", "SHARE", "ranges count as equal up to this distance (default 1e-6: more than rounding)")
      .value("limit", "N", "rows to show (default 40; all in other formats)")
      .value("names", "MAP", "name map for A, JSON: {\"name in A\": \"name in B\"}")
      .flag("ascii", "bars of A, B and # (default where the locale is not UTF-8)")
      .value("format", "F", "table, csv, json, jsonl or md")
      .value("db", "FILE", "results database");
  if (!options.parse(arguments)) return 0;
  const std::vector<std::string> sets = options.list("sets");
  if (sets.size() != 2)
    throw UsageError(fmt::format("encodings diff: two sets or files are needed (usage: qeval {})", diff_usage));
  const TableFormat format = parse_table_format(options.text("format", "table"));
  const double tolerance = options.share("tolerance").value_or(default_tolerance);
  const std::int64_t limit = options.integer("limit", 1, 1'000'000).value_or(rows_shown);

  EncodingsFile first = open_encodings(sets[0], options.text("db"));
  if (options.given("names"))
    for (const std::string& name : rename_entries(first, read_name_map(options.text("names")).names))
      err("note: {} has no {}, which the name map names\n", sets[0], name);
  const EncodingsDiff diff = diff_encodings(first, open_encodings(sets[1], options.text("db")));
  std::vector<EncodingDifference> rows = diff.common;
  std::erase_if(rows, [&](const EncodingDifference& row) { return row.distance <= tolerance && row.settings.empty(); });
  if (format == TableFormat::text)
    print_report(diff, rows, tolerance, limit, !options.given("ascii") && locale_is_utf8());
  else
    print_table(full_table(diff, rows), format);
  return rows.empty() && diff.only_first.empty() && diff.only_second.empty() ? 0 : static_cast<int>(ExitCode::negative);
}

}  // namespace qeval
