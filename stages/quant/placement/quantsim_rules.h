#pragma once
/// What AIMET's QuantSim does whatever its configuration says, per generation, and the names of operators and of
/// quantizers' owners. Sources: 1.24 torch/quantsim_config/quantsim_config.py; 2.42's successor of it, and quantsim.py.
/// Thread-safety: built once, then read only; free functions.
#include <string>
#include <string_view>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/arithmetic/numerics_mode.h"

namespace qeval {

/// What holds a node's quantizers: its module, or its module after AIMET's prepare_model.
enum class QuantizerOwner { module, prepared_module };

/// Empty for a function call that no module was made of.
const std::string& owner_of(const Node& node, QuantizerOwner owner);

/// How one quantizer comes to stand in several places.
enum class QuantizerSharing {
  never,
  handed_to_producers,  ///< shared_quantizers.h
  tied                  ///< tied_quantizers.h
};

/// Norms that are no part of another layer: how their parameters' grids are.
enum class NormParameters {
  stay_float,
  as_configured,  ///< but those of a layer norm asymmetric below 16 bits
  asymmetric      ///< below 16 bits, and of 8 bits at least
};

struct QuantsimRules {
  std::vector<std::string_view> pass_through;  ///< types that keep the grid: output off unless op_type names the type
  bool depthwise_in_supergroups = true;        ///< a depthwise convolution can begin a supergroup
  bool reused_activation_off = false;          ///< a module called twice gets no output quantizer
  QuantizerSharing sharing = QuantizerSharing::never;
  NormParameters norm_parameters = NormParameters::stay_float;
  bool constraints = false;        ///< encoding_constraints exist
  bool constant_operands = false;  ///< what an operator reads beside activations and parameters has quantizers, too
};

const QuantsimRules& quantsim_rules(NumericsMode mode);

/// The ONNX operator types under which a configuration may name this node; the first one stands in supergroups. Empty
/// for the network's input.
std::vector<std::string_view> operator_types(const Node& node);

/// operator_types(node)[0], or "".
std::string_view operator_type(const Node& node);

/// One input channel per filter: as many groups as input channels.
bool is_depthwise(const Node& node);

}  // namespace qeval
