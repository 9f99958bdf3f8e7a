#include "stages/image/pil_resize.h"

#include <gtest/gtest.h>

#include <random>

#include "pipeline/base/errors.h"
#include "stages/image/crop.h"
#include "stages/image/resample_kernels.h"
#include "tests/image/resize_vectors.h"
#include "tests/image/test_pixels.h"

namespace qeval::test {
namespace {

constexpr PillowOrder all_orders[] = {PillowOrder::pillow_12_1, PillowOrder::pillow_12_2, PillowOrder::pillow_13};
constexpr ResizeFilter all_filters[] = {ResizeFilter::bilinear, ResizeFilter::bicubic};

std::string resize_hash(const ResizeVector& vector, PillowOrder order) {
  const Image input = hashed_picture(vector.in_width, vector.in_height);
  return sha256_hex(resize(input, vector.out_width, vector.out_height, vector.filter, order).rgb).substr(0, 16);
}

TEST(PilResize, EqualsThreePillowVersionsToTheByte) {
  for (const ResizeVector& vector : resize_vectors) {
    SCOPED_TRACE(std::to_string(vector.in_width) + "x" + std::to_string(vector.in_height) + " to " +
                 std::to_string(vector.out_width) + "x" + std::to_string(vector.out_height));
    EXPECT_EQ(resize_hash(vector, PillowOrder::pillow_12_1), vector.pillow_12_1);
    EXPECT_EQ(resize_hash(vector, PillowOrder::pillow_12_2), vector.pillow_12_2);
    EXPECT_EQ(resize_hash(vector, PillowOrder::pillow_13), vector.pillow_13);
  }
}

TEST(PilResize, PassOrderChangesBytesOfTallPictures) {
  const auto resized = [](int width, int height, PillowOrder order) {
    return resize(hashed_picture(width, height), 40, 50, ResizeFilter::bilinear, order).rgb;
  };
  EXPECT_NE(resized(60, 300, PillowOrder::pillow_12_1), resized(60, 300, PillowOrder::pillow_13));
  EXPECT_EQ(resized(60, 300, PillowOrder::pillow_12_1), resized(60, 300, PillowOrder::pillow_12_2));
  EXPECT_NE(resized(2, 300, PillowOrder::pillow_12_1), resized(2, 300, PillowOrder::pillow_12_2));
  EXPECT_EQ(resized(300, 60, PillowOrder::pillow_12_1), resized(300, 60, PillowOrder::pillow_13));
}

TEST(PilResize, SameSizeIsACopy) {
  const Image input = hashed_picture(31, 17);
  EXPECT_EQ(resize(input, 31, 17, ResizeFilter::bicubic, PillowOrder::pillow_13).rgb, input.rgb);
}

/// A size below `limit`, often tiny: edges matter most there.
int any_size(std::mt19937& random, int limit) { return 1 + static_cast<int>(random() % (random() % 3 ? limit : 5)); }

PixelBox any_window(std::mt19937& random, int width, int height) {
  PixelBox box;
  box.width = 1 + static_cast<int>(random() % width);
  box.height = 1 + static_cast<int>(random() % height);
  box.left = static_cast<int>(random() % (width - box.width + 1));
  box.top = static_cast<int>(random() % (height - box.height + 1));
  return box;
}

TEST(PilResize, WindowHasThePixelsOfTheWholeResize) {
  std::mt19937 random(11);
  for (int round = 0; round < 400; ++round) {
    const Image input = hashed_picture(any_size(random, 200), any_size(random, 400));
    const int width = any_size(random, 150), height = any_size(random, 150);
    const PixelBox box = any_window(random, width, height);
    const ResizeFilter filter = all_filters[random() % 2];
    const PillowOrder order = all_orders[random() % 3];
    const Image expected = crop(resize(input, width, height, filter, order), box);
    ASSERT_EQ(resize_window(input, width, height, box, filter, order).rgb, expected.rgb)
        << "round " << round << ": " << input.width << "x" << input.height << " to " << width << "x" << height;
  }
}

TEST(PilResize, RefusesAWindowOutsideTheOutput) {
  const Image input = hashed_picture(10, 10);
  EXPECT_THROW(resize_window(input, 20, 20, {1, 0, 20, 20}, ResizeFilter::bilinear, PillowOrder::pillow_13),
               InternalError);
  EXPECT_THROW(resize(input, 0, 20, ResizeFilter::bilinear, PillowOrder::pillow_13), InternalError);
}

TEST(ResampleKernels, EveryInstructionSetGivesTheSameBytes) {
  if (best_simd_level() == SimdLevel::portable) GTEST_SKIP() << "this processor has no AVX2";
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    const int in_size = any_size(random, 300), out_size = any_size(random, 200);
    const AxisWeights axis = compute_axis_weights(in_size, out_size, 0, out_size, all_filters[random() % 2]);
    const Image row = hashed_picture(in_size + 8, 1);
    std::vector<std::uint8_t> portable(out_size * 3), wide(out_size * 3);
    RowResampler(axis, SimdLevel::portable).run(row.rgb.data(), row.rgb.size(), portable.data());
    RowResampler(axis, SimdLevel::avx2).run(row.rgb.data(), row.rgb.size(), wide.data());
    ASSERT_EQ(wide, portable) << "across: " << in_size << " to " << out_size;

    const Image columns = hashed_picture(37, axis.spans[0].count);
    std::vector<std::uint8_t> portable_row(37 * 3), wide_row(37 * 3);
    const auto blend = [&](SimdLevel level, std::uint8_t* out) {
      blend_rows(columns.rgb.data(), 37 * 3, axis.of(0), axis.spans[0].count, 37 * 3, out, level);
    };
    blend(SimdLevel::portable, portable_row.data());
    blend(SimdLevel::avx2, wide_row.data());
    ASSERT_EQ(wide_row, portable_row) << "down: " << in_size << " to " << out_size;
  }
}

}  // namespace
}  // namespace qeval::test
