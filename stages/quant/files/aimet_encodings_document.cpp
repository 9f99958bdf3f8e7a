#include "stages/quant/files/aimet_encodings_document.h"

#include <cmath>
#include <set>

namespace qeval {
namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 30;

}  // namespace

EncodingsDocument::EncodingsDocument(const std::filesystem::path& file) : JsonDocument(file, most_bytes) {}

std::string EncodingsDocument::version() const {
  const Json* const found = find(root(), "version");
  if (!found) return "0.6.1";
  static const std::set<std::string> readable{"0.4.0", "0.5.0", "0.5.1", "0.6.1", "1.0.0", "2.0.0", "2.1.0"};
  if (!found->is_string() || !readable.count(found->get<std::string>()))
    fail(Pointer("/version"), "version " + found->dump() + " cannot be read; export the encodings as version 1.0.0");
  return found->get<std::string>();
}

int EncodingsDocument::bits(const Pointer& where, const Json& entry, const char* name, int most) const {
  const Json& value = member(where, entry, name);
  const double bits = value.is_number_integer() ? value.get<double>() : 0;
  if (bits < fewest_encoding_bits || bits > most)
    fail(where / name, value.dump() + " is no whole number from 2 to " + std::to_string(most));
  return static_cast<int>(bits);
}

Encoding EncodingsDocument::float16(const Pointer& where, const Json& entry, const char* bits_name) const {
  if (bits(where, entry, bits_name) != float16_encoding.bits)
    fail(where / bits_name, "data type float is supported with 16 bits only");
  return float16_encoding;
}

std::string EncodingsDocument::name(const Pointer& where, const Json& entry) const {
  expect(entry.is_object(), where, entry, "an object with the tensor's \"name\"");
  const Json& value = member(where, entry, "name");
  if (!value.is_string() || value.get<std::string>().empty()) fail(where / "name", "a tensor name is expected");
  return value.get<std::string>();
}

void EncodingsDocument::check_grid(const Pointer& scale, const Pointer& offset, const Encoding& encoding) const {
  if (!(encoding.scale > 0)) fail(scale, "is not positive");
  if (encoding.offset != std::round(encoding.offset) || std::abs(encoding.offset) > std::ldexp(1, encoding.bits))
    fail(offset, "a whole number of at most " + std::to_string(encoding.bits) + " bits is expected");
  if (!std::isfinite(encoding.min) || !std::isfinite(encoding.max)) fail(scale, "is too large for a finite range");
}

Encoding encoding_of_grid(double scale, double offset, int bits, bool symmetric) {
  Encoding encoding{.scale = scale, .offset = offset, .bits = bits, .symmetric = symmetric};
  encoding.min = scale * offset;
  encoding.max = scale * (offset + highest_code(encoding));
  return encoding;
}

}  // namespace qeval
