#include <unistd.h>

#include <algorithm>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "storage/queries.h"
#include "storage/run_store.h"
#include "tests/storage/child_process.h"
#include "tests/storage/storage_fixture.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qeval;
using namespace qeval::test;
using ::testing::HasSubstr;

constexpr int images = 4000;
constexpr int batch_size = 8;

/// Starts a run and commits its batches one after the other, reporting each one's number after its commit.
void write_batches(const std::filesystem::path& file, const ChildProcess::Report& report) {
  const auto store = RunStore::open(file);
  RunRequest wanted = request(images);
  wanted.batch_size = batch_size;
  auto run = store->find_run(wanted.eval_key);
  if (!run) run = store->create_run(wanted);
  store->begin_attempt(run->id, "cpu");
  const auto done = store->committed_batches(run->id);
  for (int batch = 0; batch < images / batch_size; ++batch) {
    if (std::binary_search(done.begin(), done.end(), batch)) continue;
    store->commit_batch(run->id, batch, batch_rows(batch, batch_size, images));
    report(batch);
  }
}

/// All of a batch's rows are there with their values, or none; returns which batches are.
std::vector<std::int64_t> require_whole_batches(RunStore& store, const std::filesystem::path& file,
                                                std::int64_t run_id) {
  const auto batches = store.committed_batches(run_id);
  const auto rows = Queries::open(file)->predictions(run_id);
  EXPECT_EQ(rows.size(), batches.size() * batch_size);
  std::size_t next = 0;
  for (const std::int64_t batch : batches) {
    for (const PredictionRecord& wanted : batch_rows(batch, batch_size, images)) {
      if (next >= rows.size()) break;
      EXPECT_EQ(rows[next].ordinal, wanted.ordinal);
      EXPECT_EQ(rows[next].probability, wanted.probability);
      ++next;
    }
  }
  return batches;
}

/// A process that reports 1 once it has opened `file` for writing, and keeps it open.
ChildProcess holder_of(const std::filesystem::path& file) {
  return ChildProcess([&](const ChildProcess::Report& report) {
    const auto store = RunStore::open(file);
    report(1);
    pause();
  });
}

TEST(WriterLock, ASecondWriterIsToldWhoHoldsTheDatabaseAndSinceWhen) {
  TempDir folder;
  const auto file = folder.path() / "results.db";
  ChildProcess holder = holder_of(file);
  ASSERT_EQ(holder.next_report(), 1);
  const std::string message = message_of<DatabaseError>([&] { RunStore::open(file); });
  EXPECT_THAT(message, HasSubstr(file.string() + " is in use by pid " + std::to_string(holder.pid()) + " on host "));
  EXPECT_THAT(message, HasSubstr("since 20"));
  EXPECT_THAT(message, HasSubstr("storage_tests")) << "the holder's command line";
  EXPECT_THAT(message, HasSubstr("--db"));
}

TEST(WriterLock, IsFreeAsSoonAsItsHolderIsKilled) {
  TempDir folder;
  const auto file = folder.path() / "results.db";
  ChildProcess holder = holder_of(file);
  ASSERT_EQ(holder.next_report(), 1);
  holder.kill_and_wait();
  EXPECT_NO_THROW(RunStore::open(file));
}

TEST(WriterLock, IsTheSameForAnotherNameOfTheFile) {
  TempDir folder;
  const auto store = RunStore::open(folder.path() / "results.db");
  std::filesystem::create_symlink("results.db", folder.path() / "link.db");
  EXPECT_THROW(RunStore::open(folder.path() / "link.db"), DatabaseError);
}

TEST(WriterLock, AQueryDoesNotKeepAWriterOut) {
  TempDir folder;
  const auto file = folder.path() / "results.db";
  RunStore::open(file)->create_run(request(4));
  ChildProcess reader([&](const ChildProcess::Report& report) {
    const auto queries = Queries::open(file);
    for (int round = 0;; ++round) {
      queries->history({});
      if (round == 0) report(1);
    }
  });
  ASSERT_EQ(reader.next_report(), 1);
  for (int round = 0; round < 20; ++round) EXPECT_NO_THROW(RunStore::open(file));
}

