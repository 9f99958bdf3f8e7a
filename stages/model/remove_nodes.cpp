#include "stages/model/remove_nodes.h"

#include <utility>
#include <vector>

namespace qeval {

void remove_nodes(Graph& graph, const std::set<int>& removed) {
  std::vector<int> renumbered(graph.nodes.size());
  std::vector<Node> kept;
  kept.reserve(graph.nodes.size() - removed.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node& node = graph.nodes[i];
    for (int& input : node.inputs) input = renumbered[static_cast<std::size_t>(input)];
    if (removed.count(static_cast<int>(i)) != 0) {
      renumbered[i] = node.inputs[0];
    } else {
      renumbered[i] = static_cast<int>(kept.size());
      kept.push_back(std::move(node));
    }
  }
  graph.nodes = std::move(kept);
}

}  // namespace qeval
