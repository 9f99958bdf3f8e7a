#pragma once
/// Finds the supergroups of a QuantSim configuration in a graph: chains of operator types in which every operator but
/// the last has one consumer. Longer chains are looked for first, and a node belongs to one supergroup at most. Batch
/// norms that fold into what they read are looked through. Thread-safety: a free function. Source: AIMET 2.42
/// graph_searcher.py and quantsim_config.py, _set_supergroup_configs.
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/placement/quantsim_rules.h"

namespace qeval {

/// Node indices, first to last operator, in the order found.
std::vector<std::vector<int>> find_supergroups(const Graph& graph, const std::vector<std::vector<std::string>>& chains,
                                               const QuantsimRules& rules);

}  // namespace qeval
