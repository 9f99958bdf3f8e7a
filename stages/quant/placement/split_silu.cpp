#include "stages/quant/placement/split_silu.h"

#include <utility>

namespace qeval {
namespace {

Node gate_of(const Node& silu) {
  Node gate;
  gate.op = Op::sigmoid;
  gate.name = silu.name + ".sigmoid";
  gate.module = silu.module + ".sigmoid";
  gate.prepared = silu.prepared + ".sigmoid";
  gate.inputs = silu.inputs;
  return gate;
}

}  // namespace

void split_silu(Graph& graph, const QuantRecipe& recipe) {
  if (recipe.mode != NumericsMode::aimet_torch_2 || recipe.share_module_quantizers) return;
  std::vector<Node> nodes;
  std::vector<int> renumbered;
  for (Node& node : graph.nodes) {
    for (int& input : node.inputs) input = renumbered[static_cast<std::size_t>(input)];
    if (node.op == Op::silu) {
      nodes.push_back(gate_of(node));
      node.op = Op::mul;
      node.inputs.push_back(static_cast<int>(nodes.size()) - 1);
      node.inner = node.prepared + ".mul";
    }
    renumbered.push_back(static_cast<int>(nodes.size()));
    nodes.push_back(std::move(node));
  }
  graph.nodes = std::move(nodes);
}

}  // namespace qeval
