#include <set>

#include "stages/quant/aimet_encodings_versions.h"

namespace qeval {
namespace {

using Json = EncodingsDocument::Json;
using Pointer = EncodingsDocument::Pointer;

EncodingEntry read_entry(const EncodingsDocument& file, const Pointer& where, const Json& entry) {
  const Json& type = file.member(where, entry, "dtype");
  if (type == "FLOAT") return {.list = {file.float16(where, entry, "bw")}};
  if (type != "INT") file.fail(where / "dtype", type.dump() + " is not supported; \"INT\" and \"FLOAT\" are");
  const Json& kind = file.member(where, entry, "enc_type");
  if (kind != "PER_TENSOR" && kind != "PER_CHANNEL")
    file.fail(where / "enc_type", kind.dump() + " is not supported; \"PER_TENSOR\" and \"PER_CHANNEL\" are");
  const int bits = file.bits(where, entry, "bw");
  const bool symmetric = file.flag(where, entry, "is_sym");
  const Json& scales = file.member(where, entry, "scale");
  const Json& offsets = file.member(where, entry, "offset");
  if (!scales.is_array() || scales.empty()) file.fail(where / "scale", "a list of numbers is expected");
  if (!offsets.is_array() || offsets.size() != scales.size())
    file.fail(where / "offset", "a list of " + std::to_string(scales.size()) + ", as many as scales, is expected");
  if (kind == "PER_TENSOR" && scales.size() != 1) file.fail(where / "scale", "PER_TENSOR has one scale");
  EncodingEntry read{.per_channel = kind == "PER_CHANNEL"};
  for (std::size_t i = 0; i < scales.size(); ++i) {
    const Pointer scale = where / "scale" / i, offset = where / "offset" / i;
    read.list.push_back(
        encoding_of_grid(file.number(scale, scales[i]), file.number(offset, offsets[i]), bits, symmetric));
    file.check_grid(scale, offset, read.list.back());
  }
  return read;
}

}  // namespace

EncodingEntries read_encodings_1_0(const EncodingsDocument& file) {
  EncodingEntries entries;
  std::set<std::string> names;
  for (const char* name : {"activation_encodings", "param_encodings"}) {
    const Json& section = file.member(Pointer(), file.root(), name);
    if (!section.is_array()) file.fail(Pointer() / name, "a list is expected in version 1.0.0");
    for (std::size_t i = 0; i < section.size(); ++i) {
      const Pointer where = Pointer() / name / i;
      const std::string tensor = file.name(where, section[i]);
      if (!names.insert(tensor).second) file.fail(where / "name", "\"" + tensor + "\" occurs twice");
      entries.push_back(read_entry(file, where, section[i]));
      entries.back().name = tensor;
      entries.back().role = *name == 'p'                ? QuantizerRole::param
                            : tensor.ends_with(":input") ? QuantizerRole::input
                                                         : QuantizerRole::output;
    }
  }
  return entries;
}

}  // namespace qeval
