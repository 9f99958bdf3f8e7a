#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "storage/database.h"
#include "storage/queries.h"
#include "storage/run_store.h"
#include "tests/storage/storage_fixture.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qeval;
using namespace qeval::test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class RunLifecycle : public ::testing::Test {
 protected:
  TempDir folder_;
  std::filesystem::path file_ = folder_.path() / "deep" / "er" / "results.db";
};

TEST_F(RunLifecycle, ANewRunHasANameOfTwoWordsAndANumberAndEverythingItWasAskedFor) {
  const auto store = RunStore::open(file_);
  const RunRecord run = store->create_run(request(10));
  EXPECT_THAT(run.name, MatchesRegex("[a-z]+-[a-z]+-[0-9]+"));
  EXPECT_EQ(run.state, RunState::running);
  EXPECT_EQ(run.n_total, 10);
  EXPECT_EQ(run.n_done, 0);
  EXPECT_EQ(run.job_name, "tiny-job");
  EXPECT_EQ(run.job_path, "/jobs/tiny.yaml");
  Database database(file_, Database::Access::read_only);
  EXPECT_EQ(database.integer("SELECT count(*) FROM job WHERE source_text = ?1", "name: tiny-job\n"), 1);
  EXPECT_EQ(run.overrides_json, "{\"limit\":100}");
  EXPECT_EQ(run.arch, "resnet18");
  EXPECT_EQ(run.dataset, "tiny");
  EXPECT_EQ(run.mode, "aimet-1.24");
  EXPECT_EQ(run.tags, "zoo,smoke");
  EXPECT_EQ(run.key_components, request(10).key_components);
}

TEST_F(RunLifecycle, AResumedRunEndsWithTheCountsOfAllItsRows) {
  const RunRequest wanted = request(10);
  std::int64_t id = 0;
  {
    const auto store = RunStore::open(file_);
    id = store->create_run(wanted).id;
    const std::int64_t attempt = store->begin_attempt(id, "cpu");
    store->commit_batch(id, 2, batch_rows(2, 4, 10));
    store->commit_batch(id, 0, batch_rows(0, 4, 10));
    store->finish_attempt(id, attempt, RunState::interrupted, 1.5, "stopped by SIGINT", 130);
    EXPECT_EQ(Queries::open(file_)->latest_unfinished()->id, id);
  }
  const auto store = RunStore::open(file_);
  EXPECT_THAT(store->committed_batches(id), ElementsAre(0, 2));
  const std::int64_t attempt = store->begin_attempt(id, "cpu");
  store->commit_batch(id, 1, batch_rows(1, 4, 10));
  store->finish_attempt(id, attempt, RunState::done, 0.25, "", 0);

  const RunRecord run = *store->find_run("key-a");
  EXPECT_EQ(run.state, RunState::done);
  EXPECT_EQ(run.error, "");
  EXPECT_EQ(run.n_done, 10);
  EXPECT_EQ(run.n_correct1, 7);
  EXPECT_EQ(run.n_correct5, 9);
  EXPECT_DOUBLE_EQ(run.active_s, 1.75);
  EXPECT_FALSE(Queries::open(file_)->latest_unfinished());
  const Table attempts = Queries::open(file_)->attempts(id);
  ASSERT_EQ(attempts.rows.size(), 2u);
  EXPECT_EQ(attempts.rows[0][3], "interrupted");
  EXPECT_EQ(attempts.rows[1][3], "done");
  EXPECT_EQ(attempts.rows[1][4], 6) << "from_done: two images of the last batch and four of the first";
}

