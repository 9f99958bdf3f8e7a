#include "stages/image/jpeg_encode.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include <gtest/gtest.h>

#include "stages/image/jpeg_decode.h"

namespace qeval {
namespace {

/// Red to the right, green downwards: as smooth as JPEG likes it.
Image gradient(int width, int height) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      image.rgb.insert(image.rgb.end(), {static_cast<std::uint8_t>(255 * x / width),
                                         static_cast<std::uint8_t>(255 * y / height), std::uint8_t{60}});
  return image;
}

TEST(JpegEncode, WhatIsDecodedIsWhatWasEncoded) {
  const Image image = gradient(64, 41);
  const Image decoded = decode_jpeg(encode_jpeg(image, 95)).image;
  ASSERT_EQ(decoded.width, 64);
  ASSERT_EQ(decoded.height, 41);
  int largest = 0;
  for (std::size_t i = 0; i < image.rgb.size(); ++i)
    largest = std::max(largest, std::abs(image.rgb[i] - decoded.rgb[i]));
  EXPECT_LE(largest, 16);
}

TEST(JpegEncode, GivesTheSameBytesEachTimeAndFewerForLessQuality) {
  const Image image = gradient(64, 64);
  EXPECT_EQ(encode_jpeg(image, 75), encode_jpeg(image, 75));
  EXPECT_LT(encode_jpeg(image, 30).size(), encode_jpeg(image, 95).size());
}

TEST(JpegEncode, RefusesImagesThatNoJpegHolds) {
  EXPECT_THROW(encode_jpeg({}, 75), std::invalid_argument);
  EXPECT_THROW(encode_jpeg({1, 65'501, std::vector<std::uint8_t>(3 * 65'501)}, 75), std::invalid_argument);
}

}  // namespace
}  // namespace qeval
