#include "jobs/prepare/network.h"

#include <algorithm>

namespace qeval {

bool Network::has_weights() const {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) { return node.weight.defined(); });
}

Network Network::without_weights() const {
  Network structure = *this;
  for (Node& node : structure.graph.nodes)
    for (Tensor* tensor : {&node.weight, &node.bias, &node.mean, &node.variance})
      *tensor = Tensor(tensor->shape(), std::shared_ptr<const float>());
  return structure;
}

}  // namespace qeval
