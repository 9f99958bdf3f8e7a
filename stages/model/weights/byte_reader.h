#pragma once
/// A bounds-checked cursor over little-endian bytes. Views it returns live as long as the bytes.
/// Errors: WeightsFormatError when the bytes end early, naming what was being read.
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "stages/model/weights/weights_format_error.h"

namespace qeval {

class ByteReader {
 public:
  /// `subject` names the bytes in messages: "the pickle", "the zip directory". It must outlive the reader.
  ByteReader(std::span<const std::uint8_t> bytes, const char* subject) : bytes_(bytes), subject_(subject) {}

  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }

  template <class T>
  T read() {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }

  std::span<const std::uint8_t> take(std::uint64_t count) {
    if (count > remaining())
      throw WeightsFormatError(std::string(subject_) + " ends early: " + std::to_string(count) +
                               " bytes wanted at position " + std::to_string(position_) + ", " +
                               std::to_string(remaining()) + " left");
    auto part = bytes_.subspan(position_, static_cast<std::size_t>(count));
    position_ += static_cast<std::size_t>(count);
    return part;
  }

  std::string_view text(std::uint64_t count) {
    auto part = take(count);
    return {reinterpret_cast<const char*>(part.data()), part.size()};
  }

  /// Up to and without the next newline, which is consumed.
  std::string_view line(std::size_t longest) {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + position_, remaining());
    const std::size_t length = rest.substr(0, longest + 1).find('\n');
    if (length == std::string_view::npos)
      throw WeightsFormatError(std::string(subject_) +
                               " has an overlong or unfinished name: " + in_quotes(rest.substr(0, 60)));
    position_ += length + 1;
    return rest.substr(0, length);
  }

 private:
  std::span<const std::uint8_t> bytes_;
  const char* subject_;
  std::size_t position_ = 0;
};

}  // namespace qeval
