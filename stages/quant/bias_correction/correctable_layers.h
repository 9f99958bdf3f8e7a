#pragma once
/// Which layers bias correction of either kind, and AdaRound, may change. Thread-safety: free function.
#include <functional>
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/pass_report.h"

namespace qeval {

struct CorrectableLayers {
  std::vector<std::size_t> nodes;  ///< conv, conv_transpose and linear, in the graph's order
  std::vector<LeftAlone> left;     ///< the other layers with weights

  std::vector<std::string> names(const Graph& graph) const;
};

/// Layers whose weight is quantized and whose bias belongs to no other call. `is_on`: whether a quantizer is.
CorrectableLayers correctable_layers(const Graph& graph, const std::function<bool(int)>& is_on);

}  // namespace qeval
