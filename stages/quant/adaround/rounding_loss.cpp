#include "stages/quant/adaround/rounding_loss.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace qeval {

bool drives_to_neighbours(const AdaRoundSettings& settings, int iteration) {
  return iteration >= settings.iterations * settings.warm_start;
}

double annealed_beta(const AdaRoundSettings& settings, int iteration) {
  const double warm = settings.iterations * settings.warm_start;
  const double progress = (iteration - warm) / (settings.iterations - warm);
  return settings.last_beta +
         0.5 * (settings.first_beta - settings.last_beta) * (1 + std::cos(progress * std::numbers::pi));
}

double rounding_loss(std::span<const float> alpha, const AdaRoundSettings& settings, int iteration) {
  if (!drives_to_neighbours(settings, iteration)) return 0;
  const double beta = annealed_beta(settings, iteration);
  double sum = 0;
  for (const float a : alpha) {
    const double h = std::clamp(double{stretch} / (1 + std::exp(-double{a})) + double{stretched_below}, 0.0, 1.0);
    sum += 1 - std::pow(std::abs(2 * h - 1), beta);
  }
  return settings.regularization * sum;
}

}  // namespace qeval