TEST(KilledWriter, LosesNoCommittedBatchAndLeavesNoPartOfOne) {
  std::mt19937 random(20250601);
  for (int kill = 0; kill < 25; ++kill) {
    TempDir folder;
    const auto file = folder.path() / "results.db";
    std::vector<int> acknowledged;
    {
      ChildProcess writer([&](const ChildProcess::Report& report) { write_batches(file, report); });
      const int reports_before = static_cast<int>(random() % 60);
      for (int i = 0; i < reports_before; ++i) acknowledged.push_back(writer.next_report());
      usleep(static_cast<useconds_t>(random() % 3000));
      writer.kill_and_wait();
      for (const int batch : writer.remaining_reports()) acknowledged.push_back(batch);
    }
    const auto store = RunStore::open(file);
    const auto run = store->find_run("key-a");
    if (!run) {
      EXPECT_TRUE(acknowledged.empty());
      continue;
    }
    EXPECT_EQ(run->state, RunState::interrupted);
    const auto batches = require_whole_batches(*store, file, run->id);
    EXPECT_EQ(run->n_done, static_cast<std::int64_t>(batches.size()) * batch_size);
    for (const int batch : acknowledged) {
      EXPECT_TRUE(std::binary_search(batches.begin(), batches.end(), batch)) << "batch " << batch << ", kill " << kill;
    }
    EXPECT_LE(batches.size(), acknowledged.size() + 1) << "at most one batch can be committed and not yet reported";
  }
}

TEST(KilledWriter, ThreeKillsInARowThenAResumeEndWithTheHashOfARunNeverInterrupted) {
  TempDir folder;
  std::vector<std::int64_t> all;
  for (std::int64_t batch = 0; batch < images / batch_size; ++batch) all.push_back(batch);
  RunRequest wanted = request(images);
  wanted.batch_size = batch_size;
  const auto straight = folder.path() / "straight.db";
  complete_run(*RunStore::open(straight), wanted, all);

  const auto file = folder.path() / "killed.db";
  for (const int reports : {40, 7, 90}) {
    ChildProcess writer([&](const ChildProcess::Report& report) { write_batches(file, report); });
    for (int i = 0; i < reports; ++i) writer.next_report();
    writer.kill_and_wait();
  }
  ChildProcess last([&](const ChildProcess::Report& report) { write_batches(file, report); });
  last.remaining_reports();
  EXPECT_EQ(last.wait_for_end(), 0);

  const auto expected = Queries::open(straight);
  const auto actual = Queries::open(file);
  EXPECT_EQ(actual->content_hash(actual->find_run("key-a")->id),
            expected->content_hash(expected->find_run("key-a")->id));
  const Table attempts = actual->attempts(actual->find_run("key-a")->id);
  ASSERT_EQ(attempts.rows.size(), 4u);
  for (const auto& attempt : attempts.rows) EXPECT_EQ(attempt[3], "killed") << "none of them said that it ended";
}

TEST(KilledWriter, ShowsAsInterruptedToReadersAtOnce) {
  TempDir folder;
  const auto file = folder.path() / "results.db";
  ChildProcess writer([&](const ChildProcess::Report& report) {
    const auto store = RunStore::open(file);
    const RunRecord run = store->create_run(request(10));
    store->begin_attempt(run.id, "cpu");
    store->commit_batch(run.id, 0, batch_rows(0, 4, 10));
    report(1);
    pause();
  });
  ASSERT_EQ(writer.next_report(), 1);
  const auto queries = Queries::open(file);
  EXPECT_EQ(queries->run("@last").state, RunState::running);
  EXPECT_EQ(queries->history({"state = 'running'", "", 0}).rows.size(), 1u);
  writer.kill_and_wait();
  EXPECT_EQ(queries->run("@last").state, RunState::interrupted);
  EXPECT_EQ(queries->find_run("key-a")->state, RunState::interrupted);
  EXPECT_EQ(queries->runs().at(0).state, RunState::interrupted);
  EXPECT_EQ(queries->history({"state = 'running'", "", 0}).rows.size(), 0u);
  EXPECT_EQ(queries->history({"state = 'interrupted'", "", 0}).rows.size(), 1u);
  EXPECT_EQ(queries->attempts(1).rows.at(0)[3], "killed");
}

}  // namespace
