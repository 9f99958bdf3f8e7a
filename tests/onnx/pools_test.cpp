// Pools over ONNX's whole range: against numbers computed by hand here, which onnxruntime 1.32 gives, too.
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/onnx/run_onnx.h"

namespace qeval {
namespace {

using test::imported;
using test::Ints;
using test::OnnxBuilder;
using test::run;
using test::Values;
using testing::ElementsAre;

/// A pool with a window of `kernel` values over a row of {1, 2, …, size}.
Values run_pool(const char* op, int size, std::int64_t kernel, Ints pads, std::int64_t stride,
                const test::OnnxAttributes& more = {}) {
  OnnxBuilder b({1, 1, size});
  test::OnnxAttributes attributes{
      {"kernel_shape", Ints{1, kernel}}, {"pads", Ints{0, pads[0], 0, pads[1]}}, {"strides", Ints{1, stride}}};
  attributes.insert(attributes.end(), more.begin(), more.end());
  b.output(b.node("Flatten", {b.node(op, {"x"}, "p", attributes)}, "logits"));
  Values row;
  for (int i = 1; i <= size; ++i) row.push_back(static_cast<float>(i));
  return run(imported(b), row);
}

const test::OnnxAttributes ceil_mode{{"ceil_mode", std::int64_t{1}}};
const test::OnnxAttributes ceil_mode_counting_pads{{"ceil_mode", std::int64_t{1}},
                                                   {"count_include_pad", std::int64_t{1}}};

TEST(OnnxPools, PoolsPadByMoreThanHalfTheirKernel) {
  EXPECT_THAT(run_pool("MaxPool", 3, 3, {2, 2}, 1), ElementsAre(1, 2, 3, 3, 3));
  EXPECT_THAT(run_pool("AveragePool", 3, 3, {2, 2}, 1), ElementsAre(1, 1.5f, 2, 2.5f, 3));
  EXPECT_THAT(run_pool("AveragePool", 3, 4, {3, 3}, 2, {{"count_include_pad", std::int64_t{1}}}),
              ElementsAre(0.25f, 1.5f, 1.25f));
  // Gaps of one value: {−2, 0, 2}, {−1, 1, 3} and so on.
  EXPECT_THAT(run_pool("MaxPool", 4, 3, {2, 2}, 1, {{"dilations", Ints{1, 2}}}), ElementsAre(3, 4, 3, 4));
}

TEST(OnnxPools, WindowThatMissesTheImageIsTheLowestNumber) {
  EXPECT_THAT(run_pool("MaxPool", 1, 2, {1, 1}, 1, {{"dilations", Ints{1, 2}}}),
              ElementsAre(std::numeric_limits<float>::lowest()));
}

// Of the windows that ceil_mode adds, one that would begin in the trailing padding is left out.
TEST(OnnxPools, CeilModeWithUnevenPadding) {
  EXPECT_THAT(run_pool("MaxPool", 4, 2, {0, 1}, 2, ceil_mode), ElementsAre(2, 4));
  EXPECT_THAT(run_pool("AveragePool", 4, 2, {0, 1}, 2, ceil_mode), ElementsAre(1.5f, 3.5f));
  EXPECT_THAT(run_pool("MaxPool", 3, 2, {0, 1}, 2, ceil_mode), ElementsAre(2, 3));
  EXPECT_THAT(run_pool("MaxPool", 6, 2, {0, 1}, 3, ceil_mode), ElementsAre(2, 5));
}

// A sum is divided by what lies in image and padding, not by what ceil_mode adds behind.
TEST(OnnxPools, CeilModeCountsPaddingOnly) {
  EXPECT_THAT(run_pool("AveragePool", 5, 3, {0, 1}, 4, ceil_mode_counting_pads), ElementsAre(2, 2.5f));
  EXPECT_THAT(run_pool("AveragePool", 5, 3, {0, 0}, 4, ceil_mode_counting_pads), ElementsAre(2, 5));
}

// Values 0, 2, 4 of a row and so on; at the ends those that lie in the image.
TEST(OnnxPools, AveragesWithGaps) {
  EXPECT_THAT(run_pool("AveragePool", 6, 3, {0, 0}, 1, {{"dilations", Ints{1, 2}}}), ElementsAre(3, 4));
  EXPECT_THAT(run_pool("AveragePool", 5, 3, {2, 1}, 2, {{"dilations", Ints{1, 2}}}), ElementsAre(2, 3));
  EXPECT_THAT(
      run_pool("AveragePool", 5, 3, {2, 1}, 2, {{"dilations", Ints{1, 2}}, {"count_include_pad", std::int64_t{1}}}),
      ElementsAre(4.0f / 3, 3));
}

// Also with windows of more than one row: {1, 3, 4, 6} of rows {1, 2, 3} and {4, 5, 6}.
TEST(OnnxPools, AveragesWithGapsOverRows) {
  OnnxBuilder b({1, 2, 3}, 19);
  const test::OnnxAttributes gaps{{"kernel_shape", Ints{2, 2}}, {"dilations", Ints{1, 2}}};
  b.output(b.node("Flatten", {b.node("AveragePool", {"x"}, "p", gaps)}, "logits"));
  EXPECT_THAT(run(imported(b), {1, 2, 3, 4, 5, 6}), ElementsAre(3.5f));
}

// onnxruntime pads for the kernel without its gaps: 3 values, which leave room for 3 windows.
TEST(OnnxPools, SamePaddingIsThatOfAKernelWithoutGaps) {
  OnnxBuilder b({1, 1, 6});
  const test::OnnxAttributes same{
      {"kernel_shape", Ints{1, 4}}, {"dilations", Ints{1, 2}}, {"auto_pad", std::string("SAME_UPPER")}};
  b.output(b.node("Flatten", {b.node("MaxPool", {"x"}, "p", same)}, "logits"));
  EXPECT_THAT(run(imported(b), {1, 2, 3, 4, 5, 6}), ElementsAre(6, 5, 6));
}

TEST(OnnxPools, MaximumOfTheWholeImage) {
  OnnxBuilder b({2, 1, 2});
  b.output(b.node("Flatten", {b.node("GlobalMaxPool", {"x"}, "p")}, "logits"));
  EXPECT_THAT(run(imported(b), {-3, -1, 5, 4}), ElementsAre(-1, 5));
}

}  // namespace
}  // namespace qeval
