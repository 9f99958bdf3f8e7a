#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "stages/quant/files/aimet_encodings_versions.h"
#include "stages/quant/files/aimet_number_grid.h"

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
  if (!whole || type.bits < fewest_encoding_bits || type.bits > most_bias_bits ||
      (!type.is_signed && !text.starts_with("uint")))
    file.fail(where / "output_dtype", value.dump() + " is not supported; int2 to int32 and uint2 to uint32 are");
  return type;
}

/// The smallest and the largest code.
std::pair<double, double> code_range(IntegerType type) {
  const double codes = std::ldexp(1, type.bits);
  return type.is_signed ? std::pair(-codes / 2, codes / 2 - 1) : std::pair(0.0, codes - 1);
}

/// In the scales' order; sizes must be theirs.
std::vector<double> read_zero_points(const EncodingsDocument& file, const Pointer& where, const Json& entry,
                                     IntegerType type, const NumberGrid& scales) {
  const auto found = entry.find("y_zero_point");
  if (found == entry.end() || found->is_null()) return std::vector<double>(scales.values.size(), 0);
  const Pointer at = where / "y_zero_point";
  const NumberGrid zeros = read_number_grid(file, at, *found);
  if (zeros.values.size() != scales.values.size() || (scales.sizes.size() > 1 && zeros.sizes != scales.sizes))
    file.fail(at, "a list of " + std::to_string(scales.values.size()) + ", as many as scales, is expected");
  const auto [low, high] = code_range(type);
  for (std::size_t i = 0; i < zeros.values.size(); ++i) {
    if (zeros.values[i] == std::round(zeros.values[i]) && zeros.values[i] >= low && zeros.values[i] <= high) continue;
    file.fail(element_of_grid(at, zeros.sizes, i),
              Json(zeros.values[i]).dump() + " is no whole number from " + Json(std::int64_t(low)).dump() + " to " +
                  Json(std::int64_t(high)).dump() + ", the codes of " + entry.at("output_dtype").get<std::string>());
  }
  return zeros.values;
}

std::optional<int> read_axis(const EncodingsDocument& file, const Pointer& where, const Json& entry) {
  const auto found = entry.find("axis");
  if (found == entry.end() || found->is_null()) return std::nullopt;
  if (!found->is_number_integer() || *found < -8 || *found > 7)
    file.fail(where / "axis", found->dump() + " is no whole number from -8 to 7");
  return found->get<int>();
}

/// Encodings per channel. Biases have one axis only, so files may leave it out.
void place_channels(const EncodingsDocument& file, const Pointer& where, const Json& entry, IntegerType type,
                    std::size_t scales, EncodingEntry& read) {
  const std::optional<int> axis = read_axis(file, where, entry);
  const bool is_bias = type.bits > most_encoding_bits;
  if (!axis && scales > 1 && !is_bias)
    file.fail(where / "axis", "is missing, but there are " + std::to_string(scales) + " scales");
  read.per_channel = read.axis_known = axis || scales > 1;
  read.axis = axis.value_or(0);
}

/// The file says where the blocks lie; the channels lie on the other of the first two axes.
void place_blocks(const EncodingsDocument& file, const Pointer& where, const Json& entry, const NumberGrid& scales,
                  EncodingEntry& read) {
  const int size = read_block_size(file, where, entry);
  if (scales.sizes.size() < 2)
    file.fail(where / scale_member(entry), "lists of lists are expected, as many deep as the tensor has axes");
  const std::optional<int> axis = read_axis(file, where, entry);
  if (!axis) file.fail(where / "axis", "is missing, but there is a block_size");
  const int blocks = axis_from_front(*axis, scales.sizes.size());
  if (blocks != 0 && blocks != 1)
    file.fail(where / "axis", std::to_string(*axis) + " is not supported; blocks lie on one of the first two axes");
  read.per_channel = read.axis_known = true;
  read.axis = 1 - blocks;
  read.block_size = size;
  read.grid = scales.sizes;
}

bool is_parameter(const EncodingEntry& entry, IntegerType type) {
  return entry.per_channel || type.bits > most_encoding_bits || entry.name.ends_with(".weight") ||
         entry.name.ends_with(".bias");
}

EncodingEntry read_entry(const EncodingsDocument& file, const Pointer& where, const Json& entry) {
  EncodingEntry read{.name = file.name(where, entry)};
  const IntegerType type = read_type(file, where, entry);
  const NumberGrid scales = read_scale_grid(file, where, entry);
  const Pointer scales_at = where / scale_member(entry);
  const auto block_size = entry.find("block_size");
  const bool in_blocks = block_size != entry.end() && !block_size->is_null();
  if (!in_blocks && scales.sizes.size() > 1) file.fail(scales_at, "a number or a list of numbers is expected");
  if (in_blocks)
    place_blocks(file, where, entry, scales, read);
  else
    place_channels(file, where, entry, type, scales.values.size(), read);
  const std::vector<double> zeros = read_zero_points(file, where, entry, type, scales);
  for (std::size_t i = 0; i < zeros.size(); ++i) {
    read.list.push_back(
        encoding_of_grid(scales.values[i], code_range(type).first - zeros[i], type.bits, type.is_signed));
    file.check_grid(scales_at, where / "y_zero_point", read.list.back());
  }
  read.role = is_parameter(read, type)        ? QuantizerRole::param
              : read.name.ends_with(":input") ? QuantizerRole::input
                                              : QuantizerRole::output;
  return read;
}

}  // namespace

EncodingEntries read_encodings_2_0(const EncodingsDocument& file) {
  const Pointer top("/encodings");
  const Json& section = file.member(Pointer(), file.root(), "encodings");
  file.expect(section.is_array(), top, section, "a list in versions 2.0.0 and 2.1.0");
  EncodingEntries entries;
  std::set<std::string> names;
  for (std::size_t i = 0; i < section.size(); ++i) {
    entries.push_back(read_entry(file, top / i, section[i]));
    if (!names.insert(entries.back().name).second)
      file.fail(top / i / "name", "\"" + entries.back().name + "\" occurs twice");
  }
  return entries;
}

}  // namespace qeval
