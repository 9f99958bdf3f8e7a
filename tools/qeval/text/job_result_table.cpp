#include "tools/qeval/text/job_result_table.h"

#include <algorithm>

#include <fmt/core.h>

#include "jobs/run/gates.h"
#include "storage/wilson.h"
#include "tools/qeval/text/comparison_text.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/text/text_table.h"

namespace qeval {
namespace {

std::string with_interval(std::int64_t correct, std::int64_t total) {
  const auto [low, high] = wilson_interval(correct, total);
  return fmt::format("{:.2f} % ({:.2f}–{:.2f})", 100.0 * static_cast<double>(correct) / static_cast<double>(total),
                     100 * low, 100 * high);
}

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

}  // namespace

void print_job_result(const JobResult& result) {
  if (result.variants.empty()) return;
  Table table;
  table.columns = {"variant", "top-1 (95 %)", "top-5 (95 %)", "images", "failed", "images/s", "run"};
  for (const VariantResult& variant : result.variants) {
    const RunRecord& run = variant.run;
    table.rows.push_back({run.variant, with_interval(run.n_correct1, run.n_total),
                          with_interval(run.n_correct5, run.n_total), run.n_total, run.n_failed, speed(variant),
                          run.name});
  }
  insert_not_finite(result, table);
  write_out(format_table(table, TableFormat::text));
  for (const VariantResult& variant : result.variants)
    if (variant.drop) write_out(drop_text(variant.run.variant, *variant.drop, variant.alpha));
  for (const VariantResult& variant : result.variants)
    for (const std::string& missed : variant.missed) out("gate missed: {}: {}\n", variant.run.variant, missed);
}

}  // namespace qeval
