#include "stages/metrics/top_k.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace qeval {
namespace {

/// Inserts class `index` into the sorted list; equal logits keep the lower index first, because it came first.
void insert(std::array<int, 5>& best, std::span<const float> logits, int index) {
  const float value = logits[static_cast<std::size_t>(index)];
  std::size_t place = best.size();
  while (place > 0 && (best[place - 1] < 0 || value > logits[static_cast<std::size_t>(best[place - 1])])) --place;
  if (place == best.size()) return;
  std::copy_backward(best.begin() + static_cast<std::ptrdiff_t>(place), best.end() - 1, best.end());
  best[place] = index;
}

/// e^(value − top). Equal values have weight 1 even where they are infinite (the limit of the softmax).
double weight(float value, float top) { return value == top ? 1.0 : std::exp(static_cast<double>(value) - top); }

}  // namespace

TopK top_k(std::span<const float> logits) {
  TopK result;
  if (logits.empty() || std::any_of(logits.begin(), logits.end(), [](float v) { return std::isnan(v); })) return result;
  for (std::size_t i = 0; i < logits.size(); ++i) insert(result.classes, logits, static_cast<int>(i));

  const float top = logits[static_cast<std::size_t>(result.classes[0])];
  double sum = 0;
  for (float value : logits) sum += weight(value, top);
  const double second =
      result.classes[1] < 0 ? 0.0 : weight(logits[static_cast<std::size_t>(result.classes[1])], top) / sum;
  result.probability = static_cast<float>(1.0 / sum);
  result.margin = static_cast<float>(1.0 / sum - second);
  return result;
}

}  // namespace qeval
