#include "stages/infer/fusion.h"

#include <algorithm>
#include <cstddef>

#include "stages/model/node_shapes.h"

namespace qeval {
namespace {

class Planner {
 public:
  explicit Planner(const Graph& graph)
      : graph_(graph), shapes_(node_shapes(graph)), consumers_(consumers(graph)), plan_(graph.nodes.size()) {}

  std::vector<NodeFusion> run() {
    for (int i = 0; i < static_cast<int>(graph_.nodes.size()); ++i) {
      if (node(i).op == Op::add) join_add(i);
      if (node(i).op == Op::relu || node(i).op == Op::relu6) join_activation(i);
    }
    return std::move(plan_);
  }

 private:
  const Node& node(int index) const { return graph_.nodes[static_cast<std::size_t>(index)]; }
  NodeFusion& fusion(int index) { return plan_[static_cast<std::size_t>(index)]; }

  /// Input number `input` of `consumer` is produced by `producer` for it alone, and not quantized on the way.
  bool hidden_between(int producer, int consumer) const {
    const auto& quantizers = node(consumer).input_quantizers;
    return consumers_[static_cast<std::size_t>(producer)].size() == 1 && node(producer).output_quantizer < 0 &&
           std::all_of(quantizers.begin(), quantizers.end(), [](int q) { return q < 0; });
  }

  /// The convolution that runs last takes the sum, because the other summand is there by then.
  void join_add(int add) {
    const auto& inputs = node(add).inputs;
    if (inputs.size() != 2 || inputs[0] == inputs[1]) return;
    // A summand that is repeated has no place in a convolution's output.
    if (shapes_[static_cast<std::size_t>(inputs[0])] != shapes_[static_cast<std::size_t>(inputs[1])]) return;
    const int last = std::max(inputs[0], inputs[1]);
    if (node(last).op != Op::conv || !hidden_between(last, add)) return;
    fusion(last).added = std::min(inputs[0], inputs[1]);
    fusion(add).passes_on = last;
  }

  void join_activation(int activation) {
    const int producer = node(activation).inputs[0];
    const int conv = fusion(producer).passes_on >= 0 ? fusion(producer).passes_on : producer;
    if (node(conv).op != Op::conv || fusion(conv).activation != Op::input || !hidden_between(producer, activation))
      return;
    if (fusion(conv).added >= 0 && node(activation).op != Op::relu) return;  // oneDNN takes no other behind a sum
    fusion(conv).activation = node(activation).op;
    fusion(activation).passes_on = producer;
  }

  const Graph& graph_;
  const std::vector<Shape> shapes_;
  const std::vector<std::vector<int>> consumers_;
  std::vector<NodeFusion> plan_;
};

}  // namespace

std::vector<NodeFusion> plan_fusion(const Graph& graph) { return Planner(graph).run(); }

}  // namespace qeval
