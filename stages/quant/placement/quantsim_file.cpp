#include "stages/quant/placement/quantsim_file.h"

#include <algorithm>

#include "pipeline/base/did_you_mean.h"
#include "pipeline/base/json_document.h"

namespace qeval {
namespace {

using Json = JsonDocument::Json;
using Pointer = JsonDocument::Pointer;

constexpr std::size_t most_bytes = 16u << 20;

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : file_(file, most_bytes) {}

  QuantsimSettings read() const {
    const Json& root = file_.root();
    static const std::vector<std::string> sections{
        "defaults", "params", "op_type", "supergroups", "model_input", "model_output", "supergroup_pass_list"};
    check_keys(Pointer(), root, sections);
    const auto section = [&](const char* name) -> const Json& { return file_.member(Pointer(), root, name); };
    QuantsimSettings settings;
    read_defaults(section("defaults"), settings);
    settings.params = read_param_kinds(Pointer("/params"), section("params"));
    read_op_types(section("op_type"), settings);
    read_supergroups(section("supergroups"), settings);
    if (const Json* passes = JsonDocument::find(root, "supergroup_pass_list")) read_passes(*passes, settings);
    settings.model_input = read_end(Pointer("/model_input"), section("model_input"), "is_input_quantized");
    settings.model_output = read_end(Pointer("/model_output"), section("model_output"), "is_output_quantized");
    return settings;
  }

 private:
  void check_keys(const Pointer& where, const Json& value, const std::vector<std::string>& known) const {
    file_.expect(value.is_object(), where, value, "an object");
    for (const auto& [key, member] : value.items()) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      std::string list;
      for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
      const std::string hint = did_you_mean(key, known);
      file_.fail_at_key(where / key, "unknown key" + (hint.empty() ? "; known here: " + list : hint));
    }
  }

  std::optional<bool> flag(const Pointer& where, const Json& object, const char* key) const {
    const Json* value = JsonDocument::find(object, key);
    return value ? std::optional(file_.flag_text(where / key, *value)) : std::nullopt;
  }

  /// AIMET accepts only one of the two values here.
  std::optional<bool> only_true(const Pointer& where, const Json& object, const char* key) const {
    const std::optional<bool> value = flag(where, object, key);
    if (value && !*value) file_.fail(where / key, "can only be \"True\"; remove the key instead");
    return value;
  }

  void read_defaults(const Json& defaults, QuantsimSettings& settings) const {
    const Pointer where("/defaults");
    check_keys(where, defaults,
               {"ops", "params", "strict_symmetric", "unsigned_symmetric", "per_channel_quantization",
                "supported_kernels", "hw_version"});
    read_default_ops(where / "ops", file_.member(where, defaults, "ops"), settings);
    settings.all_params = read_param(where / "params", file_.member(where, defaults, "params"));
    settings.strict_symmetric = flag(where, defaults, "strict_symmetric").value_or(false);
    settings.unsigned_symmetric = flag(where, defaults, "unsigned_symmetric").value_or(false);
    settings.per_channel = flag(where, defaults, "per_channel_quantization").value_or(false);
    if (const Json* kernels = JsonDocument::find(defaults, "supported_kernels"))
      check_kernels(where / "supported_kernels", *kernels, true);
    if (const Json* version = JsonDocument::find(defaults, "hw_version")) {
      file_.expect(version->is_string(), where / "hw_version", *version, "a text");
      settings.hw_version = version->get<std::string>();
    }
  }

  void read_default_ops(const Pointer& where, const Json& ops, QuantsimSettings& settings) const {
    check_keys(where, ops, {"is_input_quantized", "is_output_quantized", "is_symmetric"});
    if (ops.contains("is_input_quantized"))
      file_.fail(where / "is_input_quantized", "AIMET does not support it; use op_type or model_input");
    settings.ops.output = only_true(where, ops, "is_output_quantized");
    settings.ops.symmetric = flag(where, ops, "is_symmetric");
  }

  ParamSettings read_param(const Pointer& where, const Json& value) const {
    check_keys(where, value, {"is_quantized", "is_symmetric"});
    return {flag(where, value, "is_quantized"), flag(where, value, "is_symmetric")};
  }

  std::map<std::string, ParamSettings> read_param_kinds(const Pointer& where, const Json& value) const {
    file_.expect(value.is_object(), where, value, "an object of parameter kinds, such as \"bias\"");
    std::map<std::string, ParamSettings> kinds;
    for (const auto& [kind, settings] : value.items()) kinds[kind] = read_param(where / kind, settings);
    return kinds;
  }

  void read_op_types(const Json& value, QuantsimSettings& settings) const {
    const Pointer where("/op_type");
    file_.expect(value.is_object(), where, value, "an object of ONNX operator types, such as \"Conv\"");
    for (const auto& [type, rules] : value.items()) settings.op_types[type] = read_operator(where / type, rules);
  }

