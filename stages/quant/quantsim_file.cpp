#include "stages/quant/quantsim_file.h"

#include <algorithm>
#include <fstream>

#include "pipeline/did_you_mean.h"
#include "pipeline/errors.h"
#include "stages/quant/located_json.h"

namespace qeval {
namespace {

constexpr std::size_t most_bytes = 16u << 20;

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : file_(file.string()) {}

  QuantsimSettings read(const std::string& text) {
    const LocatedJson root = parse_located_json(file_, text);
    static const std::vector<std::string> sections{"defaults",    "params",       "op_type", "supergroups",
                                                   "model_input", "model_output", "supergroup_pass_list"};
    check_keys(root, "top level", sections);
    for (std::size_t i = 0; i + 1 < sections.size(); ++i)
      if (!root.find(sections[i])) fail(root, "the section \"" + sections[i] + "\" is missing");
    QuantsimSettings settings;
    settings.name = std::filesystem::path(file_).filename().string();
    read_defaults(*root.find("defaults"), settings);
    settings.params = read_param_kinds(*root.find("params"), "params");
    read_op_types(*root.find("op_type"), settings);
    read_supergroups(*root.find("supergroups"), settings);
    if (const LocatedJson* passes = root.find("supergroup_pass_list")) read_passes(*passes, settings);
    settings.model_input = read_end(*root.find("model_input"), "model_input", "is_input_quantized");
    settings.model_output = read_end(*root.find("model_output"), "model_output", "is_output_quantized");
    return settings;
  }

 private:
  [[noreturn]] void fail(const LocatedJson& at, const std::string& reason) const { fail_at(file_, at.position, reason); }

  void check_kind(const LocatedJson& value, LocatedJson::Kind kind, const std::string& path, const char* wanted) const {
    if (value.kind != kind) fail(value, path + ": expected " + wanted + ", not " + value.kind_name());
  }

  void check_keys(const LocatedJson& value, const std::string& path, const std::vector<std::string>& known) const {
    check_kind(value, LocatedJson::Kind::object, path, "an object");
    for (const auto& member : value.members) {
      if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
      std::string list;
      for (const std::string& key : known) list += (list.empty() ? "" : ", ") + key;
      const std::string hint = did_you_mean(member.key, known);
      fail_at(file_, member.position,
              path + ": unknown key \"" + member.key + "\"" + (hint.empty() ? "; known here: " + list : hint));
    }
  }

  /// AIMET writes booleans as texts.
  bool read_flag(const LocatedJson& value, const std::string& path) const {
    if (value.kind == LocatedJson::Kind::string && (value.text == "True" || value.text == "False"))
      return value.text == "True";
    fail(value, path + ": expected \"True\" or \"False\" (a text), not " +
                    (value.kind == LocatedJson::Kind::string ? "\"" + value.text + "\"" : value.kind_name()));
  }

  std::optional<bool> flag(const LocatedJson& object, const std::string& path, const char* key) const {
    const LocatedJson* value = object.find(key);
    return value ? std::optional(read_flag(*value, path + "." + key)) : std::nullopt;
  }

  /// AIMET accepts only one of the two values here.
  std::optional<bool> only_true(const LocatedJson& object, const std::string& path, const char* key) const {
    const std::optional<bool> value = flag(object, path, key);
    if (value && !*value) fail(*object.find(key), path + "." + key + ": can only be \"True\"; remove the key instead");
    return value;
  }

