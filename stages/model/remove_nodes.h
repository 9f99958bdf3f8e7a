#pragma once
/// Takes nodes out of a graph: their consumers get the removed node's first input instead, indices are renumbered.
#include <set>

#include "stages/model/graph.h"

namespace qeval {

/// `removed` must not hold the input node, and each removed node must have exactly one input.
void remove_nodes(Graph& graph, const std::set<int>& removed);

}  // namespace qeval
