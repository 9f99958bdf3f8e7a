#include "tools/qeval/text/job_result_table.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "jobs/run/gates.h"
#include "tools/qeval/text/comparison_text.h"
#include "tools/qeval/text/score_text.h"
#include "tools/qeval/text/table_output.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/text/text_table.h"

namespace qeval {
namespace {

Cell speed(const VariantResult& variant) {
  if (!variant.computed) return "stored";
  if (variant.run.active_s <= 0) return {};
  const double images_per_s = static_cast<double>(variant.run.n_done) / variant.run.active_s;
  return Cell::real(images_per_s, fmt::format("{:.1f}", images_per_s));
}

/// Hardly ever there, so it is a column only where it says something.
void insert_not_finite(const JobResult& result, Table& table) {
  const auto& all = result.variants;
  if (std::all_of(all.begin(), all.end(), [](const VariantResult& v) { return v.not_finite.images == 0; })) return;
  const auto behind = std::find(table.columns.begin(), table.columns.end(), "failed") - table.columns.begin() + 1;
  table.columns.insert(table.columns.begin() + behind, "not finite");
  for (std::size_t i = 0; i < all.size(); ++i)
    table.rows[i].insert(table.rows[i].begin() + behind, Cell(all[i].not_finite.images));
}

/// What a narrow terminal can do without; images that failed are told.
std::vector<std::string> least_columns(const JobResult& result) {
  const auto& all = result.variants;
  const bool none_failed =
      std::all_of(all.begin(), all.end(), [](const VariantResult& v) { return v.run.n_failed == 0; });
  std::vector<std::string> columns{"images/s"};
  if (none_failed) columns.emplace_back("failed");
  columns.emplace_back("top-5 (95 %)");
  return columns;
}

Table result_for_people(const JobResult& result) {
  Table table;
  table.columns = {"variant", "top-1 (95 %)", "top-5 (95 %)", "images", "failed", "images/s", "run"};
  for (const VariantResult& variant : result.variants) {
    const RunRecord& run = variant.run;
    table.rows.push_back({run.variant, score_text(run.n_correct1, run.n_total), score_text(run.n_correct5, run.n_total),
                          run.n_total, run.n_failed, speed(variant), run.name});
  }
  insert_not_finite(result, table);
  return table;
}

Cell share(std::int64_t correct, std::int64_t total) {
  return total == 0 ? Cell() : Cell(static_cast<double>(correct) / static_cast<double>(total));
}

/// What was lost against the baseline, and whether that is real; nothing where nothing was compared.
std::vector<Cell> drop_cells(const VariantResult& variant) {
  if (!variant.drop) return {{}, {}, {}, {}, {}, {}};
  if (!variant.drop->comparison) return {variant.drop->baseline, {}, {}, {}, {}, {}};
  const AccuracyChange& top1 = variant.drop->comparison->top1;
  return {variant.drop->baseline,
          top1.interval.difference,
          top1.interval.low,
          top1.interval.high,
          top1.test.p,
          top1.is_real(variant.alpha) ? "yes" : "no"};
}

Table result_for_programs(const JobResult& result) {
  Table table;
  table.columns = {"variant",         "run",        "state",      "computed", "eval_key",  "images",      "failed",
                   "not_finite",      "right_top1", "right_top5", "top1",     "top5",      "active_s",    "baseline",
                   "top1_difference", "top1_low",   "top1_high",  "top1_p",   "top1_real", "gates_missed"};
  for (const VariantResult& variant : result.variants) {
    const RunRecord& run = variant.run;
    std::vector<Cell> row{run.variant,
                          run.name,
                          run_state_word(run.state),
                          variant.computed ? "yes" : "no",
                          run.eval_key,
                          run.n_total,
                          run.n_failed,
                          variant.not_finite.images,
                          run.n_correct1,
                          run.n_correct5,
                          share(run.n_correct1, run.n_total),
                          share(run.n_correct5, run.n_total),
                          run.active_s};
    for (Cell& cell : drop_cells(variant)) row.push_back(std::move(cell));
    row.push_back(fmt::format("{}", fmt::join(variant.missed, "; ")));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

void print_job_result(const JobResult& result, TableFormat format) {
  if (format != TableFormat::text) return print_table(result_for_programs(result), format);
  if (result.variants.empty()) return;
  print_table(result_for_people(result), format, least_columns(result));
  for (const VariantResult& variant : result.variants)
    if (variant.drop) write_out(drop_text(variant.run.variant, *variant.drop, variant.alpha));
  for (const VariantResult& variant : result.variants)
    for (const std::string& missed : variant.missed) out("gate missed: {}: {}\n", variant.run.variant, missed);
}

}  // namespace qeval
