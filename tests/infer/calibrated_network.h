#pragma once
/// Members of the architectures' families through the whole simulation: folded, with quantizers placed and calibrated.
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/arithmetic/encoding.h"
#include "stages/quant/placement/quantsim_config.h"

namespace qeval::test {

/// With random weights, for pictures of 64 × 64 and 20 classes.
Graph small_member(const std::string& arch);

struct CalibratedNetwork {
  Graph graph;
  EncodingTable table;
};

/// One quantizer per call; calibrated on `images`, n of them. The graph's batch norms are folded.
CalibratedNetwork calibrated(Graph graph, QuantRecipe recipe, const std::vector<float>& images, int n);

}  // namespace qeval::test
