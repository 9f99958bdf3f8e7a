#include "tools/qeval/text/sensitivity_table.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "jobs/run/sensitivity_prediction.h"
#include "stages/metrics/mcnemar.h"
#include "stages/metrics/paired_comparison.h"

namespace qeval {
namespace {

Cell fixed(double value, int decimals) { return Cell::real(value, fmt::format("{:.{}f}", value, decimals)); }

Cell decibels(double signal, double noise) { return noise == 0 ? Cell() : fixed(10 * std::log10(signal / noise), 2); }

Cell nats(double divergence) { return fixed(divergence, 5); }

Cell percent(double share) { return fixed(100 * share, 2); }

Cell p_value(double p) { return Cell::real(p, fmt::format("{:.3g}", p)); }

/// Programs get all names, in a column of their own.
std::string layer_text(const QuantizerGroup& group, TableFormat format) {
  if (group.shared_with.empty() || !is_for_people(format)) return group.module;
  return fmt::format("{} (+{})", group.module, group.shared_with.size());
}

Cell shared_with_text(const QuantizerGroup& group) {
  return group.shared_with.empty() ? Cell() : fmt::format("{}", fmt::join(group.shared_with, ", "));
}

std::vector<Cell> table_row(const std::string& layer, const std::string& kind, const SensitivityRow& row) {
  const auto images = static_cast<double>(row.images);
  const PairedInterval top1 = paired_accuracy_interval(row.broke, row.fixed, row.images);
  const PairedInterval change = paired_mean_interval(row.change, row.change_squares, row.images);
  return {layer,
          kind,
          percent(static_cast<double>(row.correct) / images),
          percent(top1.difference),
          percent(top1.low),
          percent(top1.high),
          p_value(mcnemar_exact(row.broke, row.fixed)),
          nats(row.divergence / images),
          nats(change.difference),
          nats(change.low),
          nats(change.high),
          decibels(row.signal, row.local_noise),
          decibels(row.signal, row.cumulative_noise)};
}

std::vector<Cell> prediction_row(const SensitivityResult& result, const WithoutWorst& prediction) {
  const bool against_float = result.mode == SensitivityMode::only_one_on;
  // The other reference's change against the one that this mode compares with, and how much of it there will be.
  const SensitivityRow& whole = against_float ? result.quantized : result.plain;
  const SensitivityRow& reference = against_float ? result.plain : result.quantized;
  const double share = against_float ? prediction.remaining : 1 - prediction.remaining;
  const PairedInterval top1 = paired_accuracy_interval(whole.broke, whole.fixed, whole.images);
  const PairedInterval change = paired_mean_interval(whole.change, whole.change_squares, whole.images);
  const auto images = static_cast<double>(whole.images);
  return {fmt::format("(without the worst {})", prediction.modules.size()),
          "predicted",
          percent(static_cast<double>(reference.correct) / images + share * top1.difference),
          percent(share * top1.difference),
          percent(share * top1.low),
          percent(share * top1.high),
          {},
          nats(prediction.remaining * result.quantized.divergence / images),
          nats(share * change.difference),
          nats(share * change.low),
          nats(share * change.high),
          {},
          {}};
}

}  // namespace

std::vector<std::size_t> groups_by_blame(const SensitivityResult& result) {
  std::vector<std::size_t> order(result.groups.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return group_blame(result, a) > group_blame(result, b); });
  return order;
}

Table sensitivity_table(const SensitivityResult& result, TableFormat format) {
  Table table;
  table.columns = {"layer",      "kind",       "top1",    "change",   "low",        "high",           "p",
                   "divergence", "div_change", "div_low", "div_high", "sqnr_local", "sqnr_cumulative"};
  table.rows.push_back(table_row("(network)", "float", result.plain));
  table.rows.push_back(table_row("(network)", "quantized", result.quantized));
  if (const auto prediction = predict_without_worst(result, worst_modules))
    table.rows.push_back(prediction_row(result, *prediction));
  const std::size_t before_groups = table.rows.size();
  const std::vector<std::size_t> order = groups_by_blame(result);
  for (const std::size_t g : order)
    table.rows.push_back(
        table_row(layer_text(result.groups[g], format), group_kind_name(result.groups[g].kind), result.rows[g]));
  if (is_for_people(format)) return table;
  table.columns.push_back("shared_with");
  for (std::size_t r = 0; r < table.rows.size(); ++r)
    table.rows[r].push_back(r < before_groups ? Cell() : shared_with_text(result.groups[order[r - before_groups]]));
  return table;
}

}  // namespace qeval
