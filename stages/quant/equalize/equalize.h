#pragma once
/// Cross-layer equalization of a network whose batch norms are folded: ReLU6 → ReLU (not in mode aimet-torch-2: AIMET
/// leaves that to the user since 2.4, aimet-onnx does it still), cross-layer scaling, high-bias absorption, like
/// AIMET's equalize_model. Meant for per-tensor weight quantization of layers whose channels differ widely. Runs before
/// quantizers are placed.
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/equalize/find_pairs.h"
#include "stages/quant/fold_batch_norm.h"
#include "stages/quant/pass_report.h"

namespace qeval {

struct Equalization {
  int replaced_relu6 = 0, kept_relu6 = 0;
  std::vector<std::vector<std::string>> scaled;  ///< names of the convolutions of each set
  int absorbed = 0;                              ///< joints whose high biases moved on
  std::vector<LeftAlone> left;
  std::vector<FoldedPair> folded;  ///< γ and β of the outputs as they are now, scaled and less what was absorbed

  /// What was scaled, and what was left alone and why: two or three lines for the user.
  std::vector<std::string> remarks() const;
};

/// `folded` is what fold_batch_norm returned for this graph. What was done becomes part of Graph::passes.
Equalization equalize(Graph& graph, std::vector<FoldedPair> folded, NumericsMode mode);

}  // namespace qeval
