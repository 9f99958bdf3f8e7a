#include "stages/image/jpeg_decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "pipeline/base/errors.h"
#include "tests/image/jpeg_writer.h"
#include "tests/image/test_pixels.h"

namespace qeval::test {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Color = JpegSpec::Color;

JpegSpec smooth_spec(int width, int height) {
  JpegSpec spec;
  spec.width = width;
  spec.height = height;
  spec.pixels = smooth_picture(width, height).rgb;
  return spec;
}

ItemError refusal_of(const Bytes& file, const JpegLimits& limits = {}) {
  try {
    decode_jpeg(file, limits);
  } catch (const ItemError& error) {
    return error;
  }
  return ItemError("accepted", "");
}

std::string kind_of(const Bytes& file, const JpegLimits& limits = {}) { return refusal_of(file, limits).kind(); }

int largest_difference(const Bytes& a, const Bytes& b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

TEST(JpegDecode, ReturnsThePictureThatWasWritten) {
  JpegSpec spec = smooth_spec(83, 41);
  spec.quality = 100;
  spec.subsample = false;
  const DecodedJpeg decoded = decode_jpeg(write_jpeg(spec));
  EXPECT_EQ(decoded.image.width, 83);
  EXPECT_EQ(decoded.image.height, 41);
  ASSERT_EQ(decoded.image.rgb.size(), 83u * 41 * 3);
  EXPECT_LE(largest_difference(decoded.image.rgb, spec.pixels), 3);
  EXPECT_EQ(decoded.warnings, 0);
}

TEST(JpegDecode, ProgressiveArithmeticAndRestartFilesHoldTheSamePixelsAsTheBaselineFile) {
  const Bytes baseline = decode_jpeg(write_jpeg(smooth_spec(100, 60))).image.rgb;
  for (int variant = 0; variant < 4; ++variant) {
    JpegSpec spec = smooth_spec(100, 60);
    spec.progressive = variant & 1;
    spec.arithmetic = variant & 2;
    spec.restart_interval = variant == 0 ? 3 : 0;
    EXPECT_EQ(decode_jpeg(write_jpeg(spec)).image.rgb, baseline) << variant;
  }
}

TEST(JpegDecode, GrayBecomesThreeEqualChannels) {
  JpegSpec spec;
  spec.color = Color::gray;
  spec.width = 16;
  spec.height = 8;
  spec.pixels.assign(16 * 8, 77);
  const Image image = decode_jpeg(write_jpeg(spec)).image;
  EXPECT_EQ(image.rgb, Bytes(16 * 8 * 3, 77));
}

/// A flat picture of one stored CMYK value; R, G, B of its first pixel. Quality 100 keeps a flat value exact.
Bytes decode_flat_cmyk(const Bytes& stored, Color color) {
  JpegSpec spec;
  spec.color = color;
  spec.width = spec.height = 8;
  spec.quality = 100;
  for (int i = 0; i < 64; ++i) spec.pixels.insert(spec.pixels.end(), stored.begin(), stored.end());
  const Image image = decode_jpeg(write_jpeg(spec)).image;
  return {image.rgb.begin(), image.rgb.begin() + 3};
}

TEST(JpegDecode, CmykBecomesRgbAsPillowConvertsIt) {
  // Right-hand sides: Pillow 13.0.0, Image.frombytes("CMYK", …, 255 − stored).convert("RGB").
  EXPECT_EQ(decode_flat_cmyk({255, 255, 255, 255}, Color::cmyk), (Bytes{255, 255, 255}));
  EXPECT_EQ(decode_flat_cmyk({0, 255, 255, 255}, Color::cmyk), (Bytes{0, 255, 255}));
  EXPECT_EQ(decode_flat_cmyk({128, 255, 255, 255}, Color::cmyk), (Bytes{128, 255, 255}));
  EXPECT_EQ(decode_flat_cmyk({10, 20, 30, 0}, Color::cmyk), (Bytes{0, 0, 0}));
  EXPECT_EQ(decode_flat_cmyk({200, 100, 50, 180}, Color::cmyk), (Bytes{141, 71, 35}));
  EXPECT_EQ(decode_flat_cmyk({90, 160, 220, 70}, Color::cmyk), (Bytes{25, 44, 60}));
}

TEST(JpegDecode, YcckIsTurnedIntoCmykFirst) {
  EXPECT_EQ(decode_flat_cmyk({200, 200, 200, 255}, Color::ycck), (Bytes{200, 200, 200}));
  EXPECT_EQ(decode_flat_cmyk({120, 120, 120, 0}, Color::ycck), (Bytes{0, 0, 0}));
}

TEST(JpegDecode, IgnoresExifOrientation) {
  using namespace std::string_view_literals;
  JpegSpec spec = smooth_spec(40, 24);
  const Bytes plain = decode_jpeg(write_jpeg(spec)).image.rgb;
  // One directory entry: tag 0x0112, type short, count 1, value 6 (rotate by 90 degrees).
  spec.exif = "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"sv;
  const Image rotated = decode_jpeg(write_jpeg(spec)).image;
  EXPECT_EQ(rotated.width, 40);
  EXPECT_EQ(rotated.rgb, plain);
}

TEST(JpegDecode, RejectsTruncatedFileLikePillow) {
  Bytes file = write_jpeg(smooth_spec(64, 64));
  EXPECT_EQ(kind_of(file), "accepted");
  file.resize(file.size() - 2);
  EXPECT_EQ(kind_of(file), "truncated") << "only the end marker is missing and nothing follows";
  Bytes with_tail = file;
  with_tail.insert(with_tail.end(), 16, 0);
  EXPECT_EQ(kind_of(with_tail), "accepted") << "the end marker is missing, but bytes follow";
  file.resize(file.size() / 2);
  const ItemError error = refusal_of(file);
  EXPECT_EQ(error.kind(), "truncated");
  EXPECT_THAT(error.what(), testing::HasSubstr("of 64 rows"));
}

TEST(JpegDecode, IgnoresTrailingJunkAndRejectsLeadingJunk) {
  Bytes file = write_jpeg(smooth_spec(32, 32));
  const Bytes pixels = decode_jpeg(file).image.rgb;
  file.insert(file.end(), 1000, 0xab);
  EXPECT_EQ(decode_jpeg(file).image.rgb, pixels);
  file.insert(file.begin(), 0);
  EXPECT_EQ(kind_of(file), "not_jpeg");
}

TEST(JpegDecode, NamesEmptyFilesAndFragments) {
  EXPECT_EQ(kind_of({}), "empty");
  EXPECT_EQ(kind_of({0xff}), "not_jpeg");
  EXPECT_EQ(kind_of({0xff, 0xd8}), "not_jpeg");
  EXPECT_EQ(kind_of({0xff, 0xd8, 0xff}), "truncated");
  EXPECT_EQ(kind_of({'h', 'e', 'l', 'l', 'o'}), "not_jpeg");
}

TEST(JpegDecode, NamesTheRealFormatOfAWronglyNamedFile) {
  using namespace std::string_view_literals;
  const std::pair<std::string_view, const char*> files[] = {
      {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"sv, "PNG"},
      {"GIF89a\x01\0"sv, "GIF"},
      {"RIFF\x24\0\0\0WEBPVP8 "sv, "WebP"},
      {"BM\x36\0"sv, "BMP"},
      {"II*\0\x08\0\0\0"sv, "TIFF"},
      {"\0\0\0\x20"
       "ftypavif"sv,
       "AVIF/HEIF"},
      {"<!DOCTYPE html><p>404"sv, "HTML"},
  };
  for (const auto& [content, format] : files) {
    const ItemError error = refusal_of(Bytes(content.begin(), content.end()));
    EXPECT_EQ(error.kind(), "unsupported") << format;
    EXPECT_THAT(error.what(), testing::HasSubstr(std::string("content is ") + format));
  }
}

TEST(JpegDecode, RefusesLayoutsThatPillowRefuses) {
  EXPECT_EQ(kind_of(jpeg_header_only(16, 16, false, 12)), "unsupported") << "12 bits";
  EXPECT_EQ(kind_of(jpeg_header_only(16, 16, false, 8, 2)), "unsupported") << "two components";
  EXPECT_EQ(kind_of(jpeg_header_only(16, 0, false)), "unsupported") << "height 0";
}

TEST(JpegDecode, CountsTheWarningsThatPillowIgnores) {
  JpegSpec spec = smooth_spec(160, 160);
  spec.restart_interval = 5;
  Bytes file = write_jpeg(spec);
  // A restart marker with the wrong number: libjpeg resynchronizes and warns.
  for (std::size_t i = file.size() / 2; i + 1 < file.size(); ++i) {
    if (file[i] != 0xff || file[i + 1] < 0xd0 || file[i + 1] > 0xd7) continue;
    file[i + 1] = static_cast<std::uint8_t>(0xd0 + (file[i + 1] + 1) % 8);
    break;
  }
  EXPECT_GE(decode_jpeg(file).warnings, 1);
}

TEST(JpegDecode, GivesTheSameBytesFromManyThreads) {
  const Bytes file = write_jpeg(smooth_spec(120, 90));
  const Bytes expected = decode_jpeg(file).image.rgb;
  std::vector<int> equal(4, 0);
  std::vector<std::thread> threads;
  for (int& count : equal) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) count += decode_jpeg(file).image.rgb == expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(equal, testing::Each(20));
}

}  // namespace
}  // namespace qeval::test
