#include "stages/quant/equalize/replace_relu6.h"

namespace qeval {

int replace_relu6(Graph& graph) {
  int replaced = 0;
  for (Node& node : graph.nodes) {
    if (node.op != Op::relu6) continue;
    node.op = Op::relu;
    node.onnx_numbers.clear();
    ++replaced;
  }
  return replaced;
}

}  // namespace qeval
