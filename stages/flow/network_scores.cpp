#include "stages/flow/network_scores.h"

#include "stages/model/node_shapes.h"

namespace qeval {
namespace {

bool keeps_values(Op op) {
  return op == Op::flatten || op == Op::reshape || op == Op::permute || op == Op::dropout ||
         op == Op::quantize_dequantize;
}

ScoreKind made_by(Op op) {
  switch (op) {
    case Op::softmax:
    case Op::sigmoid:
    case Op::hard_sigmoid: return ScoreKind::probabilities;
    case Op::log_softmax: return ScoreKind::log_probabilities;
    default: return ScoreKind::logits;
  }
}

}  // namespace

NetworkScores network_scores(const Graph& graph) {
  if (graph.nodes.empty()) return {};
  std::size_t index = graph.nodes.size() - 1;
  while (keeps_values(graph.nodes[index].op)) index = static_cast<std::size_t>(graph.nodes[index].inputs[0]);
  const Node& node = graph.nodes[index];
  const ScoreKind kind = made_by(node.op);
  if (kind == ScoreKind::logits) return {};
  // Over another axis, they are probabilities of something else than the classes.
  const bool has_axis = node.op == Op::softmax || node.op == Op::log_softmax;
  if (has_axis && node_shapes(graph)[index].at(static_cast<std::size_t>(node.axis) - 1) != graph.num_classes) return {};
  return {kind, node.name, op_name(node.op)};
}

std::string NetworkScores::remark() const {
  if (kind == ScoreKind::logits) return "";
  return "the network ends in " + op + " (node " + node + "): the probability of a class is " +
         (kind == ScoreKind::probabilities ? "its own number" : "e to the power of its own number");
}

}  // namespace qeval
