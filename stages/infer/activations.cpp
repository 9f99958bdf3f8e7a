#include "stages/infer/activation.h"
#include "stages/infer/operation_families.h"

namespace qeval {

std::unique_ptr<Operation> make_activation(const Node& node) {
  if (!is_activation(node.op)) return nullptr;
  return make_function([op = node.op](Operands& operands) {
    return exclusive(operands[0]) ? activate_in_place(std::move(operands[0]), op) : activate(operands[0], op);
  });
}

}  // namespace qeval
