#include "tools/bench/eager_network.h"

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/relu.h>
#include <c10/core/InferenceMode.h>

#include "pipeline/base/errors.h"

namespace qeval::bench {
namespace {

at::Tensor copy(const Tensor& tensor, at::MemoryFormat format) {
  if (!tensor.defined()) return {};
  return at::from_blob(const_cast<float*>(tensor.values().data()), tensor.shape(), at::TensorOptions(at::kFloat))
      .clone(format);
}

at::Tensor convolve(const at::Tensor& x, const Window& w, const at::Tensor& weight, const at::Tensor& bias) {
  return at::conv2d(x, weight, bias, {w.stride[0], w.stride[1]}, {w.padding[0], w.padding[2]},
                    {w.dilation[0], w.dilation[1]}, w.groups);
}

at::Tensor pad(const at::Tensor& x, const Window& w) {
  return at::constant_pad_nd(x, {w.padding[2], w.padding[3], w.padding[0], w.padding[1]});
}

at::Tensor pool(const at::Tensor& x, const Window& w) {
  return at::max_pool2d(x, {w.kernel[0], w.kernel[1]}, {w.stride[0], w.stride[1]}, {w.padding[0], w.padding[2]});
}

}  // namespace

EagerNetwork::EagerNetwork(const Graph& graph) {
  const c10::InferenceMode guard;
  for (const Node& node : graph.nodes) {
    const auto format = node.op == Op::conv ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
    Layer layer{node, copy(node.weight, format), copy(node.bias, at::MemoryFormat::Contiguous)};
    layer.node.weight = layer.node.bias = {};
    layers_.push_back(std::move(layer));
  }
}

at::Tensor EagerNetwork::forward(const at::Tensor& input) const {
  const c10::InferenceMode guard;
  std::vector<at::Tensor> values{input};
  std::vector<std::size_t> last_use(layers_.size());
  for (std::size_t i = 0; i < layers_.size(); ++i)
    for (int k : layers_[i].node.inputs) last_use[static_cast<std::size_t>(k)] = i;
  for (std::size_t i = 1; i < layers_.size(); ++i) {
    const auto& [node, weight, bias] = layers_[i];
    const auto in = [&](std::size_t k) -> at::Tensor& { return values[static_cast<std::size_t>(node.inputs[k])]; };
    switch (node.op) {
      case Op::conv: values.push_back(convolve(in(0), node.window, weight, bias)); break;
      case Op::linear: values.push_back(at::linear(in(0), weight, bias)); break;
      case Op::relu: values.push_back(at::relu_(in(0))); break;
      case Op::relu6: values.push_back(at::clamp_(in(0), 0, 6)); break;
      case Op::add: values.push_back(in(0).add_(in(1))); break;
      case Op::max_pool: values.push_back(pool(in(0), node.window)); break;
      case Op::global_avg_pool: values.push_back(at::adaptive_avg_pool2d(in(0), {1, 1})); break;
      case Op::flatten: values.push_back(in(0).flatten(1)); break;
      case Op::pad: values.push_back(pad(in(0), node.window)); break;
      case Op::dropout: values.push_back(in(0)); break;
      default: throw UsageError(std::string("the benchmark's plain network has no operator ") + op_name(node.op));
    }
    for (int k : node.inputs)
      if (last_use[static_cast<std::size_t>(k)] == i) values[static_cast<std::size_t>(k)].reset();
  }
  return values.back();
}

}  // namespace qeval::bench
