#include <cmath>
#include <fstream>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "pipeline/errors.h"
#include "stages/quant/aimet_encodings.h"

namespace qeval {
namespace {

using nlohmann::json;
using Pointer = json::json_pointer;

constexpr int fewest_bits = 2, most_bits = 16;

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : file_(file.string()) {}

  EncodingMap read() {
    const json root = parse();
    check_version(root);
    const Pointer activations("/activation_encodings"), params("/param_encodings");
    const json& activation_section = section(root, activations);
    const json& param_section = section(root, params);
    for (const auto& [module, sides] : activation_section.items()) read_module(activations / module, module, sides);
    for (const auto& [name, list] : param_section.items()) read_param(params / name, name, list);
    if (!further_.empty())
      throw InputError(file_ + ": only input 0 and output 0 of a module can have a quantizer here; remove the entries" +
                       further_);
    return std::move(encodings_);
  }

 private:
  [[noreturn]] void fail(const Pointer& where, const std::string& reason) const {
    throw InputError(file_ + ": " + (where.empty() ? "top level" : where.to_string()) + ": " + reason);
  }

  /// nlohmann keeps the last of several equal keys; here they are an error, for an encoding would be lost silently.
  json parse() const {
    std::ifstream stream(file_, std::ios::binary);
    if (!stream) throw InputError(file_ + ": cannot be opened");
    std::vector<std::set<std::string>> keys;
    const auto watch = [&](int, json::parse_event_t event, json& value) {
      if (event == json::parse_event_t::object_start) keys.emplace_back();
      if (event == json::parse_event_t::object_end) keys.pop_back();
      if (event == json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
        throw InputError(file_ + ": the key \"" + value.get<std::string>() + "\" occurs twice in one object");
      return true;
    };
    try {
      return json::parse(stream, watch);
    } catch (const json::exception& error) {
      throw InputError(file_ + ": not JSON: " + error.what());
    }
  }

  void check_version(const json& root) const {
    if (!root.is_object()) fail(Pointer(), "an object with activation_encodings and param_encodings is expected");
    const auto found = root.find("version");
    if (found == root.end()) return;
    static const std::set<std::string> readable{"0.4.0", "0.5.0", "0.5.1", "0.6.1"};
    if (!found->is_string() || !readable.count(found->get<std::string>()))
      fail(Pointer("/version"), "version " + found->dump() + " cannot be read; export the encodings as version 0.6.1");
  }

  const json& section(const json& root, const Pointer& where) const {
    const auto found = root.find(where.back());
    if (found == root.end()) fail(where, "this section is missing");
    if (!found->is_object()) fail(where, "an object is expected; export the encodings as version 0.6.1");
    return *found;
  }

  void read_module(const Pointer& where, const std::string& module, const json& sides) {
    if (sides.is_array())
      fail(where, "a list stands for an ONNX tensor name; use the file with torch module names, *_torch.encodings");
    if (!sides.is_object()) fail(where, "an object with \"input\" or \"output\" is expected");
    for (const auto& [side, indices] : sides.items()) {
      if (side != "input" && side != "output") fail(where / side, "\"input\" or \"output\" is expected");
      if (!indices.is_object()) fail(where / side, "an object of tensor indices is expected, as {\"0\": {…}}");
      for (const auto& [index, entry] : indices.items()) {
        if (index == "0")
          encodings_[module + ":" + side] = {read_entry(where / side / index, entry)};
        else
          further_ += "\n  " + (where / side / index).to_string();
      }
    }
  }

  void read_param(const Pointer& where, const std::string& name, const json& list) {
    if (!list.is_array() || list.empty()) fail(where, "a list with one entry, or one per channel, is expected");
    EncodingList encodings;
    for (std::size_t i = 0; i < list.size(); ++i) {
      encodings.push_back(read_entry(where / i, list[i]));
      if (encodings[i].bits != encodings[0].bits) fail(where / i / "bitwidth", "differs from the first channel's");
      if (encodings[i].symmetric != encodings[0].symmetric)
        fail(where / i / "is_symmetric", "differs from the first channel's");
    }
    encodings_[name] = std::move(encodings);
  }

  Encoding read_entry(const Pointer& where, const json& entry) const {
    if (!entry.is_object()) fail(where, "an object with bitwidth, min, max, scale and offset is expected");
    const auto type = entry.find("dtype");
    if (type != entry.end() && *type != "int")
      fail(where / "dtype", type->dump() + " is not supported; only \"int\" is");
    Encoding encoding;
    encoding.bits = read_bits(where, entry);
    encoding.symmetric = read_flag(where, entry);
    encoding.min = read_number(where, entry, "min");
    encoding.max = read_number(where, entry, "max");
    encoding.scale = read_number(where, entry, "scale");
    encoding.offset = read_number(where, entry, "offset");
    if (encoding.min > encoding.max) fail(where / "min", "is above max");
    if (!(encoding.scale > 0)) fail(where / "scale", "is not positive");
    if (encoding.offset != std::round(encoding.offset) || std::abs(encoding.offset) > (1 << most_bits))
      fail(where / "offset", "a whole number of at most 16 bits is expected");
    return encoding;
  }

  const json& member(const Pointer& where, const json& entry, const char* name) const {
    const auto found = entry.find(name);
    if (found == entry.end()) fail(where / name, "is missing");
    return *found;
  }

  int read_bits(const Pointer& where, const json& entry) const {
    const json& value = member(where, entry, "bitwidth");
    const double bits = value.is_number_integer() ? value.get<double>() : 0;
    if (bits < fewest_bits || bits > most_bits) fail(where / "bitwidth", value.dump() + " is no whole number from 2 to 16");
    return static_cast<int>(bits);
  }

  bool read_flag(const Pointer& where, const json& entry) const {
    const json& value = member(where, entry, "is_symmetric");
    if (value.is_boolean()) return value.get<bool>();
    if (value == "True" || value == "true") return true;
    if (value == "False" || value == "false") return false;
    fail(where / "is_symmetric", value.dump() + " is neither \"True\" nor \"False\"");
  }

  double read_number(const Pointer& where, const json& entry, const char* name) const {
    const json& value = member(where, entry, name);
    if (!value.is_number()) fail(where / name, value.dump() + " is not a number");
    const double number = value.get<double>();
    if (!std::isfinite(number)) fail(where / name, "is not finite");
    return number;
  }

  std::string file_;
  EncodingMap encodings_;
  std::string further_;
};

}  // namespace

EncodingMap read_aimet_encodings(const std::filesystem::path& file) { return Reader(file).read(); }

}  // namespace qeval
