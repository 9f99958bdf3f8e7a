#include "stages/infer/operation_pool.h"

#include <utility>

#include "stages/infer/exact_function.h"
#include "stages/infer/exact_norms.h"
#include "stages/infer/exact_sum.h"
#include "stages/quant/arithmetic/quantized_parameter.h"

namespace qeval {

OperationPool::OperationPool(const Graph& graph, const at::Device& device, at::MemoryFormat order)
    : OperationPool(graph, device, order, plan_fusion(graph)) {}

OperationPool::OperationPool(const Graph& graph, const at::Device& device, at::MemoryFormat order,
                             std::vector<NodeFusion> fusions)
    : graph_(graph), device_(device), order_(order), fusions_(std::move(fusions)) {}

Operations OperationPool::operations(const ParameterQuantization& quantization) {
  Operations all;
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
    all.push_back(operation(i, variant_of(graph_.nodes[i], quantization), quantization));
  return all;
}

OperationPool::Variant OperationPool::variant_of(const Node& node, const ParameterQuantization& quantization) const {
  const EncodingTable& encodings = quantization.encodings;
  Variant variant{is_on(node.weight_quantizer, encodings), is_on(node.bias_quantizer, encodings), -1};
  const bool needs_grid =
      may_have_exact_sums(node, encodings) || may_have_exact_table(node) || node.op == Op::layer_norm;
  if (quantization.exact_sums && needs_grid) variant.grid = grid_of_whole_input(graph_, node, encodings);
  return variant;
}

std::shared_ptr<const Operation> OperationPool::operation(std::size_t index, Variant variant,
                                                          const ParameterQuantization& quantization) {
  std::shared_ptr<const Operation>& made = made_[{index, variant}];
  if (made) return made;
  const Node& node = graph_.nodes[index];
  if (quantization.exact_sums && (variant.grid >= 0 || node.op == Op::batch_norm))
    made = exact_operation(index, quantization);
  if (made) return made;
  if (variant.grid >= 0) {
    variant.grid = -1;
    return made = operation(index, variant, quantization);
  }
  return made = make_operation(node, fusions_[index], load_parameters(graph_, node, quantization, device_), order_);
}

/// Null for a node that is computed as usual.
std::unique_ptr<Operation> OperationPool::exact_operation(std::size_t index,
                                                          const ParameterQuantization& quantization) const {
  const Node& node = graph_.nodes[index];
  const auto& [encodings, mode, exact] = quantization;
  if (node.op == Op::batch_norm)
    return make_exact_batch_norm(
        exact_norm(quantized_parameter(graph_, node.weight, node.weight_quantizer, encodings, mode),
                   quantized_parameter(graph_, node.bias, node.bias_quantizer, encodings, mode), node),
        device_);
  if (const auto norm = exact_layer_norm(graph_, node, encodings, mode))
    return make_exact_layer_norm(*norm, node.axis, device_);
  if (auto table = exact_table(graph_, node, encodings, mode)) return make_exact_function(std::move(*table), device_);
  const auto sums = exact_sums(graph_, node, encodings, mode);
  if (!sums) return nullptr;
  return is_mean_of_pixels(node) ? make_exact_mean(node, *sums) : load_exact_sum(index, *sums, quantization);
}

std::unique_ptr<Operation> OperationPool::load_exact_sum(std::size_t index, const ExactSums& sums,
                                                         const ParameterQuantization& quantization) const {
  const Node& node = graph_.nodes[index];
  Node whole = node;
  whole.weight = sums.weight;
  whole.weight_quantizer = -1;
  Parameters parameters = load_parameters(graph_, whole, quantization, device_);
  if (sums.wide) parameters.weight = parameters.weight.to(at::kDouble);
  const at::Tensor bias = std::exchange(parameters.bias, {});
  return make_exact_sum(make_operation(whole, {}, std::move(parameters), order_), sums, node, fusions_[index], device_,
                        bias);
}

}  // namespace qeval
