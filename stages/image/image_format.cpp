#include "stages/image/image_format.h"

#include <array>

namespace qeval {
namespace {

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  std::string_view format;
};

using namespace std::string_view_literals;

constexpr std::array signatures{
    Signature{0, "\x89PNG\r\n\x1a\n"sv, "PNG"},
    Signature{0, "GIF87a"sv, "GIF"},
    Signature{0, "GIF89a"sv, "GIF"},
    Signature{8, "WEBP"sv, "WebP"},
    Signature{0, "BM"sv, "BMP"},
    Signature{0, "II*\0"sv, "TIFF"},
    Signature{0, "MM\0*"sv, "TIFF"},
    Signature{0, "\0\0\0\x0cjP  "sv, "JPEG 2000"},
    Signature{0, "\xff\x4f\xff\x51"sv, "JPEG 2000"},
    Signature{0, "\0\0\0\x0cJXL "sv, "JPEG XL"},
    Signature{4, "ftypavif"sv, "AVIF/HEIF"},
    Signature{4, "ftyphei"sv, "AVIF/HEIF"},
    Signature{4, "ftypmif1"sv, "AVIF/HEIF"},
    Signature{0, "<!DOCTYPE html"sv, "HTML"},
    Signature{0, "<html"sv, "HTML"},
};

}  // namespace

bool starts_like_jpeg(std::span<const std::uint8_t> file) {
  return file.size() >= 3 && file[0] == 0xff && file[1] == 0xd8 && file[2] == 0xff;
}

std::string_view other_format_name(std::span<const std::uint8_t> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  for (const Signature& signature : signatures) {
    if (text.size() > signature.offset && text.substr(signature.offset).starts_with(signature.bytes)) {
      return signature.format;
    }
  }
  return {};
}

}  // namespace qeval
