#include "stages/metrics/top_k.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace qeval {
namespace {

using Scored = std::pair<float, int>;

bool better(const Scored& a, const Scored& b) { return a.first > b.first; }

/// The same algorithms of the standard library, in the same order, as torch.topk: they decide which of two equal logits
/// comes first.
std::array<int, 5> best_classes(std::span<const float> logits) {
  std::vector<Scored> queue(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) queue[i] = {logits[i], static_cast<int>(i)};
  std::array<int, 5> best{-1, -1, -1, -1, -1};
  const std::size_t k = std::min(best.size(), queue.size());
  const auto last = queue.begin() + static_cast<std::ptrdiff_t>(k);
  if (k * 64 <= queue.size()) {
    std::partial_sort(queue.begin(), last, queue.end(), better);
  } else {
    std::nth_element(queue.begin(), last - 1, queue.end(), better);
    std::sort(queue.begin(), last - 1, better);
  }
  std::transform(queue.begin(), last, best.begin(), [](const Scored& scored) { return scored.second; });
  return best;
}

/// e^(value − top).
double weight(float value, float top) { return std::exp(static_cast<double>(value) - top); }

/// Best and second best; 0 where there is no second.
std::array<double, 2> probabilities(std::span<const float> scores, const TopK& order, ScoreKind kind) {
  const float top = scores[static_cast<std::size_t>(order.classes[0])];
  double sum = 1;
  if (kind == ScoreKind::logits) {
    sum = 0;
    for (const float value : scores) sum += weight(value, top);
  }
  const auto probability = [&](int index) -> double {
    if (index < 0) return 0;
    const float value = scores[static_cast<std::size_t>(index)];
    if (kind == ScoreKind::probabilities) return value;
    return kind == ScoreKind::logits ? weight(value, top) / sum : weight(value, 0);
  };
  return {probability(order.classes[0]), probability(order.classes[1])};
}

}  // namespace

TopK top_k(std::span<const float> logits, ScoreKind kind) {
  TopK result;
  result.finite = std::all_of(logits.begin(), logits.end(), [](float v) { return std::isfinite(v); });
  if (logits.empty() || !result.finite) return result;
  result.classes = best_classes(logits);

  const auto [best, second] = probabilities(logits, result, kind);
  result.probability = static_cast<float>(best);
  result.margin = static_cast<float>(best - second);
  return result;
}

}  // namespace qeval
