#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "storage/queries.h"
#include "storage/run_store.h"
#include "tests/storage/storage_fixture.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qeval;
using namespace qeval::test;
using ::testing::ElementsAre;

using States = std::vector<std::vector<std::uint8_t>>;

EncodingSetRecord two_encodings() {
  EncodingSetRecord set;
  set.name = "w8a8";
  set.cache_key = "cache";
  set.origin = "calibrated";
  set.mode = "aimet-1.24";
  set.key_components = {{"scheme", "tf_enhanced"}, {"images", "2000"}};
  set.calibration_images = 2000;
  set.encodings = {{"input", "conv1.input[0]", "conv1", -1, 8, false, -2.117, 2.64, 4.757 / 255, -114},
                   {"param", "conv1.weight", "conv1", 0, 4, true, -0.1, 0.1, 0.1 / 7, -8}};
  return set;
}

class EncodingSet : public ::testing::Test {
 protected:
  TempDir folder_;
  std::filesystem::path file_ = folder_.path() / "results.db";
  std::unique_ptr<RunStore> store_ = RunStore::open(file_);
};

TEST_F(EncodingSet, ComesBackAsItWasSaved) {
  const std::int64_t saved = store_->save_encoding_set(two_encodings());
  std::int64_t found = 0;
  const EncodingSetRecord set = *store_->find_encoding_set("cache", &found);
  EXPECT_EQ(found, saved);
  EXPECT_EQ(set.name, "w8a8");
  EXPECT_EQ(set.origin, "calibrated");
  EXPECT_EQ(set.calibration_images, 2000);
  EXPECT_EQ(set.key_components, two_encodings().key_components);
  ASSERT_EQ(set.encodings.size(), 2u);
  EXPECT_EQ(set.encodings[0].tensor, "conv1.input[0]");
  EXPECT_EQ(set.encodings[0].scale, 4.757 / 255);
  EXPECT_EQ(set.encodings[0].channel, -1);
  EXPECT_EQ(set.encodings[1].bits, 4);
  EXPECT_TRUE(set.encodings[1].symmetric);
  EXPECT_EQ(set.encodings[1].min, -0.1);
  EXPECT_FALSE(store_->find_encoding_set("another", nullptr));
}

TEST_F(EncodingSet, SavedTwiceKeepsTheFirst) {
  const std::int64_t first = store_->save_encoding_set(two_encodings());
  EncodingSetRecord again = two_encodings();
  again.encodings.pop_back();
  EXPECT_EQ(store_->save_encoding_set(again), first);
  EXPECT_EQ(store_->find_encoding_set("cache", nullptr)->encodings.size(), 2u);
}

TEST_F(EncodingSet, CalibrationProgressIsOverwrittenBatchByBatch) {
  EXPECT_EQ(store_->calibration_progress("cache").batches_done, 0);
  EXPECT_TRUE(store_->calibration_progress("cache").states.empty());
  store_->commit_calibration_batch("cache", 1, States{{1, 2, 3}, {}, {9}});
  store_->commit_calibration_batch("other", 7, States{{7}});
  store_->commit_calibration_batch("cache", 2, States{{4, 0, 5, 6}, {8}, {}});
  const CalibrationProgress progress = store_->calibration_progress("cache");
  EXPECT_EQ(progress.batches_done, 2);
  EXPECT_THAT(progress.states, ElementsAre(ElementsAre(4, 0, 5, 6), ElementsAre(8), ElementsAre()));
  const auto queries = Queries::open(file_);
  EXPECT_EQ(queries->calibration_batches_done("cache"), 2);
  EXPECT_EQ(queries->calibration_batches_done("unknown"), 0);
  EXPECT_FALSE(queries->has_encoding_set("cache"));
}

TEST_F(EncodingSet, SavingDropsItsOwnCalibrationProgressOnly) {
  store_->commit_calibration_batch("cache", 3, States{{1}, {2}});
  store_->commit_calibration_batch("other", 7, States{{7}});
  store_->save_encoding_set(two_encodings());
  EXPECT_EQ(store_->calibration_progress("cache").batches_done, 0);
  EXPECT_TRUE(store_->calibration_progress("cache").states.empty());
  EXPECT_EQ(store_->calibration_progress("other").batches_done, 7);
  EXPECT_TRUE(Queries::open(file_)->has_encoding_set("cache"));
}

TEST_F(EncodingSet, AnUnknownRoleIsRefusedAndNothingOfTheSetIsKept) {
  store_->commit_calibration_batch("cache", 3, States{{1}});
  EncodingSetRecord wrong = two_encodings();
  wrong.encodings[1].role = "activation";
  EXPECT_THROW(store_->save_encoding_set(wrong), InternalError);
  EXPECT_FALSE(store_->find_encoding_set("cache", nullptr));
  EXPECT_EQ(store_->calibration_progress("cache").batches_done, 3);
}

TEST_F(EncodingSet, ARunKnowsItsEncodings) {
  const RunRecord quantized =
      complete_run(*store_, request(4, "key-q"), {0}, store_->save_encoding_set(two_encodings()));
  const RunRecord floating = complete_run(*store_, request(4, "key-f"), {0});
  const auto queries = Queries::open(file_);
  EXPECT_EQ(queries->encodings(quantized.id).size(), 2u);
  EXPECT_TRUE(queries->encodings(floating.id).empty());
}

}  // namespace
