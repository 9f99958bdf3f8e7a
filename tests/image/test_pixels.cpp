#include "tests/image/test_pixels.h"

#include <openssl/evp.h>

#include <cmath>
#include <fstream>
#include <iterator>

namespace qeval::test {
namespace {

template <typename Formula>
Image picture(int width, int height, Formula formula) {
  Image image{width, height, {}};
  image.rgb.reserve(static_cast<std::size_t>(width) * height * 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) image.rgb.push_back(formula(x, y, c));
    }
  }
  return image;
}

}  // namespace

Image hashed_picture(int width, int height) {
  return picture(width, height, [](std::uint32_t x, std::uint32_t y, std::uint32_t c) {
    return static_cast<std::uint8_t>((((x * 73856093u) ^ (y * 19349663u) ^ (c * 83492791u)) * 2654435761u) >> 24);
  });
}

Image smooth_picture(int width, int height) {
  return picture(width, height, [](int x, int y, int c) {
    return static_cast<std::uint8_t>(127.5 + 60 * std::sin(x * 0.11 + c) + 60 * std::cos(y * 0.07 - c));
  });
}

std::string sha256_hex(std::span<const std::uint8_t> bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  const char* digits = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += {digits[digest[i] >> 4], digits[digest[i] & 15]};
  return hex;
}

std::vector<std::uint8_t> read_bytes(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace qeval::test
