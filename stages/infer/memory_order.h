#pragma once
/// The order of activations in memory. It decides which kernels oneDNN takes, hence in which order sums are added.
/// Thread-safety: free functions.
#include <c10/core/MemoryFormat.h>

#include "stages/quant/numerics_mode.h"

namespace qeval {

/// oneDNN's fastest. Weights are laid out for it once.
inline constexpr at::MemoryFormat float_memory_order = at::MemoryFormat::ChannelsLast;

/// As AIMET's network has them: a PyTorch network that nobody converted is contiguous. With the same kernels and batch size
/// a simulation then gives aimet-torch's bits. aimet-onnx runs elsewhere, and is not followed that far.
inline at::MemoryFormat simulation_memory_order(NumericsMode mode) {
  return mode == NumericsMode::aimet_onnx_2 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
}

inline const char* memory_order_name(at::MemoryFormat order) {
  return order == at::MemoryFormat::ChannelsLast ? "NHWC" : "NCHW";
}

}  // namespace qeval
