#include "stages/infer/operation_pool.h"

#include <utility>

#include "stages/infer/exact_sum.h"

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
  if (quantization.exact_sums && may_have_exact_sums(node, encodings)) variant.grid = grid_of_input(graph_, node, encodings);
  return variant;
}

std::shared_ptr<const Operation> OperationPool::operation(std::size_t index, Variant variant,
                                                          const ParameterQuantization& quantization) {
  std::shared_ptr<const Operation>& made = made_[{index, variant}];
  if (made) return made;
  const Node& node = graph_.nodes[index];
  if (variant.grid < 0) {
    made = make_operation(node, fusions_[index], load_parameters(graph_, node, quantization, device_), order_);
  } else if (const auto sums = exact_sums(graph_, node, quantization.encodings, quantization.mode)) {
    made = load_exact_sum(index, *sums, quantization);
  } else {
    variant.grid = -1;
    made = operation(index, variant, quantization);
  }
  return made;
}

std::unique_ptr<Operation> OperationPool::load_exact_sum(std::size_t index, const ExactSums& sums,
                                                         const ParameterQuantization& quantization) const {
  const Node& node = graph_.nodes[index];
  Node whole = node;
  whole.weight = sums.weight;
  whole.weight_quantizer = -1;
  Parameters parameters = load_parameters(graph_, whole, quantization, device_);
  const at::Tensor bias = std::exchange(parameters.bias, {});
  return make_exact_sum(make_operation(whole, {}, std::move(parameters), order_), sums, node, fusions_[index], device_,
                        bias);
}

}  // namespace qeval
