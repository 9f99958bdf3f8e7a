#include "stages/image/pillow_header.h"

#include <string_view>

namespace qeval {
namespace {

constexpr int start_of_scan = 0xda, quantization_tables = 0xdb, comment = 0xfe;

bool starts_frame(int marker) {
  return (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) || marker == 0xde;
}

bool has_segment(int marker) {
  const bool table_or_frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc8;
  return table_or_frame || (marker >= start_of_scan && marker <= 0xef) || marker == comment;
}

bool starts_with(std::span<const std::uint8_t> segment, std::string_view text) {
  return std::string_view(reinterpret_cast<const char*>(segment.data()), segment.size()).starts_with(text);
}

class HeaderWalk {
 public:
  explicit HeaderWalk(std::span<const std::uint8_t> file) : file_(file) {}

  const char* find_fault() {
    // The third byte, FF, already belongs to the first marker.
    std::uint8_t lead = 0xff;
    at_ = 3;
    while (at_ < file_.size()) {
      const std::uint8_t byte = file_[at_++];
      if (lead != 0xff || byte == 0xff) {
        lead = byte;
        continue;
      }
      if (byte != 0 && byte < 0xc0) return "an undefined marker";
      if (const char* fault = read_marker(byte)) return fault;
      if (byte == start_of_scan) return frame_seen_ ? nullptr : "no frame before the first scan";
      lead = 0;
    }
    return "no scan";
  }

 private:
  const char* read_marker(int marker) {
    if (!has_segment(marker)) return nullptr;
    if (file_.size() - at_ < 2) return "a segment cut short";
    const std::size_t stated = file_[at_] * 256u + file_[at_ + 1];
    at_ += 2;
    // Pillow takes a length below 2, which cannot be, for an empty segment.
    const std::size_t size = stated < 2 ? 0 : stated - 2;
    if (file_.size() - at_ < size) return "a segment cut short";
    const std::span<const std::uint8_t> segment = file_.subspan(at_, size);
    at_ += size;
    if (starts_frame(marker)) return read_frame(segment);
    if (marker == quantization_tables) return tables_fault(segment);
    const bool versioned =
        (marker == 0xe0 && starts_with(segment, "JFIF")) || (marker == 0xee && starts_with(segment, "Adobe"));
    return versioned && segment.size() < 7 ? "an application segment cut short" : nullptr;
  }

  const char* read_frame(std::span<const std::uint8_t> segment) {
    if (segment.size() < 6 || segment.size() % 3 != 0) return "a damaged frame segment";
    const int bits = segment[0], components = segment[5];
    if (bits != 8) return "samples of other than 8 bits";
    if (components != 1 && components != 3 && components != 4) return "an unusual number of components";
    frame_seen_ = true;
    return nullptr;
  }

  static const char* tables_fault(std::span<const std::uint8_t> segment) {
    while (!segment.empty()) {
      const std::size_t table = segment[0] / 16 == 0 ? 1 + 64 : 1 + 128;
      if (segment.size() < table) return "a quantization table cut short";
      segment = segment.subspan(table);
    }
    return nullptr;
  }

  std::span<const std::uint8_t> file_;
  std::size_t at_ = 0;
  bool frame_seen_ = false;
};

}  // namespace

const char* pillow_header_fault(std::span<const std::uint8_t> file) { return HeaderWalk(file).find_fault(); }

}  // namespace qeval
