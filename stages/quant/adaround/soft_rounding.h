#pragma once
/// A layer's weights between their neighbours on the grid, as AdaRound learns them: one variable α per weight.
///   W = δ·(clamp(floor(W/δ) + h(α) − offset, 0, highest) + offset)
/// Sources as rounding_loss.h; AIMET's adaround_tensor_quantizer.py. Starts where W is W itself, unless it is clamped.
/// Thread-safety: one thread at a time. Memory: seven floats per weight.
#include <cstdint>
#include <span>
#include <vector>

#include "stages/model/tensor.h"
#include "stages/quant/adaround/rounding_loss.h"
#include "stages/quant/arithmetic/encoding.h"
#include "stages/quant/arithmetic/numerics_mode.h"
#include "stages/quant/arithmetic/tensor_slices.h"

namespace qeval {

class SoftRounding {
 public:
  /// Errors: as make_qdq; InternalError if encodings and slices do not fit.
  SoftRounding(std::span<const float> weights, const TensorSlices& slices, const EncodingList& encodings,
               NumericsMode mode);

  std::span<const float> alpha() const { return alpha_; }
  /// W of the present α.
  void soft_weights(std::span<float> weights) const;

  /// One step of Adam (β1 = 0.9, β2 = 0.999, ε = 1e-8) against d loss / d W and the loss of rounding_loss.h.
  /// Iterations count from 0 and come one after another.
  void step(std::span<const float> gradient, const AdaRoundSettings& settings, int iteration);

  /// A bit per weight, the first in the lowest bit of the first byte: 1 where it rounds up.
  std::vector<std::uint8_t> directions() const;

 private:
  std::vector<float> lower_;                     ///< floor(W/δ) − offset
  std::vector<float> scale_, offset_, highest_;  ///< of every weight's grid
  std::vector<float> alpha_, mean_, square_;
};

/// Weights rounded by such bits, on their grid. InternalError if they are not enough.
Tensor rounded_weights(const Tensor& weight, const TensorSlices& slices, const EncodingList& encodings,
                       NumericsMode mode, std::span<const std::uint8_t> directions);

}  // namespace qeval
