#include "stages/infer/parameters.h"

#include <ATen/ops/from_blob.h>

#include "pipeline/base/errors.h"
#include "stages/quant/arithmetic/quantized_parameter.h"

namespace qeval {
namespace {

/// A tensor on the memory of `tensor`, which it keeps alive. Never written to.
at::Tensor alias(const Tensor& tensor) {
  if (!tensor.defined()) return {};
  const auto& owner = tensor.data();
  auto* data = const_cast<float*>(owner.get());
  return at::from_blob(data, tensor.shape(), [owner](void*) {}, at::TensorOptions(at::kFloat));
}

at::Tensor load(const Graph& graph, const Tensor& tensor, int quantizer, const ParameterQuantization& quantization) {
  return alias(quantized_parameter(graph, tensor, quantizer, quantization.encodings, quantization.mode));
}

}  // namespace

void check_encodings_count(const Graph& graph, const EncodingTable& encodings) {
  if (encodings.size() != graph.quantizers.size())
    throw UsageError("the network has " + std::to_string(graph.quantizers.size()) + " quantizers, got encodings for " +
                     std::to_string(encodings.size()));
}

Parameters load_parameters(const Graph& graph, const Node& node, const ParameterQuantization& quantization,
                           const at::Device& device) {
  Parameters result{load(graph, node.weight, node.weight_quantizer, quantization),
                    load(graph, node.bias, node.bias_quantizer, quantization), alias(node.mean), alias(node.variance)};
  if (!device.is_cpu())
    for (at::Tensor* tensor : {&result.weight, &result.bias, &result.mean, &result.variance})
      if (tensor->defined()) *tensor = tensor->to(device);
  return result;
}

}  // namespace qeval
