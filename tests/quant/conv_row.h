#pragma once
/// Small graphs by hand, for the passes over folded networks.
#include <string>
#include <utility>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/fold_batch_norm.h"

namespace qeval::test {

/// Convolutions of chosen weights in a row, with what a test puts between them.
class Row {
 public:
  Row() { graph_.nodes.resize(1); }

  int then(Op op, std::vector<int> inputs) {
    Node node;
    node.op = op;
    node.name = node.module = op_name(op) + std::to_string(graph_.nodes.size());
    node.inputs = std::move(inputs);
    graph_.nodes.push_back(std::move(node));
    return static_cast<int>(graph_.nodes.size()) - 1;
  }
  int then(Op op) { return then(op, {static_cast<int>(graph_.nodes.size()) - 1}); }

  /// One tap per channel pair.
  int conv(const std::string& name, std::int64_t out, std::int64_t in, std::vector<float> weights,
           std::vector<float> biases = {}, int groups = 1) {
    const int index = then(Op::conv);
    Node& node = graph_.nodes.back();
    node.name = node.module = name;
    node.window.groups = groups;
    node.weight = Tensor({out, in / groups, 1, 1}, std::move(weights));
    if (!biases.empty()) node.bias = Tensor({out}, std::move(biases));
    return index;
  }
  Graph& graph() { return graph_; }

 private:
  Graph graph_;
};

inline std::vector<float> values(const Tensor& tensor) { return {tensor.values().begin(), tensor.values().end()}; }

inline FoldedPair norm_of(const std::string& conv, std::vector<float> gamma, std::vector<float> beta) {
  const auto channels = static_cast<std::int64_t>(gamma.size());
  return {conv, conv + ".bn", Tensor({channels}, std::move(gamma)), Tensor({channels}, std::move(beta))};
}

}  // namespace qeval::test
