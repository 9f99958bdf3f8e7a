#include "stages/quant/placement/quantsim_presets.h"

#include <algorithm>
#include <initializer_list>

namespace qeval {
namespace {

using Types = std::initializer_list<const char*>;

/// What all of them share: outputs, the input and symmetric weights are quantized, biases are not.
QuantsimSettings basis(std::string name) {
  QuantsimSettings s;
  s.name = std::move(name);
  s.ops.output = true;
  s.all_params = {true, true};
  s.params["bias"] = {false, std::nullopt};
  s.model_input = true;
  return s;
}

void output_off(QuantsimSettings& s, Types types) {
  for (const char* type : types) s.op_types[type].output = false;
}

void per_channel(QuantsimSettings& s, Types types) {
  for (const char* type : types) s.op_types[type].per_channel = true;
}

void asymmetric_weight(QuantsimSettings& s, Types types) {
  for (const char* type : types) s.op_types[type].params["weight"].symmetric = false;
}

void constrain(QuantsimSettings& s, Types types, double min, std::optional<double> max) {
  for (const char* type : types) s.op_types[type].constraint = RangeConstraint{min, max};
}

void running_statistics_off(QuantsimSettings& s) {
  for (const char* kind : {"running_mean", "running_var"})
    s.op_types["BatchNormalization"].params[kind].quantized = false;
}

QuantsimSettings default_1_24() {
  QuantsimSettings s = basis("default (1.24)");
  output_off(s, {"Squeeze", "Pad", "Mean"});
  s.supergroups = {{"Conv", "Relu"}, {"Conv", "Clip"}, {"Add", "Relu"}, {"Gemm", "Relu"}};
  return s;
}

QuantsimSettings default_per_channel_1_24() {
  QuantsimSettings s = default_1_24();
  s.name = "default_per_channel (1.24)";
  s.per_channel = true;
  s.op_types["Gemm"].per_channel = false;
  return s;
}

QuantsimSettings default_2() {
  QuantsimSettings s = basis("default_per_tensor (2.42)");
  output_off(s, {"Cast"});
  running_statistics_off(s);
  s.supergroups = {{"Conv", "Relu"}, {"ConvTranspose", "Relu"}, {"Conv", "Clip"}, {"Add", "Relu"}, {"Gemm", "Relu"}};
  s.supergroup_passes = {"MatmulAdd"};
  return s;
}

QuantsimSettings default_per_channel_2() {
  QuantsimSettings s = default_2();
  s.name = "default_per_channel (2.42)";
  per_channel(s, {"Conv", "ConvTranspose", "Gemm", "MatMul", "PRelu"});
  return s;
}

QuantsimSettings htp_basis(const std::string& version) {
  QuantsimSettings s = basis("htp_v" + version);
  s.hw_version = "V" + version;
  running_statistics_off(s);
  output_off(s, {"Cast", "ChannelShuffle", "Gather", "NonMaxSuppression"});
  asymmetric_weight(s, {"LayerNormalization"});
  constrain(s, {"Sin", "Cos", "Tanh"}, -1, 1);
  constrain(s, {"Relu"}, 0, std::nullopt);
  s.supergroups = {{"ConvTranspose", "Relu"}, {"Add", "Relu"}, {"Gemm", "Relu"}};
  return s;
}

QuantsimSettings htp_v66() {
  QuantsimSettings s = htp_basis("66");
  output_off(s, {"Flatten"});
  return s;
}

QuantsimSettings htp_v68(const std::string& version) {
  QuantsimSettings s = htp_basis(version);
  per_channel(s, {"Conv", "ConvTranspose", "PRelu"});
  asymmetric_weight(s, {"RMSNormalization", "InstanceNormalization"});
  s.supergroup_passes = {"LayerNormalization", "RMSNormalization", "MatmulAdd"};
  return s;
}

QuantsimSettings htp_v69(const std::string& version) {
  QuantsimSettings s = htp_v68(version);
  per_channel(s, {"Gemm", "MatMul"});
  return s;
}

/// v73, v75, v79 and v81.
QuantsimSettings htp_late(const std::string& version) {
  QuantsimSettings s = htp_v69(version);
  s.op_types["GroupNormalization"].params["bias"].quantized = true;
  constrain(s, {"Sigmoid", "Softmax"}, 0, 1);
  s.supergroups = {{"Add", "Relu"}};
  for (const char* last : {"HardSwish", "PRelu", "LeakyRelu", "Relu"})
    s.supergroups.push_back({"Conv", "BatchNormalization", last});
  for (const char* last : {"Relu", "PRelu", "LeakyRelu"}) s.supergroups.push_back({"Conv", "Transpose", last});
  for (const char* last : {"Clip", "PRelu", "LeakyRelu", "Relu"}) s.supergroups.push_back({"Conv", last});
  s.supergroups.push_back({"ConvTranspose", "Relu"});
  s.supergroups.push_back({"Gemm", "Relu"});
  return s;
}

std::vector<QuantsimSettings> htp_family() {
  std::vector<QuantsimSettings> with_linear{htp_v69("69")};
  for (const char* version : {"73", "75", "79", "81"}) with_linear.push_back(htp_late(version));
  std::vector<QuantsimSettings> family{htp_v66(), htp_v68("68")};
  for (QuantsimSettings& preset : with_linear) {
    family.push_back(preset);
    // The files of this name say the same in 2.42.
    preset.name += "_per_channel_linear";
    family.push_back(std::move(preset));
  }
  return family;
}

const std::vector<QuantsimSettings>& htp_presets() {
  static const std::vector<QuantsimSettings> presets = htp_family();
  return presets;
}

}  // namespace

const QuantsimSettings* find_quantsim_preset(std::string_view name, NumericsMode mode) {
  static const QuantsimSettings old_default = default_1_24(), old_per_channel = default_per_channel_1_24();
  static const QuantsimSettings new_default = default_2(), new_per_channel = default_per_channel_2();
  const bool old = is_before_2(mode);
  if (name == "default") return old ? &old_default : &new_per_channel;
  if (name == "default_per_tensor") return old ? &old_default : &new_default;
  if (name == "default_per_channel") return old ? &old_per_channel : &new_per_channel;
  const auto found = std::find_if(htp_presets().begin(), htp_presets().end(),
                                  [&](const QuantsimSettings& preset) { return preset.name == name; });
  return found == htp_presets().end() ? nullptr : &*found;
}

std::vector<std::string> quantsim_preset_names() {
  std::vector<std::string> names{"default", "default_per_channel", "default_per_tensor"};
  for (const QuantsimSettings& preset : htp_presets()) names.push_back(preset.name);
  return names;
}

}  // namespace qeval
