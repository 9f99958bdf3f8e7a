#include "tools/qeval/html/report_words.h"

#include <map>
#include <vector>

#include <fmt/core.h>

#include "storage/wilson.h"

namespace qeval {

std::string run_label(const RunRecord& run) { return fmt::format("{} ({})", run.variant, run.name); }

Cell accuracy_cell(std::int64_t right, const RunRecord& run) {
  if (run.n_done == 0) return {};
  const auto [low, high] = wilson_interval(right, run.n_done);
  const double share = static_cast<double>(right) / static_cast<double>(run.n_done);
  return Cell::real(share, fmt::format("{:.3f} ({:.2f}–{:.2f})", 100 * share, 100 * low, 100 * high));
}

Cell decimals_cell(double value, int decimals) { return Cell::real(value, fmt::format("{:.{}f}", value, decimals)); }

Cell digits_cell(double value, int digits) { return Cell::real(value, fmt::format("{:.{}g}", value, digits)); }

ComparedRun compared_run(const Report& report, const ReportedComparison& comparison) {
  return {report.runs.front().run, report.runs[comparison.run].run, {}, comparison.comparison, report.classes};
}

Table reported_flips_table(const Report& report, const ReportedComparison& comparison, TableFormat format) {
  std::vector<Flip> flips;
  std::map<std::int64_t, std::string> names;
  for (const ReportedFlip& flip : comparison.flips) {
    flips.push_back(flip.flip);
    names[flip.flip.row.first.sample_id] = flip.image;
  }
  return flips_table(compared_run(report, comparison), flips, [&](std::int64_t id) { return names.at(id); }, format);
}

std::string compare_command(const Report& report, const ReportedComparison& comparison, const std::string& options) {
  return fmt::format("qeval compare {} {} {}", report.runs.front().run.name, report.runs[comparison.run].run.name,
                     options);
}

void write_heading(HtmlWriter& html, const std::string& id, const std::string& title) {
  html.leaf("h2", title, {{"id", id}});
}

}  // namespace qeval
