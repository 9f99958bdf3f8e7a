#include "tools/qeval/html/encodings_section.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "jobs/report/tensor_ranges.h"
#include "pipeline/base/listed_names.h"
#include "tools/qeval/html/html_table.h"
#include "tools/qeval/html/range_bars_chart.h"
#include "tools/qeval/html/report_words.h"

namespace qeval {
namespace {

using Range = std::pair<double, double>;

/// With the ranges as bars, behind the name.
void write_with_bars(HtmlWriter& html, Table table, HtmlTableOptions options,
                     const std::vector<std::vector<Range>>& ranges) {
  std::vector<Range> all;
  for (const auto& row : ranges) all.insert(all.end(), row.begin(), row.end());
  const RangeAxis axis(all);
  table.columns.insert(table.columns.begin() + 1, "range, " + axis.text());
  for (auto& row : table.rows) row.insert(row.begin() + 1, Cell());
  options.cell = [&](std::size_t row, std::size_t column) {
    if (column != 1) return false;
    const auto cell = html.element("td");
    draw_range_bars(html, axis, ranges[row]);
    return true;
  };
  write_table(html, table, options);
}

void write_ranges(HtmlWriter& html, const Report& report, const ReportedRun& run) {
  Table table{{"tensor", "role", "bits", "encodings", "min", "max", "remark"}, {}};
  std::vector<std::vector<Range>> bars;
  for (const TensorRange& range : tensor_ranges(*run.encodings)) {
    table.rows.push_back({range.tensor, range.role,
                          fmt::format("{}\u00a0{}", range.bits, range.symmetric ? "sym" : "asym"), range.encodings,
                          digits_cell(range.min, 5), digits_cell(range.max, 5),
                          range.outlier ? Cell("outlier") : Cell()});
    bars.push_back({{range.min, range.max}});
  }
  write_with_bars(html, std::move(table),
                  {.caption = fmt::format("Ranges of {}, set {}", run_label(run.run), run.encodings->name),
                   .whole_list = fmt::format("qeval show {} --encodings", run.run.name),
                   .most_rows = report.rows_in_lists},
                  bars);
}

void write_difference(HtmlWriter& html, const Report& report, const EncodingsComparison& comparison) {
  const RunRecord& run = report.runs[comparison.run].run;
  Table table{{"tensor", "channel", "distance", "min A", "max A", "min B", "max B", "settings A/B"}, {}};
  std::vector<std::vector<Range>> bars;
  for (const EncodingDifference& row : comparison.diff.common) {
    if (row.distance == 0 && row.settings.empty()) continue;
    table.rows.push_back({row.name, row.channel < 0 ? Cell() : Cell(row.channel), digits_cell(row.distance, 4),
                          digits_cell(row.first.min, 5), digits_cell(row.first.max, 5), digits_cell(row.second.min, 5),
                          digits_cell(row.second.max, 5), row.settings.empty() ? Cell() : Cell(row.settings)});
    bars.push_back({{row.first.min, row.first.max}, {row.second.min, row.second.max}});
  }
  html.leaf("h3", fmt::format("Ranges of {} against {}", run_label(run), comparison.name));
  html.leaf("p",
            fmt::format("{} of {} tensors that both have differ; the distance is the share of both ranges "
                        "together that is not common to both, of the channel that disagrees most. A is {}, B is {}.",
                        table.rows.size(), comparison.diff.common.size(), comparison.name, run_label(run)));
  if (!comparison.diff.only_first.empty())
    html.leaf("p", fmt::format("Only in A: {}.", listed_names(comparison.diff.only_first, 10)));
  if (!comparison.diff.only_second.empty())
    html.leaf("p", fmt::format("Only in B: {}.", listed_names(comparison.diff.only_second, 10)));
  if (!table.rows.empty())
    write_with_bars(
        html, std::move(table),
        {.caption = "Ranges that differ, the farthest apart first; A above B", .most_rows = report.rows_in_lists},
        bars);
}

}  // namespace

bool has_encodings(const Report& report) {
  return std::any_of(report.runs.begin(), report.runs.end(),
                     [](const ReportedRun& run) { return run.encodings.has_value(); });
}

void write_encodings(HtmlWriter& html, const Report& report, const std::vector<EncodingsComparison>& comparisons) {
  if (!has_encodings(report)) return;
  write_heading(html, "encodings", "Encoding ranges");
  html.leaf("p",
            fmt::format("Of several channels or blocks, the range of all together. An outlier reaches more than {} "
                        "times as far as half of the tensors of its kind.",
                        outlier_factor));
  for (const ReportedRun& run : report.runs)
    if (run.encodings) write_ranges(html, report, run);
  for (const EncodingsComparison& comparison : comparisons) write_difference(html, report, comparison);
}

}  // namespace qeval
