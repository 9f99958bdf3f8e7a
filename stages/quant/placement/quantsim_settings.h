#pragma once
/// What an AIMET QuantSim configuration says, whoever said it: a preset (quantsim_presets.h) or a file
/// (quantsim_file.h). How it is applied to a graph: quantizer_switches.h. Plain values; absent = not mentioned.
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace qeval {

struct ParamSettings {
  std::optional<bool> quantized, symmetric;
};

/// encoding_constraints: ends of the range that calibration does not move.
struct RangeConstraint {
  double min = 0;
  std::optional<double> max;
};

/// One entry of op_type; `defaults.ops` too (without params, per_channel and constraint).
struct OperatorSettings {
  std::optional<bool> input, output, symmetric;
  std::map<std::string, ParamSettings> params;  ///< by kind: "weight", "bias"
  std::optional<bool> per_channel;
  std::optional<RangeConstraint> constraint;
};

struct QuantsimSettings {
  std::string name;          ///< preset or file, for Quantizer::rule
  OperatorSettings ops;      ///< defaults.ops
  ParamSettings all_params;  ///< defaults.params
  bool strict_symmetric = false, unsigned_symmetric = false, per_channel = false;
  std::string hw_version;
  std::map<std::string, ParamSettings> params;        ///< by kind
  std::map<std::string, OperatorSettings> op_types;   ///< by ONNX operator type
  std::vector<std::vector<std::string>> supergroups;  ///< chains of ONNX operator types
  std::vector<std::string> supergroup_passes;         ///< patterns of ONNX nodes that are one node of the graph here
  bool model_input = false, model_output = false;

  /// Canonical text of everything that counts (not the name); part of keys.
  std::string identity() const;
  /// Weights of some operator get one encoding per channel.
  bool any_per_channel() const;
};

/// ONNX operator types that AIMET's configurations may name.
const std::vector<std::string>& quantsim_operator_types();

}  // namespace qeval
