#include "jobs/report/tensor_ranges.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace qeval {
namespace {

EncodingRecord encoding(const std::string& role, const std::string& tensor, double min, double max, int channel = -1) {
  EncodingRecord row;
  row.role = role;
  row.tensor = tensor;
  row.min = min;
  row.max = max;
  row.channel = channel;
  return row;
}

TEST(TensorRanges, ChannelsOfATensorAreOneRange) {
  EncodingSetRecord set;
  set.encodings = {encoding("param", "conv.weight", -1, 2, 0), encoding("param", "conv.weight", -3, 1, 1),
                   encoding("output", "conv:output", 0, 6)};
  const auto ranges = tensor_ranges(set);
  ASSERT_EQ(ranges.size(), 2u);
  EXPECT_EQ(ranges[0].encodings, 2u);
  EXPECT_EQ(ranges[0].min, -3);
  EXPECT_EQ(ranges[0].max, 2);
  EXPECT_EQ(ranges[1].encodings, 1u);
}

// Weights are held against weights: their median reaches 1 far, the activations' 50.
TEST(TensorRanges, AnOutlierReachesTenTimesAsFarAsHalfOfItsKind) {
  EncodingSetRecord set;
  set.encodings = {encoding("output", "a", 0, 50),  encoding("output", "b", 0, 60),  encoding("output", "c", 0, 40),
                   encoding("param", "d", -1, 0.5), encoding("param", "e", -0.9, 1), encoding("param", "f", -10.5, 2)};
  std::vector<std::string> outliers;
  for (const TensorRange& range : tensor_ranges(set))
    if (range.outlier) outliers.push_back(range.tensor);
  EXPECT_EQ(outliers, std::vector<std::string>{"f"});
}

TEST(TensorRanges, HalfPrecisionHasNoRangeAndIsNoOutlier) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EncodingSetRecord set;
  set.encodings = {encoding("param", "a", nan, nan), encoding("param", "b", -1, 1)};
  const auto ranges = tensor_ranges(set);
  EXPECT_TRUE(std::isnan(ranges[0].min) && std::isnan(ranges[0].max));
  EXPECT_FALSE(ranges[0].outlier || ranges[1].outlier);
}

}  // namespace
}  // namespace qeval
