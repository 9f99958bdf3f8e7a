#pragma once
/// AdaRound of one layer: the directions in which its weights are rounded, learned so that its outputs stay what they
/// are. Sources as rounding_loss.h; AIMET's adaround_optimizer.py. The images of an iteration are drawn by the layer's
/// own generator, so that the same job always learns the same. Thread-safety: a free function.
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "stages/quant/adaround/soft_rounding.h"

namespace qeval {

/// d loss / d W over some images, given W: the loss is the mean over images and positions of Σ over channels
/// (output − output of the float network)².
using OutputGradient =
    std::function<void(std::span<const float> weights, std::span<const std::size_t> images, std::span<float> gradient)>;

/// As SoftRounding::directions. `images`: how many there are to draw from, ≥ 1; `seed`: of the layer. nullopt if
/// `go_on`, asked before every iteration with its number, says no.
std::optional<std::vector<std::uint8_t>> learn_rounding(SoftRounding rounding, const AdaRoundSettings& settings,
                                                        std::size_t images, std::uint64_t seed,
                                                        const OutputGradient& gradient,
                                                        const std::function<bool(int)>& go_on);

}  // namespace qeval
