#pragma once
/// Finds the convolutions that cross-layer equalization can scale against each other: AIMET's layer groups and CLS sets
/// (aimet_torch 2.42 cross_layer_equalization.py).
///
/// A chain is a run of convolutions joined by nothing but ReLU, PReLU and zero padding, each value read by one node
/// only. Within it, these are scaled together: plain → plain, depthwise → plain, and plain → depthwise → plain. Plain
/// means one group; depthwise one group per channel and as many outputs as inputs. Other grouped convolutions are never
/// touched, and a transposed convolution ends the chain. Zero padding commutes with the scale; networks that pad in a
/// module of its own are so treated like those whose convolutions pad. AIMET ends the chain at such a module.
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/pass_report.h"

namespace qeval {

struct ScalingSet {
  std::vector<int> convs;        ///< two, or three of which the middle one is depthwise; indices of nodes
  std::vector<bool> relu_after;  ///< a ReLU or PReLU between convs[i] and convs[i + 1]
};

struct ScalingPlan {
  std::vector<ScalingSet> sets;  ///< in the order in which they are scaled: along each chain, chains as in the graph
  std::vector<LeftAlone> left;   ///< convolutions whose output channels keep their scale
};

ScalingPlan find_pairs(const Graph& graph);

}  // namespace qeval
