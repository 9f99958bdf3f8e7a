// Scheme entropy, modes aimet-1.24 and aimet-1.31: the window of bins whose 255-level version has the least
// Kullback–Leibler divergence from the histogram clipped to it. Other widths than 8 bit get the whole range, as in
// AIMET.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/min_max_grid.h"
#include "stages/quant/analyzers/rescaled_histogram.h"

namespace qeval {
namespace {

constexpr std::size_t levels = 255;

struct Counts {
  double min, max;
  std::vector<double> values;
  double width() const { return (max - min) / static_cast<double>(values.size()); }
};

/// First and last bin, both included.
struct Window {
  std::size_t first, last;
  std::size_t size() const { return last - first + 1; }
};

/// AIMET adds these up in float.
double float_sum(const std::vector<double>& values) {
  float sum = 0;
  for (const double value : values) sum = static_cast<float>(sum + value);
  return sum;
}

/// The counts inside the window, what lies outside added to its ends.
std::vector<double> clipped(const Counts& counts, Window window) {
  std::vector<double> result(window.size());
  double left = 0, right = 0;
  for (std::size_t i = 0; i <= window.first; ++i) left += counts.values[i];
  for (std::size_t i = window.last; i < counts.values.size(); ++i) right += counts.values[i];
  for (std::size_t i = window.first + 1; i < window.last; ++i) result[i - window.first] = counts.values[i];
  result.front() += left;
  result.back() += right;
  return result;
}

/// Each level's count spread evenly over its non-empty bins.
std::vector<double> quantized(const Counts& counts, Window window) {
  const double merged = static_cast<double>(window.size()) / static_cast<double>(levels);
  std::vector<double> result(window.size());
  for (std::size_t level = 0; level < levels; ++level) {
    const auto begin = static_cast<std::size_t>(std::ceil(static_cast<double>(level) * merged));
    const auto end = level + 1 < levels ? static_cast<std::size_t>(std::ceil(static_cast<double>(level + 1) * merged))
                                        : window.size();
    double sum = 0, filled = 0;
    for (std::size_t i = begin; i < end; ++i) {
      sum += counts.values[window.first + i];
      filled += counts.values[window.first + i] != 0;
    }
    for (std::size_t i = begin; i < end; ++i)
      if (counts.values[window.first + i] != 0) result[i] = sum / filled;
  }
  return result;
}

/// Moves a little of the non-empty bins to the empty ones.
void smooth(std::vector<double>& values) {
  constexpr double to_empty = 0.0001;
  const auto empty = static_cast<double>(std::count(values.begin(), values.end(), 0.0));
  const double filled = static_cast<double>(values.size()) - empty;
  if (filled == 0) return;
  const double from_filled = to_empty * empty / filled;
  if (from_filled >= 1) return;
  for (double& value : values) value = value == 0 ? to_empty : value - from_filled;
}

double divergence(std::vector<double> p, std::vector<double> q) {
  smooth(p);
  smooth(q);
  const double sum_p = float_sum(p), sum_q = float_sum(q);
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double share_p = p[i] / sum_p, share_q = q[i] / sum_q;
    if (share_p > 0 && share_q > 0) sum += share_p * std::log(share_p / share_q);
  }
  return sum;
}

/// The next smaller window: two bins less where that loses least, but never past zero.
Window shrunk(const Counts& counts, Window window) {
  enum Side { both, left, right };
  const auto& c = counts.values;
  const auto [first, last] = window;
  const std::array<double, 3> loss{c[first] + c[last], c[first] + c[first + 1], c[last] + c[last - 1]};
  auto side = static_cast<Side>(std::min_element(loss.begin(), loss.end()) - loss.begin());
  const auto edge = [&counts](std::size_t bin) { return counts.min + static_cast<double>(bin) * counts.width(); };
  if ((side == both && edge(first + 1) > 0) || (side == left && edge(first + 2) > 0))
    side = right;
  else if ((side == both && edge(last) < 0) || (side == right && edge(last - 1) < 0))
    side = left;
  if (side == both) return {first + 1, last - 1};
  return side == left ? Window{first + 2, last} : Window{first, last - 2};
}

Encoding best_grid(const Counts& counts, const QuantizerSettings& settings) {
  double best_min = counts.min, best_max = counts.max;
  double least = std::numeric_limits<double>::infinity();
  Window window{0, counts.values.size() - 1};
  while (settings.bits == 8 && window.size() >= levels) {
    const auto p = clipped(counts, window);
    const auto q = quantized(counts, window);
    if (float_sum(p) == 0 || float_sum(q) == 0) break;
    if (const double found = divergence(p, q); found < least) {
      least = found;
      best_min = counts.min + static_cast<double>(window.first) * counts.width();
      best_max = counts.min + static_cast<double>(window.last + 1) * counts.width();
    }
    window = settings.symmetric ? Window{window.first + 1, window.last - 1} : shrunk(counts, window);
  }
  const auto min = static_cast<float>(best_min), max = static_cast<float>(best_max);
  return min_max_grid(std::min(min, 0.0f), std::max(max, 0.0f), settings);
}

/// Symmetric grids look at the counts over a range that is symmetric too.
Counts counts_for(const RescaledHistogram& histogram, const QuantizerSettings& settings) {
  const double min = histogram.min(), max = histogram.max();
  if (!settings.symmetric || (min >= 0 && settings.unsigned_symmetric)) return {min, max, histogram.counts()};
  const double farthest = static_cast<float>(std::max(std::abs(max), std::abs(min)));
  return {-farthest, farthest, spread_counts(histogram.counts(), min, max, -farthest, farthest)};
}

class Entropy final : public Observer {
 public:
  explicit Entropy(NumericsMode mode) : tag_(state_tag(QuantScheme::entropy, mode)) {}

  void observe(std::span<const float> values) override { histogram_.observe(values); }

  Encoding compute(const QuantizerSettings& settings) const override {
    const int steps = grid_steps(settings);
    if (!histogram_.seen()) return Encoding{.bits = 0};
    if (histogram_.empty()) return labelled(grid_for_zeros(steps), settings);
    return labelled(best_grid(counts_for(histogram_, settings), settings), settings);
  }

  std::vector<std::uint8_t> serialize() const override { return histogram_.serialize(tag_); }
  void restore(std::span<const std::uint8_t> state) override { histogram_.restore(state, tag_); }

 private:
  StateTag tag_;
  RescaledHistogram histogram_;
};

}  // namespace

std::unique_ptr<Observer> make_entropy(NumericsMode mode) { return std::make_unique<Entropy>(mode); }

}  // namespace qeval
