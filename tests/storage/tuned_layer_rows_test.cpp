// Layers that were changed on images come back in their order, whoever asks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/queries.h"
#include "storage/run_store.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qeval;
using namespace qeval::test;
using testing::ElementsAre;

TEST(TunedLayerRows, ComeBackInTheOrderOfTheirCommits) {
  TempDir folder;
  const std::filesystem::path file = folder.path() / "results.db";
  {
    const auto store = RunStore::open(file);
    EXPECT_TRUE(store->tuned_layers("key").empty());
    store->commit_tuned_layer("key", {{"graph", "g"}}, {"z", "bias", {1, 0, 255}});
    store->commit_tuned_layer("key", {{"graph", "g"}}, {"a", "bias", {}});
    store->commit_tuned_layer("other", {}, {"b", "rounding", {7}});
    EXPECT_EQ(store->tuned_layers("key").size(), 2u);
  }
  const auto queries = Queries::open(file);
  const auto layers = queries->tuned_layers("key");
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[0].layer, "z");
  EXPECT_EQ(layers[0].kind, "bias");
  EXPECT_THAT(layers[0].content, ElementsAre(1, 0, 255));
  EXPECT_EQ(layers[1].layer, "a");
  EXPECT_TRUE(layers[1].content.empty());
  EXPECT_EQ(queries->tuned_layers_done("other"), 1);
  EXPECT_EQ(queries->tuned_layers_done("none"), 0);
}

}  // namespace