  OperatorSettings read_operator(const Pointer& where, const Json& value) const {
    check_keys(where, value,
               {"is_input_quantized", "is_output_quantized", "is_symmetric", "params", "supported_kernels",
                "per_channel_quantization", "encoding_constraints"});
    OperatorSettings settings;
    settings.input = only_true(where, value, "is_input_quantized");
    settings.output = flag(where, value, "is_output_quantized");
    settings.symmetric = flag(where, value, "is_symmetric");
    settings.per_channel = flag(where, value, "per_channel_quantization");
    if (const Json* params = JsonDocument::find(value, "params"))
      settings.params = read_param_kinds(where / "params", *params);
    if (const Json* kernels = JsonDocument::find(value, "supported_kernels"))
      check_kernels(where / "supported_kernels", *kernels, false);
    if (const Json* range = JsonDocument::find(value, "encoding_constraints"))
      settings.constraint = read_constraint(where / "encoding_constraints", *range);
    return settings;
  }

  RangeConstraint read_constraint(const Pointer& where, const Json& value) const {
    check_keys(where, value, {"min", "max"});
    const Json& min = file_.member(where, value, "min");
    RangeConstraint range{file_.number(where / "min", min), std::nullopt};
    // A grid holds zero, so an end beyond it could not be kept.
    if (range.min > 0) file_.fail(where / "min", min.dump() + " is above 0, but every range holds 0");
    const Json* const max = JsonDocument::find(value, "max");
    if (!max) return range;
    range.max = file_.number(where / "max", *max);
    if (*range.max < 0) file_.fail(where / "max", max->dump() + " is below 0, but every range holds 0");
    if (*range.max <= range.min) file_.fail(where / "max", max->dump() + " is not above min, " + min.dump());
    return range;
  }

  void check_kernels(const Pointer& where, const Json& value, bool param_needed) const {
    file_.expect(value.is_array(), where, value, "a list");
    if (value.empty()) file_.fail(where, "is empty; remove the key, or name a kernel");
    for (std::size_t i = 0; i < value.size(); ++i) {
      const Json& kernel = value[i];
      check_keys(where / i, kernel, {"activation", "param"});
      file_.member(where / i, kernel, "activation");
      if (param_needed) file_.member(where / i, kernel, "param");
      for (const auto& [side, rules] : kernel.items()) check_kernel_side(where / i / side, rules);
    }
  }

  void check_kernel_side(const Pointer& where, const Json& value) const {
    check_keys(where, value, {"bitwidth", "dtype"});
    const Json &bits = file_.member(where, value, "bitwidth"), &type = file_.member(where, value, "dtype");
    if (bits != 4 && bits != 8 && bits != 16 && bits != 32) file_.fail(where / "bitwidth", "expected 4, 8, 16 or 32");
    if (type != "int" && type != "float") file_.fail(where / "dtype", "expected \"int\" or \"float\"");
    if (type == "float" && bits < 16) file_.fail(where / "bitwidth", "a float kernel has 16 or 32 bits");
  }

  void read_supergroups(const Json& value, QuantsimSettings& settings) const {
    const Pointer where("/supergroups");
    file_.expect(value.is_array(), where, value, "a list");
    for (std::size_t i = 0; i < value.size(); ++i) {
      check_keys(where / i, value[i], {"op_list"});
      settings.supergroups.push_back(read_chain(where / i / "op_list", file_.member(where / i, value[i], "op_list")));
    }
  }

  /// Unlike in op_type, AIMET refuses types that it does not know.
  std::vector<std::string> read_chain(const Pointer& where, const Json& list) const {
    file_.expect(list.is_array(), where, list, "a list of ONNX operator types");
    if (list.size() < 2) file_.fail(where, "a supergroup has at least two operator types");
    std::vector<std::string> chain;
    const auto& known = quantsim_operator_types();
    for (std::size_t i = 0; i < list.size(); ++i) {
      file_.expect(list[i].is_string(), where / i, list[i], "an ONNX operator type");
      chain.push_back(list[i].get<std::string>());
      if (std::find(known.begin(), known.end(), chain[i]) == known.end())
        file_.fail(where / i, "\"" + chain[i] + "\" is no ONNX operator type" + did_you_mean(chain[i], known));
    }
    return chain;
  }

  void read_passes(const Json& value, QuantsimSettings& settings) const {
    static const std::vector<std::string> known{"MatmulAdd", "LayerNormalization", "RMSNormalization"};
    const Pointer where("/supergroup_pass_list");
    file_.expect(value.is_array(), where, value, "a list");
    for (std::size_t i = 0; i < value.size(); ++i) {
      file_.expect(value[i].is_string(), where / i, value[i], "a pass name");
      settings.supergroup_passes.push_back(value[i].get<std::string>());
      if (std::find(known.begin(), known.end(), settings.supergroup_passes.back()) == known.end())
        file_.fail(where / i, "no pass " + value[i].dump() +
                                  " is known; there are MatmulAdd, LayerNormalization and RMSNormalization");
    }
  }

  bool read_end(const Pointer& where, const Json& value, const char* key) const {
    check_keys(where, value, {key});
    return only_true(where, value, key).value_or(false);
  }

  const JsonDocument file_;
};

}  // namespace

QuantsimSettings read_quantsim_file(const std::filesystem::path& file) {
  QuantsimSettings settings = Reader(file).read();
  settings.name = file.filename().string();
  return settings;
}

}  // namespace qeval
