#pragma once
/// aimet-torch 2's prepare_model makes a sigmoid and a product of every SiLU (model_preparer.py, CustomSiLU), so that
/// the gate has a quantizer of its own. Thread-safety: a free function.
#include "stages/model/graph.h"
#include "stages/quant/placement/quantsim_config.h"

namespace qeval {

/// The network as the quantizers of `recipe` are placed in it: in mode aimet-torch-2, if every call has its own
/// quantizers, a node "x.sigmoid" before each SiLU "x", which becomes the product. Other recipes change nothing.
void split_silu(Graph& graph, const QuantRecipe& recipe);

}  // namespace qeval
