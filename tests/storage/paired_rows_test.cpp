// Two runs' rows side by side: the images that both evaluated, whatever else each has.
#include "storage/paired_rows.h"

#include <cmath>

#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "storage/queries.h"
#include "tests/storage/storage_fixture.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

class PairedRowsTest : public ::testing::Test {
 protected:
  std::int64_t run_of(const RunRequest& request, const std::vector<std::vector<PredictionRecord>>& batches) {
    const RunRecord run = store_->create_run(request);
    store_->begin_attempt(run.id, "cpu");
    for (std::size_t batch = 0; batch < batches.size(); ++batch)
      store_->commit_batch(run.id, static_cast<std::int64_t>(batch), batches[batch]);
    return run.id;
  }

  test::TempDir dir_{test::TempDir::fast_parent()};
  std::filesystem::path file_ = dir_.path() / "results.db";
  std::unique_ptr<RunStore> store_ = RunStore::open(file_);
};

PredictionRecord with_status(std::int64_t ordinal, const std::string& status) {
  PredictionRecord row = test::failed_prediction(ordinal);
  row.status = status;
  return row;
}

TEST_F(PairedRowsTest, SayWhatEachRunSaysOfAnImage) {
  PredictionRecord moved = test::prediction(0);
  std::swap(moved.top[0], moved.top[1]);
  const std::int64_t first = run_of(test::request(2, "a"), {test::batch_rows(0, 2, 2)});
  const std::int64_t second = run_of(test::request(2, "b"), {{moved, test::prediction(1)}});
  const PairedRows paired = store_->paired_rows(first, second);
  ASSERT_EQ(paired.rows.size(), 2u);
  const PairedRow& row = paired.rows[0];
  EXPECT_EQ(row.first.top1, 0);
  EXPECT_EQ(row.second.top1, 1);
  EXPECT_TRUE(row.first.right1 && !row.second.right1 && row.second.right5);
  EXPECT_EQ(row.first.label, 0);
  EXPECT_EQ(row.first.margin, test::prediction(0).margin);
  EXPECT_EQ(Queries::open(file_)->sample_name(row.first.sample_id), "val/0.JPEG");
  EXPECT_EQ(Queries::open(file_)->class_names(first).at(3), "class-3");
}

TEST_F(PairedRowsTest, OfARunThatWasChangedAreNoRows) {
  const std::int64_t first = run_of(test::request(4, "a"), {test::batch_rows(0, 4, 4)});
  const std::int64_t second = run_of(test::request(4, "b"), {test::batch_rows(0, 4, 4)});
  EXPECT_EQ(store_->paired_rows(first, second).rows.size(), 4u);
  Database(file_, Database::Access::read_write).run("UPDATE prediction SET margin = 0.25 WHERE run_id = ?1", first);
  EXPECT_THROW(store_->paired_rows(first, second), DatabaseError);
  EXPECT_THROW(store_->paired_rows(second, first), DatabaseError);
  EXPECT_NO_THROW(store_->paired_rows(second, second));
}

TEST_F(PairedRowsTest, AreReadOnceWithTheContentHash) {
  const std::int64_t run = run_of(test::request(8, "a"), {test::batch_rows(0, 4, 8), test::batch_rows(1, 4, 8)});
  const auto queries = Queries::open(file_);
  const RunContent content = queries->content(run);
  EXPECT_EQ(content.hash, queries->content_hash(run));
  EXPECT_EQ(content.outcomes.rows.size(), 8u);
}

TEST_F(PairedRowsTest, OfHalfFinishedRunsAreTheImagesThatBothHave) {
  const std::int64_t first = run_of(test::request(12, "a"), {test::batch_rows(0, 4, 12), test::batch_rows(1, 4, 12)});
  const std::int64_t second = run_of(test::request(12, "b"), {test::batch_rows(1, 4, 12), test::batch_rows(2, 4, 12)});
  const PairedRows paired = Queries::open(file_)->paired_rows(first, second);
  EXPECT_EQ(paired.rows.size(), 4u);
  EXPECT_EQ(paired.only_first, 4);
  EXPECT_EQ(paired.only_second, 4);
}

TEST_F(PairedRowsTest, KeepImagesThatWereNotUsable) {
  const std::int64_t first = run_of(test::request(3, "a"), {test::batch_rows(0, 3, 3)});
  PredictionRecord unknown_margin = test::prediction(2);
  unknown_margin.margin = std::nan("");
  const std::int64_t second =
      run_of(test::request(3, "b"), {{with_status(0, "truncated"), with_status(1, status_not_finite), unknown_margin}});
  const PairedRows paired = store_->paired_rows(first, second);
  ASSERT_EQ(paired.rows.size(), 3u);
  EXPECT_EQ(paired.rows[0].second.status, Outcome::Status::failed);
  EXPECT_EQ(paired.rows[1].second.status, Outcome::Status::not_finite);
  EXPECT_EQ(paired.rows[1].second.top1, -1);
  EXPECT_FALSE(paired.rows[0].second.right1);
  EXPECT_TRUE(std::isnan(paired.rows[2].second.margin));
}

/// The first six images of `images`, as a data set of their own.
RunRequest request_of_six(const std::string& key) {
  RunRequest request = test::request(6, key);
  for (SampleRecord& sample : request.dataset.samples) sample.sha256.assign(32, 1);
  request.dataset.fingerprint = key;
  return request;
}

TEST_F(PairedRowsTest, OfTwoDataSetsAreOneNameContentAndLabel) {
  const std::int64_t first = run_of(request_of_six("a"), {test::batch_rows(0, 6, 6)});
  RunRequest other = request_of_six("b");
  std::swap(other.dataset.samples[0], other.dataset.samples[1]);
  other.dataset.samples[2].name = "val/new.JPEG";
  other.dataset.samples[3].sha256.assign(32, 2);
  other.dataset.samples[4].sha256.clear();
  other.dataset.samples[5].label = 9;
  std::vector<PredictionRecord> rows = test::batch_rows(0, 6, 6);
  for (PredictionRecord& row : rows) row.label = other.dataset.samples[static_cast<std::size_t>(row.ordinal)].label;
  const std::int64_t second = run_of(other, {rows});
  const PairedRows paired = store_->paired_rows(first, second);
  ASSERT_EQ(paired.rows.size(), 3u) << "images 0, 1 and 4, whose content only one knows";
  EXPECT_EQ(paired.rows[0].first.label, 0);
  EXPECT_EQ(paired.rows[0].second.top1, 1) << "its row stands at another place";
  EXPECT_EQ(paired.other_content, 1);
  EXPECT_EQ(paired.other_label, 1);
  EXPECT_EQ(paired.only_first, 2) << "image 2, and image 3 of another content";
  EXPECT_EQ(paired.only_second, 2);
}

TEST_F(PairedRowsTest, OfAListThatNamesAnImageTwiceAreTwo) {
  RunRequest one = request_of_six("a"), other = request_of_six("b");
  for (RunRequest* request : {&one, &other}) request->dataset.samples[1] = request->dataset.samples[0];
  std::vector<PredictionRecord> rows = test::batch_rows(0, 6, 6);
  rows[1].label = rows[0].label;
  const std::int64_t first = run_of(one, {rows}), second = run_of(other, {rows});
  EXPECT_EQ(store_->paired_rows(first, second).rows.size(), 6u);
}

}  // namespace
}  // namespace qeval