  void read_defaults(const LocatedJson& defaults, QuantsimSettings& settings) const {
    check_keys(defaults, "defaults",
               {"ops", "params", "strict_symmetric", "unsigned_symmetric", "per_channel_quantization",
                "supported_kernels", "hw_version"});
    for (const char* key : {"ops", "params"})
      if (!defaults.find(key)) fail(defaults, std::string("defaults: \"") + key + "\" is missing");
    const LocatedJson& ops = *defaults.find("ops");
    check_keys(ops, "defaults.ops", {"is_input_quantized", "is_output_quantized", "is_symmetric"});
    if (const LocatedJson* input = ops.find("is_input_quantized"))
      fail(*input, "defaults.ops.is_input_quantized: AIMET does not support it; use op_type or model_input");
    settings.ops.output = only_true(ops, "defaults.ops", "is_output_quantized");
    settings.ops.symmetric = flag(ops, "defaults.ops", "is_symmetric");
    settings.all_params = read_param(*defaults.find("params"), "defaults.params");
    settings.strict_symmetric = flag(defaults, "defaults", "strict_symmetric").value_or(false);
    settings.unsigned_symmetric = flag(defaults, "defaults", "unsigned_symmetric").value_or(false);
    settings.per_channel = flag(defaults, "defaults", "per_channel_quantization").value_or(false);
    if (const LocatedJson* kernels = defaults.find("supported_kernels"))
      check_kernels(*kernels, "defaults.supported_kernels", true);
    if (const LocatedJson* version = defaults.find("hw_version")) {
      check_kind(*version, LocatedJson::Kind::string, "defaults.hw_version", "a text");
      settings.hw_version = version->text;
    }
  }

  ParamSettings read_param(const LocatedJson& value, const std::string& path) const {
    check_keys(value, path, {"is_quantized", "is_symmetric"});
    return {flag(value, path, "is_quantized"), flag(value, path, "is_symmetric")};
  }

  std::map<std::string, ParamSettings> read_param_kinds(const LocatedJson& value, const std::string& path) const {
    check_kind(value, LocatedJson::Kind::object, path, "an object of parameter kinds, such as \"bias\"");
    std::map<std::string, ParamSettings> kinds;
    for (const auto& member : value.members) kinds[member.key] = read_param(member.value, path + "." + member.key);
    return kinds;
  }

  void read_op_types(const LocatedJson& value, QuantsimSettings& settings) const {
    check_kind(value, LocatedJson::Kind::object, "op_type", "an object of ONNX operator types, such as \"Conv\"");
    for (const auto& member : value.members)
      settings.op_types[member.key] = read_operator(member.value, "op_type." + member.key);
  }

  OperatorSettings read_operator(const LocatedJson& value, const std::string& path) const {
    check_keys(value, path,
               {"is_input_quantized", "is_output_quantized", "is_symmetric", "params", "supported_kernels",
                "per_channel_quantization", "encoding_constraints"});
    OperatorSettings settings;
    settings.input = only_true(value, path, "is_input_quantized");
    settings.output = flag(value, path, "is_output_quantized");
    settings.symmetric = flag(value, path, "is_symmetric");
    settings.per_channel = flag(value, path, "per_channel_quantization");
    if (const LocatedJson* params = value.find("params")) settings.params = read_param_kinds(*params, path + ".params");
    if (const LocatedJson* kernels = value.find("supported_kernels"))
      check_kernels(*kernels, path + ".supported_kernels", false);
    if (const LocatedJson* range = value.find("encoding_constraints"))
      settings.constraint = read_constraint(*range, path + ".encoding_constraints");
    return settings;
  }

  RangeConstraint read_constraint(const LocatedJson& value, const std::string& path) const {
    check_keys(value, path, {"min", "max"});
    const LocatedJson *min = value.find("min"), *max = value.find("max");
    if (!min) fail(value, path + ": \"min\" is missing");
    check_kind(*min, LocatedJson::Kind::number, path + ".min", "a number");
    RangeConstraint range{min->number, std::nullopt};
    // A grid holds zero, so an end beyond it could not be kept.
    if (range.min > 0) fail(*min, path + ".min: " + min->text + " is above 0, but every range holds 0");
    if (!max) return range;
    check_kind(*max, LocatedJson::Kind::number, path + ".max", "a number");
    if (max->number < 0) fail(*max, path + ".max: " + max->text + " is below 0, but every range holds 0");
    if (max->number <= range.min) fail(*max, path + ".max: " + max->text + " is not above min, " + min->text);
    range.max = max->number;
    return range;
  }

