#pragma once
/// The order of activations in memory. It decides which kernels oneDNN takes, hence in which order sums are added.
/// Thread-safety: free functions.
#include <c10/core/MemoryFormat.h>

#include "stages/infer/executor.h"

namespace qeval {

/// ChannelsLast is oneDNN's fastest: weights are laid out for it once. Simulations have Contiguous instead, as AIMET's
/// network has, being a PyTorch network that nobody converted: with the same kernels and batch size they then give
/// aimet-torch's bits. aimet-onnx runs elsewhere, and is not followed that far.
inline at::MemoryFormat memory_order(const ExecutorOptions& options) {
  const bool fastest = options.kind == "float" || options.mode == NumericsMode::aimet_onnx_2;
  return fastest ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
}

inline const char* memory_order_name(at::MemoryFormat order) {
  return order == at::MemoryFormat::ChannelsLast ? "NHWC" : "NCHW";
}

}  // namespace qeval
