#include "stages/quant/aimet_encodings_document.h"

#include <cmath>
#include <fstream>
#include <set>
#include <vector>

#include "pipeline/errors.h"

namespace qeval {

EncodingsDocument::EncodingsDocument(const std::filesystem::path& file) : file_(file.string()) {
  std::ifstream stream(file_, std::ios::binary);
  if (!stream) throw InputError(file_ + ": cannot be opened");
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
      throw InputError(file_ + ": the key \"" + value.get<std::string>() + "\" occurs twice in one object");
    return true;
  };
  try {
    root_ = Json::parse(stream, watch);
  } catch (const Json::exception& error) {
    throw InputError(file_ + ": not JSON: " + error.what());
  }
  if (!root_.is_object()) fail(Pointer(), "an object is expected");
}

std::string EncodingsDocument::version() const {
  const auto found = root_.find("version");
  if (found == root_.end()) return "0.6.1";
  static const std::set<std::string> readable{"0.4.0", "0.5.0", "0.5.1", "0.6.1", "1.0.0", "2.0.0", "2.1.0"};
  if (!found->is_string() || !readable.count(found->get<std::string>()))
    fail(Pointer("/version"), "version " + found->dump() + " cannot be read; export the encodings as version 1.0.0");
  return found->get<std::string>();
}

void EncodingsDocument::fail(const Pointer& where, const std::string& reason) const {
  throw InputError(file_ + ": " + (where.empty() ? "top level" : where.to_string()) + ": " + reason);
}

const EncodingsDocument::Json& EncodingsDocument::member(const Pointer& where, const Json& entry,
                                                         const char* name) const {
  const auto found = entry.find(name);
  if (found == entry.end()) fail(where / name, "is missing");
  return *found;
}

int EncodingsDocument::bits(const Pointer& where, const Json& entry, const char* name) const {
  const Json& value = member(where, entry, name);
  const double bits = value.is_number_integer() ? value.get<double>() : 0;
  if (bits < k_fewest_encoding_bits || bits > k_most_encoding_bits)
    fail(where / name, value.dump() + " is no whole number from 2 to 16");
  return static_cast<int>(bits);
}

Encoding EncodingsDocument::float16(const Pointer& where, const Json& entry, const char* bits_name) const {
  if (bits(where, entry, bits_name) != k_float16_encoding.bits)
    fail(where / bits_name, "data type float is supported with 16 bits only");
  return k_float16_encoding;
}

bool EncodingsDocument::flag(const Pointer& where, const Json& entry, const char* name) const {
  const Json& value = member(where, entry, name);
  if (value.is_boolean()) return value.get<bool>();
  if (value == "True" || value == "true") return true;
  if (value == "False" || value == "false") return false;
  fail(where / name, value.dump() + " is neither \"True\" nor \"False\"");
}

double EncodingsDocument::number(const Pointer& where, const Json& value) const {
  if (!value.is_number()) fail(where, value.dump() + " is not a number");
  const double number = value.get<double>();
  if (!std::isfinite(number)) fail(where, "is not finite");
  return number;
}

std::string EncodingsDocument::name(const Pointer& where, const Json& entry) const {
  if (!entry.is_object()) fail(where, "an object with the tensor's \"name\" is expected");
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
