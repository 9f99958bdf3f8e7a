#include "stages/quant/bias_correction/correctable_layers.h"

#include <map>

namespace qeval {
namespace {

bool has_weights(const Node& node) {
  return node.op == Op::conv || node.op == Op::linear || node.op == Op::conv_transpose;
}

}  // namespace

std::vector<std::string> CorrectableLayers::names(const Graph& graph) const {
  std::vector<std::string> list;
  for (const std::size_t index : nodes) list.push_back(graph.nodes[index].name);
  return list;
}

CorrectableLayers correctable_layers(const Graph& graph, const std::function<bool(int)>& is_on) {
  std::map<std::string, int> calls;
  for (const Node& node : graph.nodes)
    if (has_weights(node) && !node.module.empty()) ++calls[node.module];
  CorrectableLayers layers;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (!has_weights(node)) continue;
    if (node.weight_quantizer < 0 || !is_on(node.weight_quantizer))
      layers.left.push_back({node.name, "weight not quantized"});
    else if (!node.module.empty() && calls[node.module] > 1)
      layers.left.push_back({node.name, "module called several times"});
    else
      layers.nodes.push_back(i);
  }
  return layers;
}

}  // namespace qeval
