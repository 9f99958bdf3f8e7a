#include "tools/qeval/html/sensitivity_section.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/core.h>

#include "stages/metrics/paired_comparison.h"
#include "tools/qeval/html/html_table.h"
#include "tools/qeval/html/interval_chart.h"
#include "tools/qeval/html/report_words.h"
#include "tools/qeval/text/number_text.h"
#include "tools/qeval/text/sensitivity_table.h"

namespace qeval {
namespace {

constexpr std::size_t charted_groups = 20;

/// The worst groups by the divergence that they cause or take away, with its interval.
std::vector<IntervalMark> blame_marks(const SensitivityResult& result) {
  std::vector<std::size_t> order = groups_by_blame(result);
  order.resize(std::min(order.size(), charted_groups));
  std::vector<IntervalMark> marks;
  for (const std::size_t g : order) {
    const SensitivityRow& row = result.rows[g];
    const PairedInterval change = paired_mean_interval(row.change, row.change_squares, row.images);
    marks.push_back({fmt::format("{} {}", result.groups[g].module, group_kind_name(result.groups[g].kind)),
                     change.difference, change.low, change.high,
                     std::size_t{result.groups[g].kind == GroupKind::weights ? 0u : 1u}});
  }
  return marks;
}

/// What fits beside each other; the data for programs have all.
std::vector<std::string> shown_columns(const SensitivityResult& result) {
  std::vector<std::string> columns{"layer",      "kind",    "place",    "top1",       "change",         "p",
                                   "divergence", "div_low", "div_high", "sqnr_local", "sqnr_cumulative"};
  for (const QuantizerGroup& group : result.groups)
    if (!group.shared_with.empty()) {
      columns.emplace_back("shared_with");
      break;
    }
  return columns;
}

/// The table of the verb, with the place in the network in front: its other order.
Table numbered_table(const SensitivityResult& result) {
  std::map<std::pair<std::string, std::string>, std::size_t> place;
  for (std::size_t g = 0; g < result.groups.size(); ++g)
    place[{result.groups[g].module, group_kind_name(result.groups[g].kind)}] = g + 1;
  Table table = sensitivity_table(result, TableFormat::json);
  table.columns.insert(table.columns.begin() + 2, "place");
  for (auto& row : table.rows) {
    const auto found = place.find({row[0].text(), row[1].text()});
    row.insert(row.begin() + 2, found == place.end() ? Cell() : Cell(found->second));
  }
  return select_columns(table, shown_columns(result));
}

void write_analysis(HtmlWriter& html, const ReportedRun& run, const MeasuredSensitivity& measured) {
  const SensitivityResult& result = measured.result;
  const bool alone = result.mode == SensitivityMode::only_one_on;
  html.leaf("h3", fmt::format("{}, {}", run_label(run.run), sensitivity_mode_name(result.mode)));
  html.leaf("p", fmt::format("Each group of quantizers {}, {} images{}.",
                             alone ? "is switched on alone" : "is left out of the quantized network",
                             with_commas(result.plain.images),
                             measured.batches_left == 0
                                 ? ""
                                 : fmt::format(" of {} so far: the analysis is half", with_commas(measured.images))));
  {
    const auto figure = html.element("figure");
    draw_interval_chart(html, blame_marks(result), "change of the divergence, nats",
                        "Groups of quantizers by the change of the divergence, with 95 % intervals", true);
    html.leaf("figcaption",
              fmt::format("Mean change of the Kullback–Leibler divergence from the unquantized network's answers, with "
                          "95 % intervals, the {} most to blame; circles are weights, squares are activations.",
                          std::min(result.groups.size(), charted_groups)));
  }
  write_table(html, numbered_table(result),
              {.caption = "Groups, the most to blame first; place is the order in the network"});
}

}  // namespace

bool has_sensitivity(const Report& report) {
  return std::any_of(report.runs.begin(), report.runs.end(),
                     [](const ReportedRun& run) { return !run.sensitivity.empty(); });
}

void write_sensitivity(HtmlWriter& html, const Report& report) {
  if (!has_sensitivity(report)) return;
  write_heading(html, "sensitivity", "Layer sensitivity");
  for (const ReportedRun& run : report.runs)
    for (const MeasuredSensitivity& measured : run.sensitivity) write_analysis(html, run, measured);
}

}  // namespace qeval