TEST_F(RunLifecycle, AnAnswerThatIsNotFiniteIsWrongButTheImageIsNoFailedOne) {
  const auto store = RunStore::open(file_);
  const std::int64_t id = store->create_run(request(10)).id;
  const std::int64_t attempt = store->begin_attempt(id, "cpu");
  auto rows = batch_rows(0, 10, 10);
  rows[0] = failed_prediction(0);
  rows[1].status = status_not_finite;
  rows[1].message = "NaN from node fc on";
  rows[1].top.fill(-1);
  store->commit_batch(id, 0, rows);
  store->finish_attempt(id, attempt, RunState::done, 1, "", 1);
  const RunRecord run = *store->find_run("key-a");
  EXPECT_EQ(run.n_failed, 1);
  EXPECT_EQ(run.n_correct1, 5) << "of seven, without the two";
  EXPECT_EQ(store->not_finite(id).images, 1);
  const auto queries = Queries::open(file_);
  EXPECT_EQ(queries->not_finite(id).explanation, "NaN from node fc on");
  EXPECT_EQ(queries->failed_images(id).rows.size(), 1u);
}

TEST_F(RunLifecycle, PredictionsComeBackAsTheyWereGivenInOrdinalOrder) {
  const auto store = RunStore::open(file_);
  const RunRecord run = store->create_run(request(6));
  store->begin_attempt(run.id, "cpu");
  PredictionRecord not_a_number = prediction(5);
  not_a_number.probability = not_a_number.margin = std::nan("");
  not_a_number.top = {-1, -1, -1, -1, -1};
  store->commit_batch(run.id, 1, std::vector{prediction(4), not_a_number});
  store->commit_batch(run.id, 0, std::vector{prediction(0), failed_prediction(1), prediction(2), prediction(3)});

  const auto rows = Queries::open(file_)->predictions(run.id);
  ASSERT_EQ(rows.size(), 6u);
  for (const std::int64_t ordinal : {0, 2, 3, 4}) {
    const PredictionRecord& row = rows[static_cast<std::size_t>(ordinal)];
    const PredictionRecord wanted = prediction(ordinal);
    EXPECT_EQ(row.ordinal, ordinal);
    EXPECT_EQ(row.top, wanted.top);
    EXPECT_EQ(row.probability, wanted.probability);
    EXPECT_EQ(row.margin, wanted.margin);
    EXPECT_EQ(row.xxh64, wanted.xxh64);
    EXPECT_EQ(row.warnings, wanted.warnings);
    EXPECT_EQ(row.width, 500);
  }
  EXPECT_EQ(rows[1].status, "truncated");
  EXPECT_EQ(rows[1].message, "ends after 17 of 4096 bytes");
  EXPECT_EQ(rows[1].top, failed_prediction(1).top);
  EXPECT_EQ(rows[1].probability, 0);
  EXPECT_TRUE(std::isnan(rows[5].probability));
}

TEST_F(RunLifecycle, AFailedOrUnlabelledImageIsNeverRight) {
  const auto store = RunStore::open(file_);
  RunRequest wanted = request(4);
  const RunRecord run = store->create_run(wanted);
  const std::int64_t attempt = store->begin_attempt(run.id, "cpu");
  PredictionRecord unlabelled = failed_prediction(1);  // label -1 and top -1 are equal numbers
  unlabelled.label = -1;
  unlabelled.status = "ok";
  PredictionRecord failed_but_right = prediction(2);
  failed_but_right.status = "truncated";
  store->commit_batch(run.id, 0, std::vector{prediction(0), unlabelled, failed_but_right, prediction(3)});
  store->finish_attempt(run.id, attempt, RunState::done, 1, "", 0);
  const RunRecord stored = *store->find_run("key-a");
  EXPECT_EQ(stored.n_correct1, 2);
  EXPECT_EQ(stored.n_correct5, 2);
  EXPECT_EQ(stored.n_failed, 1);
  EXPECT_EQ(stored.n_done, 4);
  const Table failed = Queries::open(file_)->failed_images(run.id);
  ASSERT_EQ(failed.rows.size(), 1u);
  EXPECT_THAT(failed.rows[0], ElementsAre(2, "val/2.JPEG", 2, "truncated", Cell()));
}

