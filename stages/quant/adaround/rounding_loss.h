#pragma once
/// AdaRound's hyperparameters and the part of its loss that drives every weight to one of its two neighbours.
/// Source: Nagel et al. 2020, "Up or down? Adaptive rounding for post-training quantization", eq. 24; AIMET 1.24
/// to 2.42, adaround_loss.py. Thread-safety: free functions.
#include <span>

namespace qeval {

struct AdaRoundSettings {
  int iterations = 10'000;
  double regularization = 0.01;           ///< λ
  double first_beta = 20, last_beta = 2;  ///< annealed from the first to the last
  double warm_start = 0.2;                ///< share of the iterations without this part
  double learning_rate = 1e-3;            ///< Adam's
  int images = 32;                        ///< per iteration
};

/// h(α) = clamp(1.2·sigmoid(α) − 0.1, 0, 1): how far above its lower neighbour a weight lies. From half on it rounds
/// up.
inline constexpr float stretch = 1.2f, stretched_below = -0.1f;

/// False in the warm start.
bool drives_to_neighbours(const AdaRoundSettings& settings, int iteration);

/// β at an iteration behind the warm start: last + ½·(first − last)·(1 + cos(π·progress)).
double annealed_beta(const AdaRoundSettings& settings, int iteration);

/// λ·Σ (1 − |2h(α) − 1|^β), in double; 0 in the warm start.
double rounding_loss(std::span<const float> alpha, const AdaRoundSettings& settings, int iteration);

}  // namespace qeval
