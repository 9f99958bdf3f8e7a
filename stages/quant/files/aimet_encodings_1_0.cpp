#include <algorithm>
#include <cmath>
#include <set>

#include "stages/quant/files/aimet_encodings_versions.h"
#include "stages/quant/files/aimet_number_grid.h"

namespace qeval {
namespace {

using Json = EncodingsDocument::Json;
using Pointer = EncodingsDocument::Pointer;

const char* const kinds[] = {"PER_TENSOR", "PER_CHANNEL", "PER_BLOCK", "LPBQ"};

std::string read_kind(const EncodingsDocument& file, const Pointer& where, const Json& entry) {
  const Json& kind = file.member(where, entry, "enc_type");
  if (std::find(std::begin(kinds), std::end(kinds), kind) == std::end(kinds))
    file.fail(where / "enc_type",
              kind.dump() + " is not supported; \"PER_TENSOR\", \"PER_CHANNEL\", \"PER_BLOCK\" and \"LPBQ\" are");
  return kind.get<std::string>();
}

const Json& read_list(const EncodingsDocument& file, const Pointer& where, const Json& entry, const char* name) {
  const Json& list = file.member(where, entry, name);
  if (!list.is_array() || list.empty()) file.fail(where / name, "a list of numbers is expected");
  return list;
}

/// Grouped blocks: `scale` and `offset` are a channel's, in the wide type of `bw`; the codes have `compressed_bw`.
void read_grouped_blocks(const EncodingsDocument& file, const Pointer& where, const Json& entry, EncodingEntry& read) {
  const Json& channels = read_list(file, where, entry, "scale");
  const Json& blocks = read_list(file, where, entry, "per_block_int_scale");
  const int bits = file.bits(where, entry, "compressed_bw");
  if (!file.flag(where, entry, "is_sym")) file.fail(where / "is_sym", "is false, but LPBQ is symmetric");
  if (blocks.size() % channels.size() != 0)
    file.fail(where / "per_block_int_scale",
              "a multiple of the " + std::to_string(channels.size()) + " scales is expected");
  const std::size_t per_channel = blocks.size() / channels.size();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Pointer at = where / "per_block_int_scale" / i;
    const double channel = file.number(where / "scale" / (i / per_channel), channels[i / per_channel]);
    const double scale = grouped_scale(file.number(at, blocks[i]), channel);
    read.list.push_back(encoding_of_grid(scale, -std::ldexp(1.0, bits - 1), bits, true));
    file.check_grid(at, where / "compressed_bw", read.list.back());
  }
}

void read_grids(const EncodingsDocument& file, const Pointer& where, const Json& entry, EncodingEntry& read) {
  const int bits = file.bits(where, entry, "bw", file.most_bits(read.role));
  const bool symmetric = file.flag(where, entry, "is_sym");
  const Json& scales = read_list(file, where, entry, "scale");
  const Json& offsets = file.member(where, entry, "offset");
  if (!offsets.is_array() || offsets.size() != scales.size())
    file.fail(where / "offset", "a list of " + std::to_string(scales.size()) + ", as many as scales, is expected");
  for (std::size_t i = 0; i < scales.size(); ++i) {
    const Pointer scale = where / "scale" / i, offset = where / "offset" / i;
    read.list.push_back(
        encoding_of_grid(file.number(scale, scales[i]), file.number(offset, offsets[i]), bits, symmetric));
    file.check_grid(scale, offset, read.list.back());
  }
}

EncodingEntry read_entry(const EncodingsDocument& file, const Pointer& where, const Json& entry, QuantizerRole role) {
  const Json& type = file.member(where, entry, "dtype");
  if (type == "FLOAT") return {.role = role, .list = {file.float16(where, entry, "bw")}};
  if (type != "INT") file.fail(where / "dtype", type.dump() + " is not supported; \"INT\" and \"FLOAT\" are");
  if (entry.contains("zero_point_shift"))
    file.fail(where / "zero_point_shift", "grids shifted by half a step are not supported");
  const std::string kind = read_kind(file, where, entry);
  EncodingEntry read{.role = role, .per_channel = kind != "PER_TENSOR"};
  if (kind == "PER_BLOCK" || kind == "LPBQ") read.block_size = read_block_size(file, where, entry);
  if (kind == "LPBQ") {
    read.axis_known = true;  // the channels' order in the file says it
    read_grouped_blocks(file, where, entry, read);
  } else {
    read_grids(file, where, entry, read);
  }
  if (kind == "PER_TENSOR" && read.list.size() != 1) file.fail(where / "scale", "PER_TENSOR has one scale");
  return read;
}

}  // namespace

EncodingEntries read_encodings_1_0(const EncodingsDocument& file) {
  EncodingEntries entries;
  std::set<std::string> names;
  for (const char* name : {"activation_encodings", "param_encodings"}) {
    const Json& section = file.member(Pointer(), file.root(), name);
    file.expect(section.is_array(), Pointer() / name, section, "a list in version 1.0.0");
    for (std::size_t i = 0; i < section.size(); ++i) {
      const Pointer where = Pointer() / name / i;
      const std::string tensor = file.name(where, section[i]);
      if (!names.insert(tensor).second) file.fail(where / "name", "\"" + tensor + "\" occurs twice");
      const QuantizerRole role = *name == 'p'                 ? QuantizerRole::param
                                 : tensor.ends_with(":input") ? QuantizerRole::input
                                                              : QuantizerRole::output;
      entries.push_back(read_entry(file, where, section[i], role));
      entries.back().name = tensor;
    }
  }
  return entries;
}

}  // namespace qeval
