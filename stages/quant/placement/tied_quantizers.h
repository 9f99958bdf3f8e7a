#pragma once
/// aimet-onnx 2.42 ties the quantizers before and after operators that keep a grid (quantsim.py,
/// _tie_quantizers_for_op_types). "The quantizer of a value" is that at it, or the nearest one before it with nothing
/// but operators in between that move values.
///
/// First, backwards, the output quantizer of every concatenation goes to the quantizers of its inputs, and of the
/// inputs of concatenations and of operators that move values before it, where nobody else reads what is quantized
/// there. Inputs with one and the same fixed range give it to the concatenation; of several ranges those that are fixed
/// stay apart. Then, forwards, the output of every average pool and ReLU gets the quantizer of its input, with the
/// constraints of both; if a range is fixed at the output alone, only where nobody else reads the input.
/// Thread-safety: a free function.
#include "stages/model/graph.h"
#include "stages/quant/placement/quantsim_rules.h"

namespace qeval {

/// Rewrites the nodes' quantizer indices, Quantizer::aliases and call_sites. Returns whether there was anything to tie:
/// a quantizer behind such an operator and one before it.
bool tie_quantizers(Graph& graph, const QuantsimRules& rules);

}  // namespace qeval
