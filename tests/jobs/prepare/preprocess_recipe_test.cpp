#include "jobs/prepare/preprocess_recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

PreprocessRecipe normalizing(std::array<float, 3> mean, std::array<float, 3> std) {
  PreprocessRecipe recipe;
  recipe.steps = {CenterCrop{4}, Normalize{Normalize::Range::unit, mean, std}};
  return recipe;
}

TEST(PreprocessRecipe, TakesThreeChannelsOrOne) {
  PreprocessRecipe recipe = normalizing({0.5f, 0.5f, 0.5f}, {1, 1, 1});
  EXPECT_EQ(take_channels(3, recipe), "");
  EXPECT_EQ(recipe.channels, 3);
  EXPECT_EQ(take_channels(1, recipe), "") << "the three values are one";
  EXPECT_EQ(recipe.channels, 1);
  for (const int channels : {2, 4, 32}) EXPECT_THROW(take_channels(channels, recipe), InputError);
}

TEST(PreprocessRecipe, SaysWhichOfThreeValuesCountForOneChannel) {
  PreprocessRecipe recipe = normalizing({0.5f, 0.25f, 0.75f}, {1, 1, 1});
  EXPECT_EQ(take_channels(3, recipe), "");
  EXPECT_THAT(take_channels(1, recipe), testing::HasSubstr("the first mean, 0.5, and the first std, 1, count"));
  PreprocessRecipe empty;
  EXPECT_EQ(take_channels(1, empty), "");
}

}  // namespace
}  // namespace qeval
