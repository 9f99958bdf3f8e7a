#include "jobs/prepare/network.h"

#include <malloc.h>

#include <algorithm>

namespace qeval {

bool Network::has_weights() const {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) { return node.weight.defined(); });
}

void drop_weights(Network& network) {
  for (Node& node : network.graph.nodes)
    for (Tensor* tensor : {&node.weight, &node.bias, &node.mean, &node.variance})
      *tensor = Tensor(tensor->shape(), std::shared_ptr<const float>());
  // The heap keeps what is free below a small block that is not; the next variant's file would come on top of that.
  ::malloc_trim(0);
}

}  // namespace qeval
