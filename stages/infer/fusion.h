#pragma once
/// Which nodes are computed together with the convolution that feeds them: its following add and activation.
///
/// A node joins its convolution only where nobody sees the value between them: one consumer, no quantizer; behind an
/// add only a ReLU. Sums are unchanged by it, so each fused result equals the separate one up to the rounding of one
/// addition. Thread-safety: free function.
#include <vector>

#include "stages/model/graph.h"

namespace qeval {

struct NodeFusion {
  int passes_on = -1;         ///< ≥ 0: the node is computed elsewhere; its value is that of this earlier node
  int added = -1;             ///< conv: earlier node whose value is added to the result
  Op activation = Op::input;  ///< conv: relu or relu6 applied last; input = none
};

/// One entry per node.
std::vector<NodeFusion> plan_fusion(const Graph& graph);

}  // namespace qeval