TEST_F(RunLifecycle, CommittingABatchTwiceIsABugAndChangesNothing) {
  const auto store = RunStore::open(file_);
  const RunRecord run = store->create_run(request(10));
  store->begin_attempt(run.id, "cpu");
  store->commit_batch(run.id, 1, batch_rows(1, 4, 10));
  const auto again = [&] { store->commit_batch(run.id, 1, batch_rows(1, 4, 10)); };
  EXPECT_THAT(message_of<InternalError>(again), HasSubstr("batch 1 of run " + run.name));
  EXPECT_EQ(store->find_run("key-a")->n_done, 4);
}

TEST_F(RunLifecycle, ABatchWithAnImageStoredBeforeOrUnknownIsStoredNotAtAll) {
  const auto store = RunStore::open(file_);
  const RunRecord run = store->create_run(request(10));
  store->begin_attempt(run.id, "cpu");
  store->commit_batch(run.id, 0, batch_rows(0, 4, 10));
  EXPECT_THROW(store->commit_batch(run.id, 1, std::vector{prediction(4), prediction(3)}), InternalError);
  EXPECT_THROW(store->commit_batch(run.id, 1, std::vector{prediction(4), prediction(10)}), InternalError);
  EXPECT_THAT(store->committed_batches(run.id), ElementsAre(0));
  EXPECT_EQ(Queries::open(file_)->predictions(run.id).size(), 4u);
  store->commit_batch(run.id, 1, batch_rows(1, 4, 10));
  EXPECT_EQ(Queries::open(file_)->predictions(run.id).size(), 8u);
}

TEST_F(RunLifecycle, TheNewestRunWithAKeyIsFoundAndSharedRowsAreStoredOnce) {
  const auto store = RunStore::open(file_);
  const RunRecord first = store->create_run(request(10));
  const RunRecord second = store->create_run(request(10));
  store->create_run(request(10, "key-b"));
  EXPECT_NE(first.name, second.name);
  EXPECT_EQ(store->find_run("key-a")->id, second.id);
  EXPECT_FALSE(store->find_run("key-c"));
}

TEST_F(RunLifecycle, TheSameFingerprintWithOtherSamplesIsABug) {
  const auto store = RunStore::open(file_);
  store->create_run(request(10));
  RunRequest other = request(10);
  other.dataset.samples.pop_back();
  EXPECT_THROW(store->create_run(other), InternalError);
}

TEST_F(RunLifecycle, AFailedRunKeepsItsErrorAndCanBeResumed) {
  const auto store = RunStore::open(file_);
  const RunRecord run = store->create_run(request(10));
  const std::int64_t attempt = store->begin_attempt(run.id, "cuda:0");
  store->finish_attempt(run.id, attempt, RunState::failed, 0.5, "device lost", 4);
  EXPECT_EQ(store->find_run("key-a")->state, RunState::failed);
  EXPECT_EQ(store->find_run("key-a")->error, "device lost");
  EXPECT_EQ(Queries::open(file_)->latest_unfinished()->id, run.id);
  store->begin_attempt(run.id, "cpu");
  EXPECT_EQ(store->find_run("key-a")->state, RunState::running);
  EXPECT_EQ(store->find_run("key-a")->error, "");
  EXPECT_THROW(store->finish_attempt(run.id, attempt, RunState::done, 1, "", 0), InternalError)
      << "that attempt has ended";
}

TEST_F(RunLifecycle, TheUnfinishedRunWorkedOnLastIsTheLatest) {
  const auto store = RunStore::open(file_);
  const RunRecord older = store->create_run(request(10, "key-a"));
  const RunRecord newer = store->create_run(request(10, "key-b"));
  for (const std::int64_t id : {newer.id, older.id}) {
    store->finish_attempt(id, store->begin_attempt(id, "cpu"), RunState::interrupted, 1, "", 130);
  }
  EXPECT_EQ(Queries::open(file_)->latest_unfinished()->id, older.id);
}

}  // namespace
