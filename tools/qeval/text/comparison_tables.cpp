#include "tools/qeval/text/comparison_tables.h"

#include <algorithm>

#include <fmt/core.h>

#include "tools/qeval/text/class_cell.h"
#include "tools/qeval/text/comparison_text.h"

namespace qeval {
namespace {

Cell index_cell(int index) { return index < 0 ? Cell() : Cell(index); }

Cell margin_cell(const Outcome& outcome, TableFormat format) {
  if (outcome.status != Outcome::Status::ok) return {};
  return is_for_people(format) ? Cell::real(outcome.margin, fmt::format("{:.3f}", outcome.margin))
                               : Cell(outcome.margin);
}

/// What a run answers, in one word.
Cell answer_cell(const ComparedRun& run, const Outcome& outcome) {
  if (outcome.status == Outcome::Status::failed) return "failed";
  return outcome.status == Outcome::Status::not_finite ? Cell("not finite") : class_cell(run.classes, outcome.top1);
}

void add_metric(const std::string& metric, const AccuracyChange& change, double alpha, Table& table,
                std::vector<Cell>& row) {
  const auto add = [&](const char* name, Cell cell) {
    table.columns.push_back(metric + "_" + name);
    row.push_back(std::move(cell));
  };
  const PairedCounts& counts = change.counts;
  const ChiSquared chi = mcnemar_chi_squared(counts.broke, counts.fixed);
  add("both_right", counts.both_right);
  add("broke", counts.broke);
  add("fixed", counts.fixed);
  add("both_wrong", counts.both_wrong);
  add("difference", change.interval.difference);
  add("low", change.interval.low);
  add("high", change.interval.high);
  add("p", change.test.p);
  add("test", change.test.method == PairedTest::Method::exact ? "exact" : "mid-p");
  add("p_exact", mcnemar_exact(counts.broke, counts.fixed));
  add("p_mid", mcnemar_mid_p(counts.broke, counts.fixed));
  add("chi_squared", chi.statistic);
  add("p_chi_squared", chi.p);
  add("real", change.is_real(alpha) ? "yes" : "no");
  const auto telling = images_that_would_tell(counts, alpha);
  add("images_that_would_tell", telling ? Cell(*telling) : Cell());
}

}  // namespace

Table comparison_table(const std::vector<ComparedRun>& runs, double alpha) {
  Table table;
  for (const ComparedRun& compared : runs) {
    const Comparison& c = compared.comparison;
    table.columns = {"baseline",       "run",
                     "images",         "only_baseline",
                     "only_run",       "failed_baseline",
                     "failed_run",     "not_finite_baseline",
                     "not_finite_run", "moved",
                     "interval",       "alpha"};
    std::vector<Cell> row{compared.baseline.name,
                          compared.run.name,
                          c.top1.counts.images(),
                          c.only_first,
                          c.only_second,
                          c.unusable_first.failed,
                          c.unusable_second.failed,
                          c.unusable_first.not_finite,
                          c.unusable_second.not_finite,
                          c.moved,
                          std::string(paired_interval_name) + ", 95 %",
                          alpha};
    add_metric("top1", c.top1, alpha, table, row);
    add_metric("top5", c.top5, alpha, table, row);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table flips_table(const ComparedRun& run, const std::vector<Flip>& flips,
                  const std::function<std::string(std::int64_t)>& image_name, TableFormat format) {
  Table table;
  const bool people = is_for_people(format);
  if (people)
    table.columns = {"change", "image", "class", "A", "B", "margin A", "margin B"};
  else
    table.columns = {"run",      "change",         "image",     "label",           "class",     "top1_baseline",
                     "top1_run", "class_baseline", "class_run", "margin_baseline", "margin_run"};
  for (const auto& [kind, row] : flips) {
    const auto& [first, second] = row;
    const std::string image = image_name(first.sample_id);
    if (people)
      table.rows.push_back({flip_name(kind), image, class_cell(run.classes, first.label), answer_cell(run, first),
                            answer_cell(run, second), margin_cell(first, format), margin_cell(second, format)});
    else
      table.rows.push_back({run.run.name, flip_name(kind), image, first.label, class_cell(run.classes, first.label),
                            index_cell(first.top1), index_cell(second.top1), answer_cell(run, first),
                            answer_cell(run, second), margin_cell(first, format), margin_cell(second, format)});
  }
  return table;
}

Table narrow_flips_table(const Table& flips) {
  Table table{{"change", "image, class: answer and margin of A, of B"}, {}};
  for (const auto& row : flips.rows) {
    const auto with_margin = [&](std::size_t answer, std::size_t margin) {
      return row[answer].text() + (row[margin].is_null() ? "" : " " + row[margin].text());
    };
    table.rows.push_back({row[0], fmt::format("{}, {}: A {}, B {}", row[1].text(), row[2].text(), with_margin(3, 5),
                                              with_margin(4, 6))});
  }
  return table;
}

Table class_table(const ComparedRun& run, TableFormat format) {
  return class_table(run, class_changes(run.paired.rows), format);
}

Table class_table(const ComparedRun& run, const std::vector<ClassChange>& changes, TableFormat format) {
  Table table;
  const bool people = is_for_people(format);
  if (people)
    table.columns = {"class", "images", "right A", "right B", "broke", "fixed"};
  else
    table.columns = {"run", "label", "class", "images", "right_baseline", "right_run", "broke", "fixed"};
  for (const ClassChange& c : changes) {
    std::vector<Cell> row{class_cell(run.classes, c.label), c.images, c.right_first, c.right_second, c.broke, c.fixed};
    if (!people) row.insert(row.begin(), {run.run.name, index_cell(c.label)});
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table confusion_table(const ComparedRun& run, TableFormat format) {
  return confusion_table(run, confusion_changes(run.paired.rows), format);
}

Table confusion_table(const ComparedRun& run, const std::vector<Confusion>& changes, TableFormat format) {
  Table table;
  const bool people = is_for_people(format);
  if (people)
    table.columns = {"class", "taken for", "images A", "images B"};
  else
    table.columns = {"run", "label", "taken_for", "class", "class_taken_for", "images_baseline", "images_run"};
  for (const Confusion& c : changes) {
    std::vector<Cell> row{class_cell(run.classes, c.label), class_cell(run.classes, c.taken_for), c.first, c.second};
    if (!people) row.insert(row.begin(), {run.run.name, index_cell(c.label), index_cell(c.taken_for)});
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string most_hurt_text(const ComparedRun& run, std::size_t most) {
  std::string text;
  std::size_t named = 0;
  for (const ClassChange& c : class_changes(run.paired.rows)) {
    if (named++ == most || c.broke <= c.fixed) break;
    text += fmt::format("{}{}: {} → {}", text.empty() ? "" : ", ", class_cell(run.classes, c.label).text(),
                        c.right_first, c.right_second);
  }
  return text;
}

}  // namespace qeval
