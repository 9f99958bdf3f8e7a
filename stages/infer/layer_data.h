#pragma once
/// The one LayerData. Thread-safety: as the interface.
#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>

#include "stages/infer/layerwise_executor.h"
#include "stages/model/graph.h"

namespace qeval {

/// A batch's inputs of a layer in the quantized network and its outputs in the float one. Images lie NHWC: oneDNN's
/// gradients of depthwise convolutions take an eighth of the time then. Both undefined: no images.
class LayerBatch {
 public:
  LayerBatch() = default;
  /// [n, C, H, W], or [n, …, features] of a linear layer.
  LayerBatch(const at::Tensor& input, const at::Tensor& output) : input_(rows(input)), output_(rows(output)) {}
  std::int64_t images() const { return input_.defined() ? input_.size(0) : 0; }
  at::Tensor input(std::int64_t image) const { return input_[image]; }
  at::Tensor output(std::int64_t image) const { return output_[image]; }

  /// The opposite of how images are kept: some of them as a tensor for ATen.
  static at::Tensor stacked(const std::vector<at::Tensor>& images);

 private:
  static at::Tensor rows(const at::Tensor& values);
  at::Tensor input_, output_;
};

/// `layer`: a conv, conv_transpose or linear; `activation`: what its output goes through alone, relu or relu6; anything
/// else is none.
std::unique_ptr<LayerData> make_layer_data(const Node& layer, Op activation, const at::Tensor& bias,
                                           const std::vector<LayerBatch>& batches);

}  // namespace qeval
