#include "tools/qeval/html/reliability_section.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "tools/qeval/html/chart_axis.h"
#include "tools/qeval/html/html_table.h"
#include "tools/qeval/html/reliability_chart.h"
#include "tools/qeval/html/report_words.h"

namespace qeval {
namespace {

/// Those that have probabilities, as many as a chart can tell apart.
std::vector<const ReportedRun*> rated_runs(const Report& report) {
  std::vector<const ReportedRun*> runs;
  for (const ReportedRun& run : report.runs)
    if (!run.reliability.empty() && runs.size() < chart_series) runs.push_back(&run);
  return runs;
}

Table reliability_table(const std::vector<const ReportedRun*>& runs) {
  Table table{{"run", "probability above, %", "images", "mean probability, %", "right, %"}, {}};
  for (const ReportedRun* run : runs)
    for (const ReliabilityBin& bin : run->reliability)
      table.rows.push_back({run_label(run->run), decimals_cell(100 * bin.low, 1), bin.images,
                            decimals_cell(100 * bin.confidence(), 2), decimals_cell(100 * bin.accuracy(), 2)});
  return table;
}

/// "Circles: fp32 (…), expected calibration error 1.23 points. Squares: …"
std::string legend_of(const std::vector<const ReportedRun*>& runs) {
  constexpr std::array<const char*, chart_series> shapes{"Circles", "Squares", "Triangles", "Diamonds"};
  std::string text;
  for (std::size_t r = 0; r < runs.size(); ++r)
    text += fmt::format("{}{}: {}, expected calibration error {:.2f} points", text.empty() ? "" : ". ", shapes[r],
                        run_label(runs[r]->run), 100 * expected_calibration_error(runs[r]->reliability));
  return text + ". On the dashed line an answer is right as often as it says.";
}

}  // namespace

void write_reliability(HtmlWriter& html, const Report& report) {
  write_heading(html, "reliability", "Reliability");
  const auto runs = rated_runs(report);
  if (runs.empty()) {
    html.leaf("p", "No run has probabilities.");
    return;
  }
  std::vector<std::vector<ReliabilityBin>> curves;
  for (std::size_t r = 0; r < runs.size(); ++r) curves.push_back(runs[r]->reliability);
  {
    const auto figure = html.element("figure");
    draw_reliability_chart(html, curves, "How often answers are right, by the probability they were given with");
    html.leaf("figcaption", legend_of(runs));
  }
  if (runs.size() < report.runs.size())
    html.leaf(
        "p",
        fmt::format("Drawn are {} of {} runs: the first that have probabilities.", runs.size(), report.runs.size()),
        {{"class", "soft"}});
  write_table(html, reliability_table(runs), {.caption = "Answers in bins of equal width of their probability"});
}

}  // namespace qeval
