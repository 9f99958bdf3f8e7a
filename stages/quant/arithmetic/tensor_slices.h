#pragma once
/// Which elements of a parameter share an encoding: all of them, those of one channel, or those of one block of a
/// channel. Sources: AIMET 1.24 TensorQuantizer (generatePerChannelEncodings, any axis); aimet_torch 2.42
/// get_param_channel_axis and set_blockwise_quantization_for_weights. Thread-safety: immutable. Errors (constructor):
/// InternalError for axes that the tensor lacks and blocks that do not divide it.
#include <cstdint>
#include <span>
#include <vector>

#include "stages/model/graph.h"

namespace qeval {

struct Granularity {
  int channel_axis = -1;  ///< one encoding per step of this axis; −1 = one for the whole tensor
  int block_axis = -1;    ///< and one per `block_size` steps of this one; −1 = not cut into blocks
  std::int64_t block_size = 0;
};

/// Blocks lie along a weight's input channels: axis 1, or 0 where axis 1 holds the output channels.
Granularity granularity_of(const Quantizer& quantizer);

class TensorSlices {
 public:
  TensorSlices(const std::vector<std::int64_t>& shape, const Granularity& granularity);

  /// Sizes of the tensor of encodings, which has the parameter's axes: {8, 4, 1, 1} for 8 channels of 4 blocks.
  const std::vector<std::int64_t>& grid() const { return grid_; }
  /// Number of encodings. They are numbered in the order of that tensor's elements.
  std::size_t count() const { return channels_ * blocks_; }
  /// Number of elements of each.
  std::size_t slice_size() const { return elements_ / count(); }
  std::size_t elements() const { return elements_; }
  bool in_blocks() const { return in_blocks_; }

  /// visit(slice, first, length) for every run of neighbouring elements of one slice, in the order of memory.
  template <class Visit>
  void for_each_run(Visit&& visit) const {
    for (std::size_t first = 0; first < elements_; first += run_) visit(slice_at(first), first, run_);
  }

 private:
  std::size_t slice_at(std::size_t element) const {
    return element / channel_stride_ % channels_ * channel_step_ + element / block_stride_ % blocks_ * block_step_;
  }

  std::size_t elements_ = 1, run_ = 1;
  std::size_t channels_ = 1, channel_stride_ = 1, channel_step_ = 1;
  std::size_t blocks_ = 1, block_stride_ = 1, block_step_ = 1;
  bool in_blocks_ = false;
  std::vector<std::int64_t> grid_;
};

/// The slices of the parameter that quantizer `index` belongs to. InternalError if none does.
TensorSlices parameter_slices(const Graph& graph, int index);

/// Every slice's elements, one slice after the other.
std::vector<float> gathered(std::span<const float> values, const TensorSlices& slices);

}  // namespace qeval
