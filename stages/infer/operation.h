#pragma once
/// One node's arithmetic on ATen tensors. Activations are f32 NCHW, all in one memory order (memory_order.h).
/// Thread-safety: run may be called concurrently. Errors: InternalError for a node no executor can run.
#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>

#include "stages/infer/fusion.h"
#include "stages/infer/parameters.h"
#include "stages/model/graph.h"

namespace qeval {

using Operands = std::vector<at::Tensor>;

class Operation {
 public:
  virtual ~Operation() = default;
  /// Operands are moved in where this is their last use; an exclusive one may be overwritten.
  virtual at::Tensor run(Operands& operands) const = 0;
  /// run may make a number of a NaN: kernels that apply an activation on the way do. The processor notes it.
  virtual bool loses_nan() const { return false; }
  /// As run, but a NaN stays one. Up to the rounding of one addition, finite values are those of run.
  virtual at::Tensor run_keeping_nan(Operands& operands) const { return run(operands); }
};

/// Nobody else can see this tensor's memory. Ask only for tensors that were moved in.
inline bool exclusive(const at::Tensor& tensor) { return tensor.use_count() == 1 && tensor.storage().use_count() == 1; }

/// `fusion`: what the node also computes for its consumers. `order`: of the activations it will get.
std::unique_ptr<Operation> make_operation(const Node& node, const NodeFusion& fusion, Parameters parameters,
                                          at::MemoryFormat order);

}  // namespace qeval
