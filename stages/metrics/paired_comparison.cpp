#include "stages/metrics/paired_comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace qeval {
namespace {

constexpr double z = 1.959963984540054;  // 97.5 % quantile of the normal distribution

/// log Σ e^value
double log_sum_exp(std::span<const float> values) {
  const double top = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (const float value : values) sum += std::exp(static_cast<double>(value) - top);
  return top + std::log(sum);
}

std::vector<float> logs_of(std::span<const float> probabilities) {
  std::vector<float> logs;
  for (const float value : probabilities) logs.push_back(std::log(std::max(value, std::numeric_limits<float>::min())));
  return logs;
}

}  // namespace

PairedInterval paired_accuracy_interval(std::int64_t broke, std::int64_t fixed, std::int64_t images) {
  if (images == 0) return {};
  const double b = static_cast<double>(broke) + 0.5, c = static_cast<double>(fixed) + 0.5;
  const double n = static_cast<double>(images) + 2;
  const double center = (c - b) / n;
  const double half = z * std::sqrt(b + c - (c - b) * (c - b) / n) / n;
  return {static_cast<double>(fixed - broke) / static_cast<double>(images), std::max(-1.0, center - half),
          std::min(1.0, center + half)};
}

PairedInterval paired_mean_interval(double sum, double squares, std::int64_t images) {
  if (images == 0) return {};
  const double n = static_cast<double>(images), mean = sum / n;
  if (images == 1) return {mean, mean, mean};
  const double variance = std::max(0.0, (squares - sum * mean) / (n - 1));
  const double half = z * std::sqrt(variance / n);
  return {mean, mean - half, mean + half};
}

double softmax_divergence(std::span<const float> reference, std::span<const float> logits) {
  const double reference_total = log_sum_exp(reference), total = log_sum_exp(logits);
  double divergence = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double log_p = static_cast<double>(reference[i]) - reference_total;
    divergence += std::exp(log_p) * (log_p - (static_cast<double>(logits[i]) - total));
  }
  return divergence < 0 ? 0 : divergence;
}

double score_divergence(std::span<const float> reference, std::span<const float> scores, ScoreKind kind) {
  if (kind != ScoreKind::probabilities) return softmax_divergence(reference, scores);
  return softmax_divergence(logs_of(reference), logs_of(scores));
}

}  // namespace qeval
