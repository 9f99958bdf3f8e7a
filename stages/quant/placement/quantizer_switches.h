#pragma once
/// Which quantizers of a network are on, and how they are set, after every section of a QuantSim configuration:
/// everything starts off; defaults → params → op_type → supergroups → model_input → model_output, later ones override.
/// An Add, Mul, Concat or Div without a module has no quantizers: switching its output on or off means the inputs of
/// what reads it, switching its input on means the outputs of what it reads. Thread-safety: a free function. Errors:
/// UsageError for encoding_constraints in a mode without them.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/placement/quantsim_rules.h"
#include "stages/quant/placement/quantsim_settings.h"

namespace qeval {

/// On or off, and the last rule that said so.
struct QuantizerSwitch {
  bool on = false;
  std::string rule = "no rule switches it on";
  bool symmetric = false;
  std::optional<RangeConstraint> constraint;  ///< outputs and inputs
  bool per_channel = false;                   ///< parameters
};

struct OwnerSwitches {
  QuantizerSwitch input, output, weight, bias;
};

struct QuantizerSwitches {
  std::map<std::string, OwnerSwitches> owners;
  std::vector<std::string> remarks;  ///< for the user
};

QuantizerSwitches apply_quantsim_settings(const Graph& graph, const QuantsimSettings& settings,
                                          const QuantsimRules& rules, QuantizerOwner owner);

}  // namespace qeval
