#include "tools/qeval/commands/encodings_diff.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qeval::test {
namespace {

using testing::ElementsAre;
using testing::Field;

Encoding range(double min, double max, int bits = 8) { return {.min = min, .max = max, .scale = 1, .bits = bits}; }

TEST(RangeDistance, IsTheShareOfBothRangesThatIsNotCommon) {
  EXPECT_EQ(range_distance(range(-1, 3), range(-1, 3)), 0);
  EXPECT_EQ(range_distance(range(-1, 3), range(-1, 1)), 0.5);
  EXPECT_EQ(range_distance(range(-1, 3), range(0, 7)), 1 - 3.0 / 8);
  EXPECT_EQ(range_distance(range(0, 1), range(2, 3)), 1);
  EXPECT_EQ(range_distance(range(0, 0), range(0, 0)), 0);
  constexpr double most = std::numeric_limits<double>::max();
  EXPECT_EQ(range_distance(range(-most, most), range(0, 1)), 1);
}

TEST(RangeBars, ShowBothRangesOnOneAxis) {
  EXPECT_EQ(range_bars(range(0, 4), range(2, 8), 8, false), "AA##BBBB");
  EXPECT_EQ(range_bars(range(0, 1), range(3, 4), 4, false), "A..B");
  EXPECT_EQ(range_bars(range(0, 4), range(2, 8), 8, true), "▀▀██▄▄▄▄");
  EXPECT_EQ(range_bars(range(0, 0), range(0, 0), 4, false), "#...");
  EXPECT_EQ(range_bars(range(0, 1e-9), range(0, 1), 4, false), "#BBB");
}

EncodingEntry entry(const char* name, EncodingList list) {
  const bool per_channel = list.size() > 1;
  return {.name = name, .per_channel = per_channel, .list = std::move(list)};
}

TEST(DiffEncodings, SortsByDistanceAndListsWhatOneSideLacks) {
  EncodingsFile first, second;
  first.entries = {entry("same", {range(0, 1)}), entry("near", {range(0, 1)}), entry("far", {range(0, 1)}),
                   entry("gone", {range(0, 1)})};
  second.entries = {entry("far", {range(0, 10)}), entry("new", {range(0, 1)}), entry("near", {range(0, 2)}),
                    entry("same", {range(0, 1)})};
  const EncodingsDiff diff = diff_encodings(first, second);
  EXPECT_THAT(diff.common,
              ElementsAre(Field(&EncodingDifference::name, "far"), Field(&EncodingDifference::name, "near"),
                          Field(&EncodingDifference::name, "same")));
  EXPECT_EQ(diff.common[0].distance, 0.9);
  EXPECT_EQ(diff.common[2].distance, 0);
  EXPECT_THAT(diff.only_first, ElementsAre("gone"));
  EXPECT_THAT(diff.only_second, ElementsAre("new"));
}

TEST(DiffEncodings, TheWorstChannelStandsForItsQuantizer) {
  EncodingsFile first, second;
  first.entries = {entry("w", {range(0, 1), range(0, 1), range(0, 1)})};
  second.entries = {entry("w", {range(0, 2), range(0, 4), range(0, 1)})};
  const EncodingDifference worst = diff_encodings(first, second).common.at(0);
  EXPECT_EQ(worst.channel, 1);
  EXPECT_EQ(worst.distance, 0.75);
  EXPECT_EQ(worst.second.max, 4);
}

TEST(DiffEncodings, OtherSettingsAreSaid) {
  EncodingsFile first, second;
  first.entries = {entry("a", {range(0, 1)}), entry("w", {range(0, 1), range(0, 1)})};
  second.entries = {entry("a", {range(0, 1, 4)}), entry("w", {range(0, 1)})};
  second.entries[0].list[0].symmetric = true;
  const EncodingsDiff diff = diff_encodings(first, second);
  EXPECT_EQ(diff.common.at(0).settings, "2/1 encodings");
  EXPECT_EQ(diff.common.at(0).distance, 1);
  EXPECT_EQ(diff.common.at(1).settings, "8/4 bit, asym/sym");
  EXPECT_EQ(diff.common.at(1).distance, 0);
}

}  // namespace
}  // namespace qeval::test
