#pragma once
/// AIMET's default QuantSim configurations as tables. Sources: default_config.json of AIMET 1.24;
/// default_config_per_channel.json of 2.42, with what its runtime adds for data-movement and re-used modules.
#include <string>
#include <string_view>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/numerics_mode.h"

namespace qeval {

struct QuantsimRules {
  std::string name;  ///< of the configuration, for Quantizer::rule
  std::vector<std::string_view> output_off;  ///< ONNX operator types whose outputs are not quantized
  struct Chain {
    std::string_view first, last;
  };
  std::vector<Chain> supergroups;  ///< only the last operator's output is quantized
  bool depthwise_is_conv = true;   ///< a depthwise convolution counts as "Conv" in supergroups
  bool linear_per_channel = true;  ///< per-channel recipes apply to linear layers too
  bool reused_activation_off = false;  ///< a module called twice gets no output quantizer
};

const QuantsimRules& quantsim_rules(NumericsMode mode);

/// The operator type of a node as AIMET's configuration files name it: "Conv", "DepthwiseConv", "Clip" (ReLU6), …
std::string_view onnx_type(const Node& node, const QuantsimRules& rules);

}  // namespace qeval
