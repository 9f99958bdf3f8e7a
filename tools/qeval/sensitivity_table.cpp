#include "tools/qeval/sensitivity_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/core.h>

#include "stages/metrics/paired_comparison.h"

namespace qeval {
namespace {

std::string decibels(double signal, double noise) {
  return noise == 0 || std::isnan(noise) ? "" : fmt::format("{:.2f}", 10 * std::log10(signal / noise));
}

std::string percent(double share) { return fmt::format("{:.2f}", 100 * share); }

std::vector<std::string> text_row(const std::string& layer, const std::string& kind, const SensitivityRow& row) {
  const auto images = static_cast<double>(row.images);
  const PairedInterval top1 = paired_accuracy_interval(row.broke, row.fixed, row.images);
  const PairedInterval change = paired_mean_interval(row.change, row.change_squares, row.images);
  return {layer,
          kind,
          percent(static_cast<double>(row.correct) / images),
          percent(top1.difference),
          percent(top1.low),
          percent(top1.high),
          fmt::format("{:.3g}", mcnemar_exact(row.broke, row.fixed)),
          fmt::format("{:.5f}", row.divergence / images),
          fmt::format("{:.5f}", change.difference),
          fmt::format("{:.5f}", change.low),
          fmt::format("{:.5f}", change.high),
          decibels(row.signal, row.local_noise),
          decibels(row.signal, row.cumulative_noise)};
}

/// Groups by blame, worst first.
std::vector<std::size_t> by_blame(const SensitivityResult& result) {
  const int sign = result.mode == SensitivityMode::only_one_on ? 1 : -1;
  const auto gain = [&](std::size_t g) { return sign * (result.rows[g].fixed - result.rows[g].broke); };
  // Broken logits are the worst there is, and NaN has no place in an order.
  const auto worse_by = [&](std::size_t g) {
    const double change = sign * result.rows[g].change;
    return std::isnan(change) ? std::numeric_limits<double>::infinity() : change;
  };
  std::vector<std::size_t> order(result.groups.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (gain(a) != gain(b)) return gain(a) < gain(b);
    return worse_by(a) > worse_by(b);
  });
  return order;
}

}  // namespace

Table sensitivity_table(const SensitivityResult& result) {
  Table table;
  table.columns = {"layer",       "kind",       "top1",    "change",      "low",        "high",      "p",
                   "divergence", "div_change", "div_low", "div_high",  "sqnr_local", "sqnr_cumulative"};
  table.rows.push_back(text_row("(network)", "float", result.plain));
  table.rows.push_back(text_row("(network)", "quantized", result.quantized));
  for (const std::size_t g : by_blame(result))
    table.rows.push_back(text_row(result.groups[g].module, group_kind_name(result.groups[g].kind), result.rows[g]));
  return table;
}

}  // namespace qeval
