#include <charconv>
#include <cmath>
#include <set>

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

/// The smallest and the largest code.
std::pair<double, double> code_range(IntegerType type) {
  const double codes = std::ldexp(1, type.bits);
  return type.is_signed ? std::pair(-codes / 2, codes / 2 - 1) : std::pair(0.0, codes - 1);
}

std::vector<double> read_zero_points(const EncodingsDocument& file, const Pointer& where, const Json& entry,
                                     IntegerType type, std::size_t count) {
  const auto found = entry.find("y_zero_point");
  if (found == entry.end() || found->is_null()) return std::vector<double>(count, 0);
  const Pointer at = where / "y_zero_point";
  const std::vector<double> zeros = read_numbers(file, at, *found, count);
  const auto [low, high] = code_range(type);
  for (std::size_t i = 0; i < zeros.size(); ++i) {
    if (zeros[i] == std::round(zeros[i]) && zeros[i] >= low && zeros[i] <= high) continue;
    file.fail(found->is_array() ? at / i : at, Json(zeros[i]).dump() + " is no whole number from " +
                                                   Json(std::int64_t(low)).dump() + " to " +
                                                   Json(std::int64_t(high)).dump() + ", the codes of " +
                                                   entry.at("output_dtype").get<std::string>());
  }
  return zeros;
}

/// −1: none. Biases have one axis only, so files may leave it out.
int read_axis(const EncodingsDocument& file, const Pointer& where, const Json& entry, IntegerType type,
              std::size_t scales) {
  const auto found = entry.find("axis");
  if (found == entry.end() || found->is_null()) {
    if (scales > 1 && type.bits > k_most_encoding_bits) return 0;
    if (scales > 1) file.fail(where / "axis", "is missing, but there are " + std::to_string(scales) + " scales");
    return -1;
  }
  if (!found->is_number_integer() || *found < 0 || *found > 7)
    file.fail(where / "axis", found->dump() + " is no whole number from 0 to 7");
  return found->get<int>();
}

bool is_parameter(const EncodingEntry& entry, IntegerType type) {
  return entry.per_channel || type.bits > k_most_encoding_bits || entry.name.ends_with(".weight") ||
         entry.name.ends_with(".bias");
}

EncodingEntry read_entry(const EncodingsDocument& file, const Pointer& where, const Json& entry) {
  EncodingEntry read{.name = file.name(where, entry)};
  const IntegerType type = read_type(file, where, entry);
  for (const char* name : {"block_size", "per_block_int_scale", "per_channel_float_scale"})
    if (entry.contains(name)) file.fail(where / name, "encodings per block are not supported");
  const std::vector<double> scales =
      read_numbers(file, where / "y_scale", file.member(where, entry, "y_scale"), 0);
  const std::vector<double> zeros = read_zero_points(file, where, entry, type, scales.size());
  const int axis = read_axis(file, where, entry, type, scales.size());
  read.per_channel = axis >= 0;
  read.axis = std::max(axis, 0);
  for (std::size_t i = 0; i < scales.size(); ++i) {
    read.list.push_back(encoding_of_grid(scales[i], code_range(type).first - zeros[i], type.bits, type.is_signed));
    file.check_grid(where / "y_scale", where / "y_zero_point", read.list.back());
  }
  read.role = is_parameter(read, type)             ? QuantizerRole::param
              : read.name.ends_with(":input") ? QuantizerRole::input
                                              : QuantizerRole::output;
  return read;
}

}  // namespace

EncodingEntries read_encodings_2_0(const EncodingsDocument& file) {
  const Pointer top("/encodings");
  const Json& section = file.member(Pointer(), file.root(), "encodings");
  if (!section.is_array()) file.fail(top, "a list is expected in versions 2.0.0 and 2.1.0");
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
