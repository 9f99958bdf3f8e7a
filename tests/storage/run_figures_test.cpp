#include <gtest/gtest.h>

#include "storage/database.h"
#include "storage/identity_rows.h"
#include "storage/migrations.h"
#include "storage/queries.h"
#include "storage/run_store.h"
#include "storage/wilson.h"
#include "tests/storage/storage_fixture.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qeval;
using namespace qeval::test;

class RunFigures : public ::testing::Test {
 protected:
  /// What the run's row says must be what its rows say, to the bit.
  void expect_figures_of_rows() {
    Database reader(file_, Database::Access::read_only);
    Statement counted = reader.query(
        "SELECT count(*), ifnull(sum(status <> 'ok'), 0), ifnull(sum(correct1), 0), ifnull(sum(correct5), 0) FROM "
        "prediction");
    Statement stored =
        reader.query("SELECT n_done, n_failed, n_correct1, n_correct5, top1, top1_low, top1_high, top5 FROM run");
    ASSERT_TRUE(counted.step() && stored.step());
    for (int column = 0; column < 4; ++column) EXPECT_EQ(stored.integer(column), counted.integer(column)) << column;
    const std::int64_t done = counted.integer(0), right = counted.integer(2);
    ASSERT_EQ(stored.is_null(4), done == 0);
    if (done == 0) return;
    EXPECT_EQ(stored.real(4), static_cast<double>(right) / static_cast<double>(done));
    EXPECT_EQ(stored.real(5), wilson_interval(right, done).low);
    EXPECT_EQ(stored.real(6), wilson_interval(right, done).high);
    EXPECT_EQ(stored.real(7), static_cast<double>(counted.integer(3)) / static_cast<double>(done));
  }

  TempDir folder_;
  std::filesystem::path file_ = folder_.path() / "results.db";
};

TEST_F(RunFigures, AreThoseOfTheStoredRowsAfterEveryCommit) {
  const auto store = RunStore::open(file_);
  const RunRecord run = store->create_run(request(43));
  expect_figures_of_rows();
  store->begin_attempt(run.id, "cpu");
  for (const std::int64_t batch : {0, 7, 3, 1, 10, 2}) {
    auto rows = batch_rows(batch, 4, 43);
    if (batch == 3) rows[1] = failed_prediction(rows[1].ordinal);
    store->commit_batch(run.id, batch, rows);
    expect_figures_of_rows();
  }
  EXPECT_EQ(store->find_run("key-a")->n_done, 23);
  EXPECT_EQ(store->find_run("key-a")->n_failed, 1);
  EXPECT_THROW(store->commit_batch(run.id, 4, std::vector{prediction(16), prediction(0)}), InternalError);
  expect_figures_of_rows();
}

TEST_F(RunFigures, OfARunningRunHaveTheTimeUntilItsLastCommit) {
  const auto store = RunStore::open(file_);
  const RunRecord run = store->create_run(request(8));
  const std::int64_t attempt = store->begin_attempt(run.id, "cpu");
  {
    Database other(file_, Database::Access::read_write);
    other.run("UPDATE run_attempt SET started_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-100 seconds')");
  }
  store->commit_batch(run.id, 0, batch_rows(0, 4, 8));
  const auto queries = Queries::open(file_);
  const double active = queries->run("@last").active_s;
  EXPECT_GE(active, 99.9);
  Database reader(file_, Database::Access::read_only);
  Statement view = reader.query("SELECT n_done / active_s, active_s FROM run");
  ASSERT_TRUE(view.step());
  EXPECT_EQ(view.real(0), 4 / active);
  EXPECT_EQ(queries->attempts(run.id).rows.at(0)[5], Cell(4)) << "to_done";
  store->finish_attempt(run.id, attempt, RunState::interrupted, 7.5, "", 130);
  EXPECT_EQ(store->find_run("key-a")->active_s, 7.5);
}

TEST_F(RunFigures, OfOneMomentAreShownWhileARunGoesOn) {
  const auto store = RunStore::open(file_);
  const RunRecord run = store->create_run(request(12));
  store->begin_attempt(run.id, "cpu");
  store->commit_batch(run.id, 0, batch_rows(0, 4, 12));
  const auto queries = Queries::open(file_);
  queries->hold();
  EXPECT_EQ(queries->run("@last").n_done, 4);
  store->commit_batch(run.id, 1, batch_rows(1, 4, 12));
  EXPECT_EQ(queries->run("@last").n_done, 4);
  EXPECT_EQ(queries->predictions(run.id).size(), 4u);
}

TEST_F(RunFigures, OfARunThatAnOlderQevalWasKilledInAreRightOnceTheFileIsMigrated) {
  {
    Database old(file_, Database::Access::read_write);
    migrate(old, all_migrations().first(7));
    old.run_script(
        "INSERT INTO job VALUES(1, 'j', '" + job_sha256({"j", "p", "t", "{}"}) +
        "', 'p', 't', '{}', 'now');"
        "INSERT INTO model VALUES(1, 'm', 'a', 'f', 'p', 's', 1, 1, 10);"
        "INSERT INTO dataset VALUES(1, 'd', 'k', 'r', 3, 10, 'f', 'now');"
        "INSERT INTO sample VALUES(1, 1, 0, 'a', 1, 5), (2, 1, 1, 'b', 1, 5), (3, 1, 2, 'c', 1, 5);"
        "INSERT INTO run(id, name, state, job_id, overrides_json, variant, model_id, dataset_id, precision, executor, "
        "mode,"
        " device, batch_size, n_total, n_done, eval_key, tool_version, tags, created_at) VALUES(1, 'calm-otter-12', "
        "'running',"
        " 1, '{}', 'v', 1, 1, 'fp32', 'float', '', 'cpu', 2, 3, 2, 'key-a', '0.1.0', '', '2025-06-01T09:30:00.125Z');"
        "INSERT INTO batch_done VALUES(1, 0, 2, '2025-06-01T09:31:00.125Z');"
        "INSERT INTO prediction VALUES(1, 1, 1, 1, 2, 3, 4, 5, 0.5, 0.1, 1, 1, 'ok', NULL, 8, 8, 0, 7),"
        " (1, 2, 1, 2, 1, 3, 4, 5, 0.5, 0.1, 0, 1, 'ok', NULL, 8, 8, 0, 7);");
    migrate(old, all_migrations());
  }
  expect_figures_of_rows();
  const RunRecord run = Queries::open(file_)->run("@last");
  EXPECT_EQ(run.n_correct1, 1);
  EXPECT_EQ(run.n_correct5, 2);
}

}  // namespace
