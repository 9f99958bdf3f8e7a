#pragma once
/// Quantizer placement: a QuantSim configuration applied to a graph. Everything placed, and everything left out, names
/// the rule that decided. The configuration: quantsim_settings.h; its order of rules: quantizer_switches.h.
#include <optional>
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/arithmetic/numerics_mode.h"
#include "stages/quant/placement/quantsim_settings.h"

namespace qeval {

struct QuantRecipe {
  QuantScheme scheme = QuantScheme::tf_enhanced;
  NumericsMode mode = NumericsMode::aimet_1_24;
  double percentile = 100;  ///< scheme percentile only; of activations, parameters always keep 100 % as in AIMET
  int param_bits = 8;
  bool param_symmetric = true;
  bool per_channel = false;
  int activation_bits = 8;
  bool activation_symmetric = false;
  bool quantize_input = true;
  bool quantize_bias = false;
  bool param_float16 = false, activation_float16 = false;  ///< half precision instead of a grid
  int param_block_size = 0;  ///< weights: so many input channels of an output channel share an encoding; 0 = all
  std::vector<std::string> block_modules;  ///< whose weights are cut into blocks; empty = all
  bool share_module_quantizers = true;  ///< one quantizer per module; false = one per call site (after prepare_model)
  /// Decides symmetry, granularity, input and biases instead of the fields above; absent = AIMET's default for the
  /// mode, changed by those fields.
  std::optional<QuantsimSettings> config;
  std::string identity() const;  ///< canonical text; part of keys
};

/// A tensor of the network and what the configuration made of it.
struct TensorRule {
  std::string tensor;  ///< Quantizer::key(), or the name of a function call
  int quantizer = -1;  ///< index in Graph::quantizers; −1 = not quantized
  std::string rule;
};

/// Fills Graph::quantizers and the nodes' quantizer indices. Returns remarks to show the user, e.g. functional ops
/// that get no quantizer because no module exists for them, re-used ReLUs without one (2.42, unprepared).
/// `tensors`, if given, gets every activation and parameter in the order of the graph.
/// Errors: UsageError for bit widths, constraints and blocks that the mode cannot have, and for blocks that do not
/// divide a weight.
std::vector<std::string> place_quantizers(Graph& graph, const QuantRecipe& recipe,
                                          std::vector<TensorRule>* tensors = nullptr);

}  // namespace qeval
