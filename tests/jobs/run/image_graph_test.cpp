#include "jobs/run/image_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qeval {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(BatchesLeft, AreThoseNotDoneInOrder) {
  EXPECT_THAT(batches_left(5, {1, 3}), ElementsAre(0, 2, 4));
  EXPECT_THAT(batches_left(2, {}), ElementsAre(0, 1));
  EXPECT_THAT(batches_left(2, {0, 1}), IsEmpty());
  EXPECT_THAT(batches_left(0, {}), IsEmpty());
}

TEST(ResolvedConcurrency, GivesACpuAReplicaPerThreadAndAGpuOne) {
  RunSettings settings;
  settings.threads = 3;
  EXPECT_EQ(resolve_concurrency(settings).replicas, 3);
  EXPECT_EQ(resolve_concurrency(settings, "cuda:0").replicas, 1);
  settings.replicas = 2;
  EXPECT_EQ(resolve_concurrency(settings, "cuda:0").replicas, 2);
  settings.threads = 0;
  EXPECT_GE(resolve_concurrency(settings).threads, 1);
}

class TenImages : public ::testing::Test {
 protected:
  TenImages() : manifest_{"/data", std::vector<ManifestEntry>(10, ManifestEntry{"x.jpg", 0, {1000}}), {}} {
    recipe_.steps = {CenterCrop{8}, Normalize{}};
  }

  Manifest manifest_;
  PreprocessRecipe recipe_;
  Concurrency concurrency_{.threads = 4, .replicas = 8, .decode = 2};
};

TEST_F(TenImages, MakeThreeBatchesOfFour) {
  EXPECT_EQ(ImageGraph(manifest_, recipe_, 4, concurrency_).batch_count(), 3);
}

TEST_F(TenImages, NoNodeCanBeBusyOnMoreThanItsShareOfTheThreads) {
  std::vector<std::pair<std::string, int>> nodes;
  for (const MeteredNode& node : ImageGraph(manifest_, recipe_, 4, concurrency_).metered_nodes("infer"))
    nodes.emplace_back(node.name, node.capacity);
  using Node = std::pair<std::string, int>;
  EXPECT_THAT(nodes, ElementsAre(Node{"read", 4}, Node{"decode", 2}, Node{"resize", 2}, Node{"normalize", 4},
                                 Node{"infer", 4}, Node{"commit", 1}));
}

TEST_F(TenImages, TheMemoryBoundGrowsWithTheLargestFileInFlightNotWithTheList) {
  const ImageGraph graph(manifest_, recipe_, 4, concurrency_);
  const std::int64_t before = graph.memory_bound_bytes();
  Manifest longer = manifest_;
  longer.entries.resize(10'000, manifest_.entries.front());
  EXPECT_EQ(ImageGraph(longer, recipe_, 4, concurrency_).memory_bound_bytes(), before);
  longer.entries.back().file.bytes += 1;
  EXPECT_EQ(ImageGraph(longer, recipe_, 4, concurrency_).memory_bound_bytes(), before + graph.items_in_flight());
}

}  // namespace
}  // namespace qeval
