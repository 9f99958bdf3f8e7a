#pragma once
/// The operations of one graph on one device, for as many settings of its quantizers as are asked for. What two
/// settings compute alike is made once and shared.
///
/// Thread-safety: one thread at a time; what it made is immutable and outlives it. Ownership: refers to the graph.
/// Errors: as load_parameters and make_operation.
#include <compare>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <c10/core/Device.h>

#include "stages/infer/operation.h"
#include "stages/quant/arithmetic/exact_sums.h"

namespace qeval {

/// One per node.
using Operations = std::vector<std::shared_ptr<const Operation>>;

class OperationPool {
 public:
  /// `order`: of all activations. `fusions`: one per node; plan_fusion's unless they are given.
  OperationPool(const Graph& graph, const at::Device& device, at::MemoryFormat order);
  OperationPool(const Graph& graph, const at::Device& device, at::MemoryFormat order, std::vector<NodeFusion> fusions);

  const Graph& graph() const { return graph_; }
  const at::Device& device() const { return device_; }
  const std::vector<NodeFusion>& fusions() const { return fusions_; }
  at::MemoryFormat order() const { return order_; }

  /// With the parameters quantized, and sums made, as `quantization` says. Calls may differ in which of its lists of
  /// encodings are empty, and in nothing else.
  Operations operations(const ParameterQuantization& quantization);

 private:
  /// All that a node's operation depends on.
  struct Variant {
    bool weight = false, bias = false;  ///< quantized
    int grid = -1;  ///< exact sums, functions and norms: the quantizer whose grid the input is on; else −1
    auto operator<=>(const Variant&) const = default;
  };
  Variant variant_of(const Node& node, const ParameterQuantization& quantization) const;
  std::shared_ptr<const Operation> operation(std::size_t index, Variant variant,
                                             const ParameterQuantization& quantization);
  std::unique_ptr<Operation> exact_operation(std::size_t index, const ParameterQuantization& quantization) const;
  std::unique_ptr<Operation> load_exact_sum(std::size_t index, const ExactSums& sums,
                                            const ParameterQuantization& quantization) const;

  const Graph& graph_;
  at::Device device_;
  at::MemoryFormat order_;
  std::vector<NodeFusion> fusions_;
  std::map<std::pair<std::size_t, Variant>, std::shared_ptr<const Operation>> made_;
};

}  // namespace qeval
