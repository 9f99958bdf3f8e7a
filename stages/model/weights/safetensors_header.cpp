#include "stages/model/weights/safetensors_header.h"

#include <algorithm>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

[[noreturn]] void fail(const std::string& what) { throw WeightsFormatError("the safetensors header " + what); }

/// Receives nlohmann's parse events. A DOM would hide duplicate keys and build whatever nesting the file asks for.
class HeaderHandler : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::vector<SafetensorsEntry> take_entries() { return std::move(entries_); }
  std::map<std::string, std::string> take_metadata() { return std::move(metadata_); }

  bool null() override { fail("holds null" + where()); }
  bool boolean(bool) override { fail("holds true or false" + where()); }
  bool number_float(double, const std::string& text) override { fail("holds the number " + in_quotes(text) + where()); }
  bool binary(binary_t&) override { fail("holds binary data"); }
  bool number_integer(std::int64_t value) override {
    fail("holds the negative number " + std::to_string(value) + where());
  }

  bool number_unsigned(std::uint64_t value) override {
    if (state_ == State::shape) {
      if (value > INT64_MAX) fail("holds a size that overflows" + where());
      entries_.back().shape.push_back(static_cast<std::int64_t>(value));
    } else if (state_ == State::offsets) {
      if (offsets_seen_ == 2) fail("has more than two data_offsets" + where());
      (offsets_seen_++ == 0 ? entries_.back().begin : entries_.back().end) = value;
    } else {
      fail("holds a number out of place" + where());
    }
    return true;
  }

  bool string(std::string& value) override {
    if (state_ == State::metadata) return metadata_[field_] = value, true;
    if (state_ != State::entry || field_ != "dtype") fail("holds text out of place" + where());
    entries_.back().dtype = value;
    return true;
  }

  bool start_object(std::size_t) override {
    if (state_ == State::outside) {
      state_ = State::root;
    } else if (state_ == State::root) {
      state_ = field_ == "__metadata__" ? State::metadata : State::entry;
      if (state_ == State::entry) begin_entry();
    } else {
      fail("is nested too deeply" + where());
    }
    return true;
  }

  bool key(std::string& name) override {
    if (state_ == State::root && !names_.insert(name).second) fail("names " + in_quotes(name) + " twice");
    if (state_ == State::entry) begin_field(name);
    field_ = name;
    return true;
  }

  bool end_object() override {
    if (state_ == State::entry) {
      if (seen_fields_ != all_fields) fail("lacks dtype, shape or data_offsets" + where());
    }
    state_ = state_ == State::root ? State::outside : State::root;
    return true;
  }

  bool start_array(std::size_t) override {
    if (state_ != State::entry || field_ == "dtype") fail("holds a list out of place" + where());
    state_ = field_ == "shape" ? State::shape : State::offsets;
    return true;
  }

  bool end_array() override {
    if (state_ == State::offsets && offsets_seen_ != 2) fail("has fewer than two data_offsets" + where());
    state_ = State::entry;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    fail("is not valid JSON at byte " + std::to_string(position));
  }

 private:
  enum class State { outside, root, metadata, entry, shape, offsets };
  static constexpr unsigned all_fields = 7;

  std::string where() const {
    return state_ == State::outside || state_ == State::root || entries_.empty()
               ? ""
               : " at " + in_quotes(entries_.back().name);
  }

  void begin_entry() {
    if (entries_.size() == safetensors_most_tensors)
      fail("names more than " + std::to_string(safetensors_most_tensors) + " tensors");
    entries_.emplace_back().name = field_;
    seen_fields_ = 0;
    offsets_seen_ = 0;
  }

  void begin_field(const std::string& name) {
    const unsigned bit = name == "dtype" ? 1u : name == "shape" ? 2u : name == "data_offsets" ? 4u : 0u;
    if (bit == 0) fail("has the unknown field " + in_quotes(name) + where());
    if (seen_fields_ & bit) fail("has the field " + in_quotes(name) + " twice" + where());
    seen_fields_ |= bit;
  }

  State state_ = State::outside;
  std::string field_;  ///< the last key
  unsigned seen_fields_ = 0;
  int offsets_seen_ = 0;
  std::vector<SafetensorsEntry> entries_;
  std::map<std::string, std::string> metadata_;
  std::unordered_set<std::string> names_;
};

}  // namespace

std::vector<SafetensorsEntry> parse_safetensors_header(std::string_view json,
                                                       std::map<std::string, std::string>* metadata) {
  HeaderHandler handler;
  nlohmann::json::sax_parse(json.begin(), json.end(), &handler);
  if (metadata) *metadata = handler.take_metadata();
  return handler.take_entries();
}

void check_safetensors_layout(std::vector<SafetensorsEntry> entries, std::uint64_t data_bytes) {
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  std::uint64_t expected = 0;
  for (const auto& entry : entries) {
    const std::string range = std::to_string(entry.begin) + ".." + std::to_string(entry.end);
    const std::string subject = "tensor " + in_quotes(entry.name) + " at bytes " + range;
    if (entry.end < entry.begin) throw WeightsFormatError(subject + " ends before it begins");
    if (entry.end > data_bytes)
      throw WeightsFormatError(subject + " lies outside the " + std::to_string(data_bytes) + " data bytes of the file",
                               "the file is truncated or hostile; fetch it again");
    if (entry.begin < expected) throw WeightsFormatError(subject + " overlaps the tensor before it");
    if (entry.begin > expected) throw WeightsFormatError(subject + " leaves a hole before it");
    expected = entry.end;
  }
  if (expected != data_bytes)
    throw WeightsFormatError(std::to_string(data_bytes - expected) +
                             " bytes after the last tensor belong to no tensor");
}

}  // namespace qeval
