#include "jobs/report/thumbnail.h"

#include <fstream>

#include <gtest/gtest.h>

#include "stages/dataset/manifest.h"
#include "stages/image/jpeg_decode.h"
#include "tests/image/jpeg_writer.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

using test::TempDir;

class Thumbnail : public ::testing::Test {
 protected:
  std::vector<std::uint8_t> photo(int width, int height) {
    test::JpegSpec spec;
    spec.width = width;
    spec.height = height;
    spec.pixels.assign(static_cast<std::size_t>(width) * height * 3, 90);
    return test::write_jpeg(spec);
  }

  void write(const std::vector<std::uint8_t>& bytes) {
    std::ofstream(file_, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
  }

  static SampleRecord sample_of(const std::vector<std::uint8_t>& bytes) {
    const Sha256Digest digest = sha256_of(bytes);
    return {"a.jpg", 0, std::ssize(bytes), {digest.begin(), digest.end()}};
  }

  TempDir folder_;
  const std::filesystem::path file_ = folder_.path() / "a.jpg";
};

TEST_F(Thumbnail, TheLongerSideHas64Pixels) {
  const auto bytes = photo(300, 150);
  write(bytes);
  const Image image = decode_jpeg(thumbnail_of(file_, sample_of(bytes))).image;
  EXPECT_EQ(image.width, 64);
  EXPECT_EQ(image.height, 32);
}

TEST_F(Thumbnail, SidesAreNeverNothingAndSmallImagesAreNotEnlarged) {
  const auto line = photo(900, 2), small = photo(20, 30);
  write(line);
  EXPECT_EQ(decode_jpeg(thumbnail_of(file_, sample_of(line))).image.height, 1);
  write(small);
  EXPECT_EQ(decode_jpeg(thumbnail_of(file_, sample_of(small))).image.height, 30);
}

TEST_F(Thumbnail, AnotherPictureUnderTheNameIsNotShown) {
  auto bytes = photo(64, 64);
  const SampleRecord sample = sample_of(bytes);
  write(bytes);
  EXPECT_FALSE(thumbnail_of(file_, sample).empty());
  bytes[bytes.size() / 2] ^= 1;
  write(bytes);
  EXPECT_TRUE(thumbnail_of(file_, sample).empty());
}

TEST_F(Thumbnail, WhatIsNotThereNotKnownOrNoJpegHasNone) {
  const auto bytes = photo(64, 64);
  EXPECT_TRUE(thumbnail_of(file_, sample_of(bytes)).empty());
  write(bytes);
  EXPECT_TRUE(thumbnail_of(file_, {"a.jpg", 0, std::ssize(bytes), {}}).empty());
  const std::vector<std::uint8_t> text{'n', 'o', 'n', 'e'};
  write(text);
  EXPECT_TRUE(thumbnail_of(file_, sample_of(text)).empty());
}

}  // namespace
}  // namespace qeval
