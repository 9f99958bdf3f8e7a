#include "stages/infer/parameters.h"

#include <limits>
#include <span>

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/isfinite.h>

#include "pipeline/base/errors.h"
#include "stages/infer/tensor_values.h"
#include "stages/quant/arithmetic/quantize.h"

namespace qeval {
namespace {

constexpr float not_finite = std::numeric_limits<float>::quiet_NaN();

/// A tensor on the memory of `tensor`, which it keeps alive. Never written to.
at::Tensor alias(const Tensor& tensor) {
  if (!tensor.defined()) return {};
  auto owner = tensor.data();
  auto* data = const_cast<float*>(owner.get());
  return at::from_blob(data, tensor.shape(), [owner](void*) {}, at::TensorOptions(at::kFloat));
}

void check_encodings(const Quantizer& quantizer, const EncodingList& encodings, const TensorSlices& slices) {
  if (encodings.size() != slices.count())
    throw UsageError("quantizer " + quantizer.key() + " needs " + std::to_string(slices.count()) +
                     " encoding(s), got " + std::to_string(encodings.size()) +
                     "; were they made for another network or another setting of quantization.param?");
}

/// A parameter that is not finite is a fault of the network's, and must reach the logits: a grid would hide it.
at::Tensor load(const Graph& graph, const Tensor& tensor, int quantizer, const ParameterQuantization& quantization) {
  at::Tensor values = alias(tensor);
  if (quantizer < 0 || !values.defined()) return values;
  const auto& encodings = quantization.encodings[static_cast<std::size_t>(quantizer)];
  if (encodings.empty()) return values;
  const Quantizer& settings = graph.quantizers[static_cast<std::size_t>(quantizer)];
  const TensorSlices slices(tensor.shape(), granularity_of(settings));
  check_encodings(settings, encodings, slices);
  at::Tensor copy = values.clone();
  quantize_dequantize_slices({copy.mutable_data_ptr<float>(), slices.elements()}, slices, encodings, quantization.mode);
  return all_finite(values) ? copy : copy.masked_fill(at::isfinite(values).logical_not(), not_finite);
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
