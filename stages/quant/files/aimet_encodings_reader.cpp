#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "stages/quant/files/aimet_encodings_versions.h"

namespace qeval {
namespace {

using nlohmann::json;
using Pointer = json::json_pointer;

class Reader {
 public:
  explicit Reader(const EncodingsDocument& document) : file_(document) {}

  EncodingEntries read() {
    const Pointer activations("/activation_encodings"), params("/param_encodings");
    const json& activation_section = section(activations);
    const json& param_section = section(params);
    for (const auto& [module, sides] : activation_section.items()) {
      // A list stands for an ONNX tensor, an object for a module.
      if (sides.is_array())
        read_list(activations / module, module, QuantizerRole::output, sides);
      else
        read_module(activations / module, module, sides);
    }
    for (const auto& [name, list] : param_section.items()) read_list(params / name, name, QuantizerRole::param, list);
    return std::move(entries_);
  }

  EncodingEntries read_bare() {
    for (const auto& [name, list] : file_.root().items()) read_list(Pointer() / name, name, QuantizerRole::param, list);
    return std::move(entries_);
  }

 private:
  const json& section(const Pointer& where) const {
    const json& found = file_.member(Pointer(), file_.root(), where.back().c_str());
    file_.expect(found.is_object(), where, found, "an object in this version");
    return found;
  }

  void read_module(const Pointer& where, const std::string& module, const json& sides) {
    file_.expect(sides.is_object(), where, sides, "an object with \"input\" or \"output\"");
    for (const auto& [side, indices] : sides.items()) {
      if (side != "input" && side != "output") file_.fail_at_key(where / side, "\"input\" or \"output\" is expected");
      file_.expect(indices.is_object(), where / side, indices, "an object of tensor indices, as {\"0\": {…}}");
      for (const auto& [index, entry] : indices.items()) {
        const QuantizerRole role = side == "input" ? QuantizerRole::input : QuantizerRole::output;
        add({.name = name_of_side(module, side, index),
             .role = role,
             .list = {read_entry(where / side / index, entry, role)}},
            where / side / index);
      }
    }
  }

  void read_list(const Pointer& where, const std::string& name, QuantizerRole role, const json& list) {
    if (!list.is_array() || list.empty()) file_.fail(where, "a list with one entry, or one per channel, is expected");
    EncodingList encodings;
    for (std::size_t i = 0; i < list.size(); ++i) {
      encodings.push_back(read_entry(where / i, list[i], role));
      if (encodings[i].bits != encodings[0].bits)
        file_.fail(where / i / "bitwidth", "differs from the first channel's");
      if (encodings[i].symmetric != encodings[0].symmetric)
        file_.fail(where / i / "is_symmetric", "differs from the first channel's");
    }
    const bool per_channel = encodings.size() > 1;
    add({.name = name, .role = role, .per_channel = per_channel, .list = std::move(encodings)}, where);
  }

  void add(EncodingEntry entry, const Pointer& where) {
    if (!names_.insert(entry.name).second) file_.fail(where, "\"" + entry.name + "\" occurs twice");
    entries_.push_back(std::move(entry));
  }

  Encoding read_entry(const Pointer& where, const json& entry, QuantizerRole role) const {
    file_.expect(entry.is_object(), where, entry, "an object with bitwidth, min, max, scale and offset");
    const auto type = entry.find("dtype");
    if (type != entry.end() && *type == "float") return file_.float16(where, entry, "bitwidth");
    if (type != entry.end() && *type != "int")
      file_.fail(where / "dtype", type->dump() + " is not supported; \"int\" and \"float\" are");
    if (entry.contains("zero_point_shift"))
      file_.fail(where / "zero_point_shift", "grids shifted by half a step are not supported");
    Encoding encoding;
    encoding.bits = file_.bits(where, entry, "bitwidth", file_.most_bits(role));
    encoding.symmetric = file_.flag(where, entry, "is_symmetric");
    const auto number = [&](const char* name) { return file_.number(where / name, file_.member(where, entry, name)); };
    encoding.min = number("min");
    encoding.max = number("max");
    encoding.scale = number("scale");
    encoding.offset = number("offset");
    if (encoding.min > encoding.max) file_.fail(where / "min", "is above max");
    file_.check_grid(where / "scale", where / "offset", encoding);
    return encoding;
  }

  const EncodingsDocument& file_;
  EncodingEntries entries_;
  std::set<std::string> names_;
};

}  // namespace

EncodingEntries read_encodings_0_6(const EncodingsDocument& document) { return Reader(document).read(); }

EncodingEntries read_bare_params(const EncodingsDocument& document) { return Reader(document).read_bare(); }

}  // namespace qeval
