#pragma once
/// Quantizer placement: AIMET's QuantSim configuration applied to a graph.
///
/// Rules: AIMET 1.24 default_config.json (defaults → params → op_type → supergroups → model_input → model_output), and
/// its 2.42 successor in mode aimet-torch-2; see place_quantizers. Everything placed names its rule.
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/numerics_mode.h"

namespace qeval {

struct QuantRecipe {
  QuantScheme scheme = QuantScheme::tf_enhanced;
  NumericsMode mode = NumericsMode::aimet_1_24;
  int param_bits = 8;
  bool param_symmetric = true;
  bool per_channel = false;
  int activation_bits = 8;
  bool activation_symmetric = false;
  bool quantize_input = true;
  bool quantize_bias = false;
  bool share_module_quantizers = true;  ///< one quantizer per module; false = one per call site (after prepare_model)
  std::string identity() const;         ///< canonical text; part of keys
};

/// Fills Graph::quantizers and the nodes' quantizer indices. Returns remarks to show the user, e.g. functional ops
/// that get no quantizer because no module exists for them, re-used ReLUs without one (2.42, unprepared).
std::vector<std::string> place_quantizers(Graph& graph, const QuantRecipe& recipe);

}  // namespace qeval
