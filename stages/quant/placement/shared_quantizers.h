#pragma once
/// aimet-torch 2.42 lets an operator that keeps its input's grid quantize with one quantizer before and after it
/// (quantsim.py, _propagate_encodings; experimental/quantsim_utils.py, propagate_output_encodings).
///
/// Rule: going backwards through the graph, every ReLU and every concatenation whose output is quantized hands its
/// output quantizer to what produces each of its inputs, if that has an output quantizer of its own. Permutations,
/// channel shuffles, and flattens and slices without a module hand it on to their own inputs; where the network's input
/// is reached, the reader's input quantizer becomes that quantizer. ReLU6 hands nothing over, and a quantizer with a
/// fixed end of its range is not handed to a value with several readers. The one quantizer then sees each batch at
/// every place it stands. Thread-safety: a free function.
#include "stages/model/graph.h"
#include "stages/quant/placement/quantsim_rules.h"

namespace qeval {

/// Rewrites the nodes' quantizer indices, Quantizer::aliases and call_sites; quantizers nobody feeds disappear.
void share_quantizers_across_grids(Graph& graph, QuantizerOwner owner);

}  // namespace qeval
