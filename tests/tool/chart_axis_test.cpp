#include "tools/qeval/html/chart_axis.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tools/qeval/html/range_bars_chart.h"

namespace qeval {
namespace {

std::vector<std::string> labels(const ChartAxis& axis) {
  std::vector<std::string> texts;
  for (const double tick : axis.ticks) texts.push_back(axis.label(tick));
  return texts;
}

using Labels = std::vector<std::string>;

TEST(ChartAxis, LiesAroundTheDataAtRoundNumbers) {
  EXPECT_EQ(labels(axis_around({78.44, 79.51}, 6)), (Labels{"78.4", "78.6", "78.8", "79.0", "79.2", "79.4", "79.6"}));
  EXPECT_EQ(labels(axis_around({-18, 6}, 6)), (Labels{"−20", "−15", "−10", "−5", "0", "5", "10"}));
  EXPECT_EQ(labels(axis_around({0, 0.00021}, 4)), (Labels{"0.0000", "0.0001", "0.0002", "0.0003"}));
}

TEST(ChartAxis, OneValueNoneAndNumbersThatAreNoneHaveAnAxis) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& values : std::vector<std::vector<double>>{{}, {7}, {0}, {1e300}, {nan, 3}, {inf}}) {
    const ChartAxis axis = axis_around(values);
    EXPECT_LT(axis.low, axis.high);
    EXPECT_GE(axis.ticks.size(), 2u);
    for (const double value : values)
      EXPECT_TRUE(!std::isfinite(value) || (axis.low <= value && value <= axis.high)) << value;
  }
}

TEST(ChartAxis, NamesAreCutBetweenCharacters) {
  EXPECT_EQ(shortened("öäü", 3), "öäü");
  EXPECT_EQ(shortened("öäüß", 3), "öä…");
  EXPECT_EQ(shortened("a\nb", 9), "a\\nb");
}

TEST(RangeAxis, IsLinearAroundZeroAndLogarithmicBeyond) {
  const std::vector<std::pair<double, double>> ranges{{-100, 100}, {-1, 1}};
  const RangeAxis axis(ranges);
  EXPECT_DOUBLE_EQ(axis.place(-100), 0);
  EXPECT_DOUBLE_EQ(axis.place(0), 0.5);
  EXPECT_DOUBLE_EQ(axis.place(100), 1);
  EXPECT_NEAR(axis.place(1), 0.5 + 0.5 * std::log(2) / std::log(101), 1e-12);
  EXPECT_EQ(axis.text(), "−100 … 100, logarithmic beyond ±1");
}

TEST(RangeAxis, RangesWithoutEndsCountForNothing) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::pair<double, double>> ranges{{nan, nan}, {0, 0}};
  const RangeAxis axis(ranges);
  EXPECT_TRUE(std::isfinite(axis.place(0)) && std::isfinite(axis.place(5)));
}

}  // namespace
}  // namespace qeval
