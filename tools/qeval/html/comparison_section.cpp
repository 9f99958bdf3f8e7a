#include "tools/qeval/html/comparison_section.h"

#include <map>

#include <fmt/core.h>

#include "stages/metrics/paired_difference.h"
#include "tools/qeval/html/base64.h"
#include "tools/qeval/html/class_chart.h"
#include "tools/qeval/html/html_table.h"
#include "tools/qeval/html/report_words.h"
#include "tools/qeval/text/comparison_text.h"
#include "tools/qeval/text/number_text.h"

namespace qeval {
namespace {

Cell count_cell(std::int64_t count) { return Cell::real(0, with_commas(count)); }

void write_counts(HtmlWriter& html, const Comparison& comparison) {
  const PairedCounts& top1 = comparison.top1.counts;
  const Table table{{"top-1", "B right", "B wrong"},
                    {{"A right", count_cell(top1.both_right), count_cell(top1.broke)},
                     {"A wrong", count_cell(top1.fixed), count_cell(top1.both_wrong)}}};
  write_table(
      html, table,
      {.caption = fmt::format("{} images that both evaluated; {} broke, {} were fixed, {} moved to another wrong "
                              "class",
                              with_commas(top1.images()), with_commas(top1.broke), with_commas(top1.fixed),
                              with_commas(comparison.moved))});
}

std::vector<Cell> metric_row(const char* name, const AccuracyChange& change, double alpha) {
  const PairedCounts& counts = change.counts;
  const auto percent = [&](std::int64_t right) {
    return decimals_cell(100.0 * static_cast<double>(right) / static_cast<double>(counts.images()), 3);
  };
  return {name,
          percent(counts.both_right + counts.broke),
          percent(counts.both_right + counts.fixed),
          interval_text(change.interval),
          test_text(change),
          verdict_text(change, alpha)};
}

void write_metrics(HtmlWriter& html, const Comparison& comparison, double alpha) {
  const Table table{{"metric", "A, %", "B, %", "difference (95 %)", "test", "verdict"},
                    {metric_row("top-1", comparison.top1, alpha), metric_row("top-5", comparison.top5, alpha)}};
  write_table(
      html, table,
      {.caption = fmt::format("{} of the paired difference; real where p is below {}", paired_interval_name, alpha),
       .of_words = true});
}

/// What of the two runs is not compared, and what counts as wrong.
void write_left_out(HtmlWriter& html, const Comparison& comparison) {
  std::string text;
  const auto add = [&text](std::int64_t images, const char* what) {
    if (images > 0) text += fmt::format("{}{} {}", text.empty() ? "Not compared: " : ", ", with_commas(images), what);
  };
  add(comparison.only_first, "that only A evaluated");
  add(comparison.only_second, "that only B evaluated");
  add(comparison.other_content, "with another content");
  add(comparison.other_label, "with another label");
  if (!text.empty()) html.leaf("p", text + ".");
  if (const std::string unusable = unusable_text(comparison, "A", "B"); !unusable.empty())
    html.leaf("p", "Note: " + unusable + ".");
}

void write_classes(HtmlWriter& html, const Report& report, const ReportedComparison& comparison) {
  html.leaf("h3", "Change by class");
  {
    const auto figure = html.element("figure");
    draw_class_chart(html, comparison.classes, "Change of each class's share of right images, sorted");
    html.leaf("figcaption", "Each class by the change of the share of its images that is right, sorted.");
  }
  const Table table = class_table(compared_run(report, comparison), comparison.classes, TableFormat::text);
  write_table(html, table,
              {.caption = "Classes, the most hurt first",
               .whole_list = compare_command(report, comparison, "--by class --format csv"),
               .most_rows = report.rows_in_lists});
}

bool has_thumbnails(const ReportedComparison& comparison) {
  for (const ReportedFlip& flip : comparison.flips)
    if (!flip.thumbnail.empty()) return true;
  return false;
}

/// A cell with the picture, where there is one.
void write_picture(HtmlWriter& html, const ReportedFlip& flip) {
  const auto cell = html.element("td");
  if (!flip.thumbnail.empty())
    html.single("img", {{"alt", ""}, {"src", "data:image/jpeg;base64," + base64(flip.thumbnail)}});
}

void write_flips(HtmlWriter& html, const Report& report, const ReportedComparison& comparison) {
  const std::int64_t all = comparison.comparison.top1.counts.discordant() + comparison.comparison.moved;
  html.leaf("h3", "Images that are answered differently");
  if (all == 0) {
    html.leaf("p", "None.");
    return;
  }
  Table table = reported_flips_table(report, comparison, TableFormat::text);
  HtmlTableOptions options{.caption = "Those of which A was surest, of each kind",
                           .rows_in_all = static_cast<std::size_t>(all),
                           .whole_list = compare_command(report, comparison, "--flips --format csv")};
  if (has_thumbnails(comparison)) {
    table.columns.insert(table.columns.begin() + 1, "picture");
    for (auto& row : table.rows) row.insert(row.begin() + 1, Cell());
    options.cell = [&](std::size_t row, std::size_t column) {
      if (column != 1) return false;
      write_picture(html, comparison.flips[row]);
      return true;
    };
  }
  write_table(html, table, options);
}

void write_confusions(HtmlWriter& html, const Report& report, const ReportedComparison& comparison) {
  if (comparison.confusions.empty()) return;
  html.leaf("h3", "Confusions");
  write_table(html, confusion_table(compared_run(report, comparison), comparison.confusions, TableFormat::text),
              {.caption = "Classes that B takes for another more often, or less often, than A",
               .rows_in_all = comparison.confusions_in_all,
               .whole_list = compare_command(report, comparison, "--by confusion --format csv")});
}

}  // namespace

void write_comparison(HtmlWriter& html, const Report& report, std::size_t number) {
  const ReportedComparison& comparison = report.comparisons[number];
  const RunRecord &first = report.runs.front().run, &second = report.runs[comparison.run].run;
  write_heading(html, fmt::format("comparison-{}", number + 1),
                fmt::format("{} against {}", run_label(second), run_label(first)));
  html.leaf("p", fmt::format("A is {}, B is {}.", run_label(first), run_label(second)));
  write_left_out(html, comparison.comparison);
  if (comparison.comparison.top1.counts.images() == 0) {
    html.leaf("p", "No image that both evaluated yet.");
    return;
  }
  write_counts(html, comparison.comparison);
  write_metrics(html, comparison.comparison, report.alpha);
  write_classes(html, report, comparison);
  write_flips(html, report, comparison);
  write_confusions(html, report, comparison);
}

}  // namespace qeval
