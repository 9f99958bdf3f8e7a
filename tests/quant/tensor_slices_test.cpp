// Which elements share an encoding, against index arithmetic written out.
#include "stages/quant/arithmetic/tensor_slices.h"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"

namespace qeval::test {
namespace {

using testing::ElementsAre;

std::vector<float> counting(std::size_t n) {
  std::vector<float> values(n);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

/// The slice of element [i, j, k] of a tensor of four axes, by its indices.
std::vector<std::size_t> slices_by_index(const std::vector<std::int64_t>& shape, const Granularity& g) {
  std::vector<std::size_t> slices;
  std::int64_t at[4];
  for (at[0] = 0; at[0] < shape[0]; ++at[0])
    for (at[1] = 0; at[1] < shape[1]; ++at[1])
      for (at[2] = 0; at[2] < shape[2]; ++at[2])
        for (at[3] = 0; at[3] < shape[3]; ++at[3]) {
          const std::int64_t channel = g.channel_axis < 0 ? 0 : at[g.channel_axis];
          const std::int64_t blocks =
              g.block_axis < 0 ? 1 : shape[static_cast<std::size_t>(g.block_axis)] / g.block_size;
          const std::int64_t block = g.block_axis < 0 ? 0 : at[g.block_axis] / g.block_size;
          const std::int64_t channels = g.channel_axis < 0 ? 1 : shape[static_cast<std::size_t>(g.channel_axis)];
          const bool block_first = g.block_axis >= 0 && g.block_axis < g.channel_axis;
          slices.push_back(
              static_cast<std::size_t>(block_first ? block * channels + channel : channel * blocks + block));
        }
  return slices;
}

TEST(TensorSlices, EveryElementBelongsToTheSliceOfItsIndices) {
  const std::vector<std::int64_t> shape{4, 6, 2, 3};
  for (const Granularity& g :
       {Granularity{}, Granularity{0}, Granularity{1}, Granularity{2}, Granularity{3}, Granularity{0, 1, 2},
        Granularity{1, 0, 2}, Granularity{0, 1, 6}, Granularity{1, 0, 1}, Granularity{0, 3, 3}, Granularity{3, 1, 3}}) {
    const TensorSlices slices(shape, g);
    std::vector<std::size_t> found;
    slices.for_each_run([&](std::size_t slice, std::size_t first, std::size_t length) {
      EXPECT_EQ(first, found.size());
      found.insert(found.end(), length, slice);
    });
    const auto wanted = slices_by_index(shape, g);
    EXPECT_EQ(found, wanted) << g.channel_axis << ' ' << g.block_axis << ' ' << g.block_size;
    EXPECT_EQ(slices.count(), *std::max_element(wanted.begin(), wanted.end()) + 1);
    EXPECT_EQ(slices.slice_size() * slices.count(), wanted.size());
  }
}

TEST(TensorSlices, AreGatheredOneAfterTheOther) {
  EXPECT_THAT(gathered(counting(8), TensorSlices({2, 4}, {0, 1, 2})), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(gathered(counting(8), TensorSlices({2, 4}, {1, 0, 1})), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(gathered(counting(8), TensorSlices({4, 2}, {1, 0, 2})), ElementsAre(0, 2, 1, 3, 4, 6, 5, 7));
}

TEST(TensorSlices, EncodingsFormATensorOfTheSameAxes) {
  EXPECT_THAT(TensorSlices({4, 6, 2, 3}, {}).grid(), ElementsAre(1, 1, 1, 1));
  EXPECT_THAT(TensorSlices({4, 6, 2, 3}, {.channel_axis = 1}).grid(), ElementsAre(1, 6, 1, 1));
  EXPECT_THAT(TensorSlices({4, 6, 2, 3}, {0, 1, 2}).grid(), ElementsAre(4, 3, 1, 1));
  EXPECT_THAT(TensorSlices({4, 6, 2, 3}, {1, 0, 2}).grid(), ElementsAre(2, 6, 1, 1));
}

TEST(TensorSlices, WhatATensorLacksIsAnInternalError) {
  EXPECT_THROW(TensorSlices({5}, {.channel_axis = 1}), InternalError);
  EXPECT_THROW(TensorSlices({0, 2}, {.channel_axis = 0}), InternalError);
  EXPECT_THROW(TensorSlices({4, 6}, {0, 1, 4}), InternalError);
  EXPECT_THROW(TensorSlices({4, 6}, {0, 1, 0}), InternalError);
  EXPECT_THROW(gathered(counting(5), TensorSlices({4}, {})), InternalError);
}

}  // namespace
}  // namespace qeval::test
