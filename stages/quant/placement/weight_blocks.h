#pragma once
/// Encodings per block of input channels, as aimet_torch 2.42's set_blockwise_quantization_for_weights gives them:
/// weights of convolutions and linear layers get one encoding per output channel and block. Thread-safety: free
/// functions. Errors: UsageError naming every weight that the blocks do not divide, modules without a quantized weight,
/// and modes before 2.x, which have no blocks.
#include <string>

#include "stages/model/graph.h"
#include "stages/quant/placement/quantsim_config.h"

namespace qeval {

/// Sets the weight quantizers that `recipe` names; they must be placed.
void cut_weights_into_blocks(Graph& graph, const QuantRecipe& recipe);

/// UsageError with a suggestion unless the module's weight has a quantizer.
void check_has_quantized_weight(const Graph& graph, const std::string& module);

}  // namespace qeval
