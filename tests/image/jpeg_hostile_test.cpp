// Files made to hurt: bombs are refused by a limit, damage never crashes.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

#include "pipeline/base/errors.h"
#include "stages/image/jpeg_decode.h"
#include "tests/image/jpeg_writer.h"
#include "tests/image/test_pixels.h"

namespace qeval::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// "ok", or the error's kind. An accepted picture must be complete.
std::string outcome(const Bytes& file, const JpegLimits& limits = {}) {
  try {
    const Image image = decode_jpeg(file, limits).image;
    EXPECT_EQ(image.rgb.size(), static_cast<std::size_t>(image.width) * image.height * 3);
    return "ok";
  } catch (const ItemError& error) {
    EXPECT_STRNE(error.what(), "");
    return error.kind();
  }
}

JpegSpec small_picture(int variant) {
  JpegSpec spec;
  spec.width = 61;
  spec.height = 45;
  const Image picture = smooth_picture(61, 45);
  const std::size_t pixels = 61 * 45;
  spec.color = variant == 2 ? JpegSpec::Color::gray : variant == 3 ? JpegSpec::Color::cmyk : JpegSpec::Color::rgb;
  spec.progressive = variant == 1;
  spec.restart_interval = variant == 0 ? 2 : 0;
  spec.pixels = picture.rgb;
  spec.pixels.insert(spec.pixels.end(), picture.rgb.begin(), picture.rgb.begin() + pixels);
  return spec;
}

TEST(JpegHostile, RefusesAHeaderThatClaimsAHugePicture) {
  const Bytes bomb = jpeg_header_only(65500, 65500, true);
  ASSERT_LE(bomb.size(), 124u);
  EXPECT_EQ(outcome(bomb), "too_large");
  JpegLimits no_pixel_limit;
  no_pixel_limit.max_pixels = 1ll << 40;
  EXPECT_EQ(outcome(bomb, no_pixel_limit), "out_of_memory") << "the coefficients alone would take 25.7 GB";
}

TEST(JpegHostile, DrawsThePixelLimitWherePillowDoes) {
  EXPECT_EQ(outcome(jpeg_header_only(13000, 13765, false)), "truncated") << "178,945,000 pixels";
  EXPECT_EQ(outcome(jpeg_header_only(13000, 13766, false)), "too_large") << "178,958,000 pixels";
  JpegLimits limits;
  const Bytes file = write_jpeg(small_picture(0));
  limits.max_pixels = 61 * 45;
  EXPECT_EQ(outcome(file, limits), "ok");
  limits.max_pixels = 61 * 45 - 1;
  EXPECT_EQ(outcome(file, limits), "too_large");
}

TEST(JpegHostile, RefusesSidesBeyondWhatJpegLibrariesTake) {
  EXPECT_EQ(outcome(jpeg_header_only(65535, 1, false)), "too_large");
}

TEST(JpegHostile, RefusesMoreScansThanTheLimit) {
  JpegSpec spec = small_picture(2);
  spec.one_scan_per_bit = true;
  const Bytes file = write_jpeg(spec);
  EXPECT_EQ(outcome(file), "too_many_scans") << "694 scans against the default of 500";
  JpegLimits limits;
  limits.max_scans = 694;
  EXPECT_EQ(outcome(file, limits), "ok");
  limits.max_scans = 693;
  EXPECT_EQ(outcome(file, limits), "too_many_scans");
}

TEST(JpegHostile, CountsTheBlocksThatScansGoThrough) {
  JpegLimits limits;
  limits.max_blocks = 6 * 4 * 3;
  EXPECT_EQ(outcome(write_jpeg(small_picture(0)), limits), "ok") << "4 x 3 MCUs of six blocks, once";
  limits.max_blocks -= 1;
  EXPECT_EQ(outcome(write_jpeg(small_picture(0)), limits), "too_slow");
}

TEST(JpegHostile, CountsABlockAnewInEveryScan) {
  const Bytes file = write_jpeg(small_picture(1));
  // 61 x 45 pixels: 8 x 6 blocks of luma, 4 x 3 of each chroma. Two scans of all that, four of luma, two of each
  // chroma.
  const std::int64_t both_dc = 2 * 6 * 4 * 3, luma = 4 * 8 * 6, chroma = 2 * 2 * 4 * 3;
  JpegLimits limits;
  limits.max_blocks = both_dc + luma + chroma;
  EXPECT_EQ(outcome(file, limits), "ok");
  limits.max_blocks -= 1;
  EXPECT_EQ(outcome(file, limits), "too_slow");
}

TEST(JpegHostile, TakesLibjpegsProgressiveFilesAsLargeAsMemoryIsAllowed) {
  JpegSpec spec = small_picture(1);
  for (const bool subsample : {false, true}) {
    spec.subsample = subsample;
    JpegLimits limits;
    const std::int64_t blocks = subsample ? 8 * 6 + 2 * 4 * 3 : 3 * 8 * 6;
    limits.max_blocks = blocks * limits.max_blocks / (limits.max_memory_bytes / 128);  // 64 coefficients of 2 bytes
    EXPECT_EQ(outcome(write_jpeg(spec), limits), "ok");
  }
}

TEST(JpegHostile, RefusesEveryPrefixOfAFile) {
  for (int variant = 0; variant < 4; ++variant) {
    const Bytes file = write_jpeg(small_picture(variant));
    for (std::size_t size = 3; size < file.size(); size += 47) {
      EXPECT_EQ(outcome(Bytes(file.begin(), file.begin() + size)), "truncated")
          << "variant " << variant << ", " << size;
    }
    EXPECT_EQ(outcome(file), "ok");
  }
}

TEST(JpegHostile, SurvivesThousandsOfDamagedFiles) {
  const std::set<std::string> known{"ok",          "empty",     "not_jpeg",       "truncated", "corrupt",
                                    "unsupported", "too_large", "too_many_scans", "too_slow",  "out_of_memory"};
  JpegLimits limits;
  limits.max_pixels = 4 << 20;  // damaged sizes are legal; this keeps the test short
  std::mt19937 random(20240501);
  std::map<std::string, int> outcomes;
  for (int variant = 0; variant < 4; ++variant) {
    const Bytes intact = write_jpeg(small_picture(variant));
    for (int mutant = 0; mutant < 1000; ++mutant) {
      Bytes file = intact;
      for (int changes = 1 + static_cast<int>(random() % 4); changes > 0; --changes) {
        file[random() % file.size()] = static_cast<std::uint8_t>(random());
      }
      const std::string result = outcome(file, limits);
      EXPECT_TRUE(known.contains(result)) << result;
      ++outcomes[result];
    }
  }
  for (const auto& [result, count] : outcomes) std::printf("%s: %d\n", result.c_str(), count);
  EXPECT_GT(outcomes["ok"], 1000) << "most damage only changes pixels";
  EXPECT_GT(outcomes["corrupt"], 100);
  EXPECT_GT(outcomes["truncated"], 0);
}

}  // namespace
}  // namespace qeval::test
