// Finds the family that knows a node's operator.
#include <string>

#include "pipeline/base/errors.h"
#include "stages/infer/convolution.h"
#include "stages/infer/operation_families.h"

namespace qeval {
namespace {

class Function : public Operation {
 public:
  explicit Function(OperationBody body) : body_(std::move(body)) {}
  at::Tensor run(Operands& operands) const override { return body_(operands); }

 private:
  OperationBody body_;
};

at::Tensor pass_on(Operands& operands) { return std::move(operands[0]); }

}  // namespace

std::unique_ptr<Operation> make_function(OperationBody body) { return std::make_unique<Function>(std::move(body)); }

std::vector<std::int64_t> aten_pads(const Window& window) {
  const auto [top, bottom, left, right] = window.padding;
  return {left, right, top, bottom};
}

std::unique_ptr<Operation> make_operation(const Node& node, const NodeFusion& fusion, Parameters parameters,
                                          at::MemoryFormat order) {
  if (fusion.passes_on >= 0 || node.op == Op::input || node.op == Op::dropout) return make_function(pass_on);
  if (node.op == Op::conv) return make_convolution(node, fusion, std::move(parameters), order);
  if (auto operation = make_activation(node)) return operation;
  if (auto operation = make_arithmetic(node, parameters)) return operation;
  if (auto operation = make_pool(node)) return operation;
  if (auto operation = make_layer(node, parameters)) return operation;
  if (auto operation = make_movement(node)) return operation;
  if (auto operation = make_imported(node, parameters)) return operation;
  throw InternalError("node " + node.name + " has an operator that no executor knows: " + op_name(node.op));
}

}  // namespace qeval
