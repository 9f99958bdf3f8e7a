#include "tools/qeval/html/summary_sections.h"

#include <algorithm>

#include <fmt/core.h>

#include "storage/wilson.h"
#include "tools/qeval/html/chart_axis.h"
#include "tools/qeval/html/html_table.h"
#include "tools/qeval/html/interval_chart.h"
#include "tools/qeval/html/report_words.h"
#include "tools/qeval/text/comparison_text.h"
#include "tools/qeval/text/number_text.h"

namespace qeval {
namespace {

void write_half_runs(HtmlWriter& html, const Report& report) {
  for (const ReportedRun& reported : report.runs) {
    if (!reported.is_half()) continue;
    const auto note = html.element("p", {{"class", "half"}, {"role", "note"}});
    html.leaf("strong", "Half a run: ");
    html.text(fmt::format("{} has evaluated {} of {} images ({}). Its figures are those of the images so far.",
                          run_label(reported.run), with_commas(reported.run.n_done), with_commas(reported.run.n_total),
                          run_state_word(reported.run.state)));
  }
}

std::string verdict_class(const AccuracyChange& top1, double alpha) {
  if (top1.counts.discordant() == 0 || !top1.is_real(alpha)) return "verdict";
  return top1.drop() > 0 ? "verdict worse" : "verdict better";
}

Table gates_table(const Report& report) {
  Table table{{"run", "gate", "verdict"}, {}};
  for (const ReportedRun& reported : report.runs) {
    for (const auto& [gate, missed] : reported.gates.gates) {
      const std::string verdict = missed.empty() ? "met" : "missed: " + missed;
      table.rows.push_back({run_label(reported.run), gate,
                            reported.gates.not_judged.empty() ? verdict : "not judged: " + reported.gates.not_judged});
    }
    if (reported.gates.gates.empty() && !reported.gates.not_judged.empty())
      table.rows.push_back({run_label(reported.run), Cell(), "not judged: " + reported.gates.not_judged});
  }
  return table;
}

Cell speed_cell(const RunRecord& run) {
  return run.active_s > 0 ? decimals_cell(static_cast<double>(run.n_done) / run.active_s, 1) : Cell();
}

Table accuracy_table(const Report& report) {
  Table table{
      {"run", "precision", "state", "images", "failed", "not finite", "top-1 % (95 %)", "top-5 % (95 %)", "images/s"},
      {}};
  for (const ReportedRun& reported : report.runs) {
    const RunRecord& run = reported.run;
    table.rows.push_back({run_label(run), run.precision, run_state_word(run.state),
                          reported.is_half()
                              ? Cell(fmt::format("{} of {}", with_commas(run.n_done), with_commas(run.n_total)))
                              : Cell::real(0, with_commas(run.n_done)),
                          run.n_failed, reported.not_finite.images, accuracy_cell(run.n_correct1, run),
                          accuracy_cell(run.n_correct5, run), speed_cell(run)});
  }
  return table;
}

void write_ties(HtmlWriter& html, const Report& report) {
  for (const ReportedRun& reported : report.runs) {
    if (reported.ties.images > 0)
      html.leaf(
          "p",
          fmt::format("{}: {} images have several best classes, {} of them count as right: torch.topk's order "
                      "chose.",
                      run_label(reported.run), with_commas(reported.ties.images), with_commas(reported.ties.right)),
          {{"class", "soft"}});
    if (reported.not_finite.images > 0)
      html.leaf("p", fmt::format("{}: {} images without a finite answer count as wrong: {}", run_label(reported.run),
                                 with_commas(reported.not_finite.images), reported.not_finite.explanation));
  }
}

}  // namespace

void write_verdict(HtmlWriter& html, const Report& report) {
  write_heading(html, "verdict", "Verdict");
  write_half_runs(html, report);
  const RunRecord& baseline = report.runs.front().run;
  for (const ReportedComparison& comparison : report.comparisons)
    html.leaf("p",
              drop_sentence(report.runs[comparison.run].run.variant, run_label(baseline), comparison.comparison,
                            report.alpha),
              {{"class", verdict_class(comparison.comparison.top1, report.alpha)}});
  if (report.comparisons.empty())
    html.leaf("p", "No run to compare with: the database has no finished run without quantization of these images.");
  const Table gates = gates_table(report);
  if (!gates.rows.empty()) write_table(html, gates, {.caption = "Gates of the job", .of_words = true});
}

void write_accuracy(HtmlWriter& html, const Report& report) {
  write_heading(html, "accuracy", "Accuracy");
  write_table(html, accuracy_table(report), {.caption = "Each run by itself; intervals are Wilson's"});
  std::vector<IntervalMark> marks;
  for (std::size_t r = 0; r < report.runs.size(); ++r) {
    const RunRecord& run = report.runs[r].run;
    if (run.n_done == 0) continue;
    const auto [low, high] = wilson_interval(run.n_correct1, run.n_done);
    marks.push_back({run_label(run), 100.0 * static_cast<double>(run.n_correct1) / static_cast<double>(run.n_done),
                     100 * low, 100 * high, std::min<std::size_t>(r, 1)});
  }
  if (!marks.empty()) {
    const auto figure = html.element("figure");
    draw_interval_chart(html, marks, "top-1, %", "Top-1 accuracy of each run with its 95 % interval");
    html.leaf("figcaption",
              "Top-1 with 95 % intervals. Of runs on the same images, these intervals say less than the paired "
              "comparison: they may overlap although a difference is real.");
  }
  write_ties(html, report);
}

}  // namespace qeval
