// Pillow 13's convert("L").
#include <gtest/gtest.h>

#include "stages/image/pillow_color.h"

namespace qeval::test {
namespace {

int gray_of(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  Image image{1, 1, {red, green, blue}};
  make_gray(image);
  EXPECT_EQ(image.rgb[1], image.rgb[0]);
  EXPECT_EQ(image.rgb[2], image.rgb[0]);
  return image.rgb[0];
}

TEST(PillowGray, IsItsL24Formula) {
  EXPECT_EQ(gray_of(255, 0, 0), 76);
  EXPECT_EQ(gray_of(0, 255, 0), 150);
  EXPECT_EQ(gray_of(0, 0, 255), 29);
  // 0.114 · 4 is 0.456 and 0.114 · 5 is 0.57: rounded to nearest, not cut off.
  EXPECT_EQ(gray_of(0, 0, 4), 0);
  EXPECT_EQ(gray_of(0, 0, 5), 1);
  EXPECT_EQ(gray_of(1, 1, 1), 1);
}

TEST(PillowGray, LeavesGrayAsItIs) {
  for (int value = 0; value < 256; ++value) {
    const auto byte = static_cast<std::uint8_t>(value);
    EXPECT_EQ(gray_of(byte, byte, byte), value);
  }
}

}  // namespace
}  // namespace qeval::test
