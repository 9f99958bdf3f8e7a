// The table of a sensitivity analysis and what it predicts.
#include "jobs/run/sensitivity_prediction.h"

#include <limits>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/qeval/text/sensitivity_table.h"

namespace qeval {
namespace {

using testing::ElementsAre;

constexpr std::int64_t images = 200;

SensitivityRow row(std::int64_t correct, std::int64_t broke, std::int64_t fixed, double divergence, double change) {
  return {images, correct, broke, fixed, divergence * images, change * images, change * change * images, 0, 0, 0};
}

/// Float 180 right, quantized 150; the divergences of the groups add up to that of the network.
SensitivityResult only_one_on() {
  SensitivityResult result;
  result.plain = row(180, 0, 0, 0, 0);
  result.quantized = row(150, 32, 2, 0.5, 0.5);
  const auto add = [&](const char* module, GroupKind kind, double divergence, std::int64_t broke) {
    result.groups.push_back({module, kind, {}, 0});
    result.rows.push_back(row(180 - broke, broke, 0, divergence, divergence));
  };
  add("a", GroupKind::weights, 0.02, 3);
  add("b", GroupKind::weights, 0.1, 0);
  add("b", GroupKind::activations, 0.1, 0);
  add("c", GroupKind::weights, 0.15, 1);
  add("d", GroupKind::activations, 0.05, 0);
  add("e", GroupKind::weights, 0.08, 0);
  return result;
}

std::vector<std::string> column(const Table& table, std::size_t number) {
  std::vector<std::string> values;
  for (const auto& line : table.rows) values.push_back(line[number].text());
  return values;
}

TEST(SensitivityTable, DivergenceNotAFewImagesDecidesWhichGroupIsWorst) {
  const Table table = sensitivity_table(only_one_on(), TableFormat::text);
  EXPECT_THAT(column(table, 0),
              ElementsAre("(network)", "(network)", "(without the worst 3)", "c", "b", "b", "e", "d", "a"));
}

TEST(SensitivityTable, PredictsTheShareOfTheLossThatStays) {
  // b (0.2), c and e (0.08) have 0.43 of 0.5: 14 % of the loss of 15 points stay.
  const Table table = sensitivity_table(only_one_on(), TableFormat::text);
  EXPECT_EQ(table.rows[2][1].text(), "predicted");
  EXPECT_EQ(table.rows[2][2].text(), "87.90");  // 90 − 0.14 · 15
  EXPECT_EQ(table.rows[2][3].text(), "-2.10");
  EXPECT_EQ(table.rows[2][7].text(), "0.07000");
}

TEST(SensitivityPrediction, AModulesWeightsAndActivationsCountTogether) {
  const auto prediction = predict_without_worst(only_one_on(), 2);
  ASSERT_TRUE(prediction.has_value());
  EXPECT_THAT(prediction->modules, ElementsAre("b", "c"));
  EXPECT_NEAR(prediction->remaining, 1 - 0.35 / 0.5, 1e-12);
}

/// Module g shares c's activation quantizer, so that naming it brings its own weights and c's activations back.
SensitivityResult with_shared_group() {
  SensitivityResult result = only_one_on();
  const auto add = [&](const char* module, GroupKind kind, double divergence) {
    result.groups.push_back({module, kind, {}, 0});
    result.rows.push_back(row(180, 0, 0, divergence, divergence));
  };
  add("c", GroupKind::activations, 0.2);
  result.groups.back().shared_with = {"f", "g"};
  add("g", GroupKind::weights, 0.3);
  return result;
}

TEST(SensitivityPrediction, ASharedGroupCountsForEveryModuleThatSwitchesItOffButOnce) {
  const auto worst = predict_without_worst(with_shared_group(), 1);
  EXPECT_THAT(worst->modules, ElementsAre("g"));  // 0.3 + 0.2, more than c's 0.15 + 0.2
  EXPECT_NEAR(worst->remaining, 0.5, 1e-12);
  const auto three = predict_without_worst(with_shared_group(), 3);
  EXPECT_THAT(three->modules, ElementsAre("g", "b", "c"));  // of c only the weights, 0.15, are left to blame
  EXPECT_NEAR(three->remaining, 0.15, 1e-12);
}

TEST(SensitivityTable, ASharedGroupShowsHowManyOthersAndForProgramsWhich) {
  EXPECT_THAT(column(sensitivity_table(with_shared_group(), TableFormat::text), 0), testing::Contains("c (+2)"));
  for (const TableFormat format : {TableFormat::json, TableFormat::csv}) {
    const Table table = sensitivity_table(with_shared_group(), format);
    EXPECT_EQ(table.columns.back(), "shared_with");
    EXPECT_THAT(column(table, 0), testing::Not(testing::Contains("c (+2)")));
    EXPECT_THAT(column(table, table.columns.size() - 1), testing::Contains("f, g").Times(1));
  }
}

SensitivityResult all_but_one() {
  SensitivityResult result;
  result.mode = SensitivityMode::all_but_one;
  result.plain = row(180, 2, 32, 0, -0.5);
  result.quantized = row(150, 0, 0, 0.5, 0);
  const std::pair<const char*, double> gains[]{{"a", 0.1}, {"b", 0.2}, {"c", -0.1}};
  for (const auto& [module, gain] : gains) {
    result.groups.push_back({module, GroupKind::weights, {}, 0});
    result.rows.push_back(row(150, 0, 0, 0.5 - gain, -gain));
  }
  return result;
}

TEST(SensitivityPrediction, LeavingGroupsOutTakesTheirDivergenceFromTheNetworks) {
  const auto prediction = predict_without_worst(all_but_one(), 2);
  ASSERT_TRUE(prediction.has_value());
  EXPECT_THAT(prediction->modules, ElementsAre("b", "a"));
  EXPECT_NEAR(prediction->remaining, 0.4, 1e-12);
  const Table table = sensitivity_table(all_but_one(), TableFormat::text);
  EXPECT_EQ(table.rows[2][0].text(), "(without the worst 3)");
  EXPECT_EQ(table.rows[2][2].text(), "81.00");  // all three: 0.3 of 0.5 stay; 75 + 0.4 · 15
  EXPECT_EQ(table.rows[2][3].text(), "6.00");
  EXPECT_EQ(table.rows[2][8].text(), "-0.20000");
}

TEST(SensitivityPrediction, NeverPromisesMoreThanTheFloatNetworkHas) {
  SensitivityResult result = all_but_one();
  result.rows[0].change = -0.9 * images;
  EXPECT_EQ(predict_without_worst(result, 3)->remaining, 0);
}

TEST(SensitivityPrediction, BrokenLogitsAreTheWorstAndPredictNothing) {
  SensitivityResult result = only_one_on();
  result.rows[4].change = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(sensitivity_table(result, TableFormat::text).rows[2][0].text(), "d");
  EXPECT_FALSE(predict_without_worst(result, 3).has_value());
}

TEST(SensitivityPrediction, WithoutDivergenceThereIsNothingToPredict) {
  SensitivityResult result = only_one_on();
  for (SensitivityRow& group : result.rows) group.change = 0;
  EXPECT_FALSE(predict_without_worst(result, 3).has_value());
}

}  // namespace
}  // namespace qeval
