#pragma once
/// An f32 tensor's values in memory that the CPU can read, in whatever order they lie. Copies only where it must.
/// Thread-safety: immutable. Ownership: keeps the memory alive.
#include <span>

#include <ATen/core/Tensor.h>

#include "stages/quant/arithmetic/histogram.h"

namespace qeval {

class TensorValues {
 public:
  explicit TensorValues(const at::Tensor& tensor) : dense_(tensor.cpu()) {
    if (!dense_.is_non_overlapping_and_dense()) dense_ = dense_.contiguous();
  }
  std::span<const float> span() const {
    return {dense_.const_data_ptr<float>(), static_cast<std::size_t>(dense_.numel())};
  }

 private:
  at::Tensor dense_;
};

/// No NaN, no infinity.
inline bool all_finite(const at::Tensor& tensor) { return all_finite(TensorValues(tensor).span()); }

}  // namespace qeval
