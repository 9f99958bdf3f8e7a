#include "jobs/prepare/calibration_overlap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qeval {
namespace {

ManifestEntry entry(const std::string& name, std::string_view content) {
  return {name, 0, {}, ImageContent::read, Sha256().add_bytes(content).digest()};
}

TEST(CalibrationOverlap, CountsContentsNotNames) {
  VariantImages images;
  images.evaluation.entries = {entry("a", "one"), entry("b", "two"), entry("c", "three")};
  images.calibration.entries = {entry("other/x", "two"), entry("a", "four"), entry("y", "three"), entry("z", "three")};
  EXPECT_EQ(calibration_overlap(images), 3);
  EXPECT_THAT(calibration_overlap_text(images),
              testing::StartsWith("note: 3 of 4 calibration images are also evaluated, "));
}

TEST(CalibrationOverlap, NothingIsSaidOfImagesThatDiffer) {
  VariantImages images;
  images.evaluation.entries = {entry("a", "one"), {"broken", 0, {}, ImageContent::unreadable, {}}};
  images.calibration.entries = {entry("a", "two"), {"broken", 0, {}, ImageContent::unreadable, {}}};
  EXPECT_EQ(calibration_overlap_text(images), "");
  images.calibration.entries.clear();
  EXPECT_EQ(calibration_overlap_text(images), "");
}

}  // namespace
}  // namespace qeval
