#pragma once
/// High-bias absorption (Nagel et al. 2019, §4.1.3), AIMET's "high-bias fold".
/// A batch norm leaves its channel with mean β and standard deviation |γ|. What lies more than three deviations above
/// zero passes a ReLU as it is and moves to the next layer:
///   c = max(0, β − 3|γ|) behind a ReLU, c = β where there is none;   b1 −= c,   b2 += Σ_taps W2·c
/// It narrows the range of the activation between the two. It is not exact: values below c are now clipped, and at a
/// border padded with zeros the next layer's window holds fewer than all of its taps.
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/fold_batch_norm.h"

namespace qeval {

/// The joint between two convolutions that were scaled.
struct ScaledJoint {
  int first = -1, second = -1;  ///< nodes; `second` is plain or depthwise
  bool relu = false;            ///< between them
};

/// `folded`: γ and β as the scaled outputs have them; what moves on is taken from β. False, and nothing changed, where
/// the first convolution has no batch norm folded into it or one of them has no bias.
bool absorb_high_bias(Graph& graph, const ScaledJoint& joint, std::vector<FoldedPair>& folded);

}  // namespace qeval
