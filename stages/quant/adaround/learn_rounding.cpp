#include "stages/quant/adaround/learn_rounding.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <utility>

namespace qeval {
namespace {

/// `count` different ones of 0 … all − 1, or all of them. Says the same on every platform.
class Draw {
 public:
  Draw(std::size_t all, std::size_t count, std::uint64_t seed)
      : order_(all), count_(std::min(all, count)), generator_(seed) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
  }

  std::span<const std::size_t> next() {
    for (std::size_t i = 0; i < count_; ++i) std::swap(order_[i], order_[i + generator_() % (order_.size() - i)]);
    return std::span(order_).first(count_);
  }

 private:
  std::vector<std::size_t> order_;
  std::size_t count_;
  std::mt19937_64 generator_;
};

}  // namespace

std::optional<std::vector<std::uint8_t>> learn_rounding(SoftRounding rounding, const AdaRoundSettings& settings,
                                                        std::size_t images, std::uint64_t seed,
                                                        const OutputGradient& gradient,
                                                        const std::function<bool(int)>& go_on) {
  Draw draw(images, static_cast<std::size_t>(settings.images), seed);
  std::vector<float> weights(rounding.alpha().size()), slope(weights.size());
  for (int iteration = 0; iteration < settings.iterations; ++iteration) {
    if (!go_on(iteration)) return std::nullopt;
    rounding.soft_weights(weights);
    gradient(weights, draw.next(), slope);
    rounding.step(slope, settings, iteration);
  }
  return rounding.directions();
}

}  // namespace qeval
