#include <charconv>

#include "stages/quant/aimet_encodings_versions.h"

namespace qeval {
namespace {

using Json = EncodingsDocument::Json;
using Pointer = EncodingsDocument::Pointer;

struct IntegerType {
  bool is_signed = false;
  int bits = 0;
};

IntegerType read_type(const EncodingsDocument& file, const Pointer& where, const Json& entry) {
  const Json& value = file.member(where, entry, "output_dtype");
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  IntegerType type;
  type.is_signed = text.starts_with("int");
  const std::string digits = text.substr(type.is_signed ? 3 : std::min<std::size_t>(4, text.size()));
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), type.bits);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!whole || type.bits < k_fewest_encoding_bits || type.bits > 32 || (!type.is_signed && !text.starts_with("uint")))
    file.fail(where / "output_dtype", value.dump() + " is not supported; int2 to int32 and uint2 to uint32 are");
  return type;
}

/// A number or a list of numbers; `count` 0 = any number of them.
std::vector<double> read_numbers(const EncodingsDocument& file, const Pointer& where, const Json& value,
                                 std::size_t count) {
  if (value.is_object()) file.fail(where, "scales that are quantized themselves are not supported");
  if (!value.is_array()) {
    if (count > 1) file.fail(where, "a list of " + std::to_string(count) + ", as many as scales, is expected");
    return {file.number(where, value)};
  }
  if (value.empty() || (count && value.size() != count))
    file.fail(where, count ? "a list of " + std::to_string(count) + ", as many as scales, is expected"
                           : "a number or a list of numbers is expected");
  std::vector<double> numbers;
  for (std::size_t i = 0; i < value.size(); ++i) numbers.push_back(file.number(where / i, value[i]));
  return numbers;
}

EncodingList read_entry(const EncodingsDocument& file, const Pointer& where, const Json& entry, IntegerType type) {
  for (const char* name : {"block_size", "per_block_int_scale", "per_channel_float_scale"})
    if (entry.contains(name)) file.fail(where / name, "encodings per block are not supported");
  const std::vector<double> scales =
      read_numbers(file, where / "y_scale", file.member(where, entry, "y_scale"), 0);
  std::vector<double> zeros(scales.size(), 0);
  if (const auto found = entry.find("y_zero_point"); found != entry.end() && !found->is_null())
    zeros = read_numbers(file, where / "y_zero_point", *found, scales.size());
  EncodingList list;
  const double lowest = type.is_signed ? -(1 << (type.bits - 1)) : 0;
  for (std::size_t i = 0; i < scales.size(); ++i) {
    // -1 is the zero point of a strict symmetric grid.
    const bool symmetric = type.is_signed && (zeros[i] == 0 || zeros[i] == -1);
    list.push_back(encoding_of_grid(scales[i], lowest - zeros[i], type.bits, symmetric));
    file.check_grid(where / "y_scale", where / "y_zero_point", list.back());
    if (list[i].symmetric != list[0].symmetric)
      file.fail(where / "y_zero_point", "some channels are symmetric, others are not");
  }
  return list;
}

}  // namespace

EncodingMap read_encodings_2_0(const EncodingsDocument& file) {
  const Pointer top("/encodings");
  const Json& section = file.member(Pointer(), file.root(), "encodings");
  if (!section.is_array()) file.fail(top, "a list is expected in versions 2.0.0 and 2.1.0");
  EncodingMap encodings;
  for (std::size_t i = 0; i < section.size(); ++i) {
    const Pointer where = top / i;
    const std::string tensor = file.name(where, section[i]);
    const IntegerType type = read_type(file, where, section[i]);
    if (type.bits > k_most_encoding_bits) continue;
    if (!encodings.emplace(tensor, read_entry(file, where, section[i], type)).second)
      file.fail(where / "name", "\"" + tensor + "\" occurs twice");
  }
  return encodings;
}

}  // namespace qeval
