#pragma once
/// Empirical bias correction (Nagel et al. 2019, §4.2; AIMET up to 1.34, BiasCorrection.cpp): what quantizing weights
/// does to the mean of a layer's output is seen on images, and the bias takes it back:
///   b −= E[out_q − out_fp], per output channel, over images and positions
/// Layers follow each other in the network's order, each behind those already corrected; activations are not quantized.
/// Thread-safety: a plain value.
#include <cstdint>
#include <span>
#include <vector>

#include "stages/model/tensor.h"

namespace qeval {

/// Sums of differences in double; the order of additions is the caller's, so that it can be the same every time.
struct OutputShift {
  std::vector<double> sums;  ///< per output channel; empty: nothing seen
  std::int64_t values = 0;   ///< per channel: images · positions

  /// Outputs of the same images without and with quantized weights: [n, channels, positions], row-major. InternalError
  /// if they do not fit each other or what came before.
  void add(std::span<const float> reference, std::span<const float> quantized, std::size_t channels,
           std::size_t positions);
  void add(const OutputShift& other);
};

/// The corrected bias of a layer; `bias` undefined counts as zeros. As it is if nothing was seen.
Tensor corrected_bias(const Tensor& bias, const OutputShift& shift);

}  // namespace qeval