  void check_kernels(const LocatedJson& value, const std::string& path, bool param_needed) const {
    check_kind(value, LocatedJson::Kind::array, path, "a list");
    if (value.items.empty()) fail(value, path + ": is empty; remove the key, or name a kernel");
    for (const LocatedJson& kernel : value.items) {
      check_keys(kernel, path, {"activation", "param"});
      if (!kernel.find("activation")) fail(kernel, path + ": \"activation\" is missing");
      if (param_needed && !kernel.find("param")) fail(kernel, path + ": \"param\" is missing");
      for (const auto& side : kernel.members) check_kernel_side(side.value, path + "." + side.key);
    }
  }

  void check_kernel_side(const LocatedJson& value, const std::string& path) const {
    check_keys(value, path, {"bitwidth", "dtype"});
    const LocatedJson *bits = value.find("bitwidth"), *type = value.find("dtype");
    if (!bits || !type) fail(value, path + ": \"bitwidth\" and \"dtype\" are both needed");
    const bool known = bits->kind == LocatedJson::Kind::number && (bits->number == 4 || bits->number == 8 ||
                                                                   bits->number == 16 || bits->number == 32);
    if (!known) fail(*bits, path + ".bitwidth: expected 4, 8, 16 or 32");
    if (type->kind != LocatedJson::Kind::string || (type->text != "int" && type->text != "float"))
      fail(*type, path + ".dtype: expected \"int\" or \"float\"");
    if (type->text == "float" && bits->number < 16) fail(*bits, path + ".bitwidth: a float kernel has 16 or 32 bits");
  }

  void read_supergroups(const LocatedJson& value, QuantsimSettings& settings) const {
    check_kind(value, LocatedJson::Kind::array, "supergroups", "a list");
    for (const LocatedJson& group : value.items) {
      check_keys(group, "supergroups", {"op_list"});
      const LocatedJson* list = group.find("op_list");
      if (!list) fail(group, "supergroups: \"op_list\" is missing");
      check_kind(*list, LocatedJson::Kind::array, "supergroups.op_list", "a list of ONNX operator types");
      if (list->items.size() < 2) fail(*list, "supergroups.op_list: a supergroup has at least two operator types");
      std::vector<std::string> chain;
      for (const LocatedJson& type : list->items) chain.push_back(read_chain_link(type));
      settings.supergroups.push_back(std::move(chain));
    }
  }

  /// Unlike in op_type, AIMET refuses types that it does not know.
  std::string read_chain_link(const LocatedJson& type) const {
    check_kind(type, LocatedJson::Kind::string, "supergroups.op_list", "ONNX operator types");
    const auto& known = quantsim_operator_types();
    if (std::find(known.begin(), known.end(), type.text) == known.end())
      fail(type, "supergroups.op_list: \"" + type.text + "\" is no ONNX operator type" + did_you_mean(type.text, known));
    return type.text;
  }

  void read_passes(const LocatedJson& value, QuantsimSettings& settings) const {
    static const std::vector<std::string> known{"MatmulAdd", "LayerNormalization", "RMSNormalization"};
    check_kind(value, LocatedJson::Kind::array, "supergroup_pass_list", "a list");
    for (const LocatedJson& pass : value.items) {
      check_kind(pass, LocatedJson::Kind::string, "supergroup_pass_list", "pass names");
      if (std::find(known.begin(), known.end(), pass.text) == known.end())
        fail(pass, "supergroup_pass_list: no pass \"" + pass.text +
                       "\" is known; there are MatmulAdd, LayerNormalization and RMSNormalization");
      settings.supergroup_passes.push_back(pass.text);
    }
  }

  bool read_end(const LocatedJson& value, const std::string& section, const char* key) const {
    check_keys(value, section, {key});
    return only_true(value, section, key).value_or(false);
  }

  const std::string file_;
};

}  // namespace

QuantsimSettings read_quantsim_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file)) throw InputError(file.string() + ": cannot be opened");
  std::string text;
  text.resize(most_bytes + 1);
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > most_bytes) throw InputError(file.string() + ": larger than 16 MiB, which no configuration is");
  return Reader(file).read(text);
}

}  // namespace qeval
