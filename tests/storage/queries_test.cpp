#include "storage/queries.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "storage/run_store.h"
#include "tests/storage/child_process.h"
#include "tests/storage/storage_fixture.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qeval;
using namespace qeval::test;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Three finished runs of one dataset, oldest first: 4, 8 and 10 images of 10 done.
class History : public ::testing::Test {
 protected:
  History() {
    const auto store = RunStore::open(file_);
    for (const auto& batches : std::vector<std::vector<std::int64_t>>{{0}, {0, 1}, {0, 1, 2}}) {
      RunRequest wanted = request(10, "key-" + std::to_string(batches.size()));
      wanted.variant = "v" + std::to_string(batches.size());
      names_.push_back(complete_run(*store, wanted, batches).name);
    }
    queries_ = Queries::open(file_);
  }

  std::vector<std::string> column(const Table& table, const std::string& name) {
    const auto found = std::find(table.columns.begin(), table.columns.end(), name);
    EXPECT_NE(found, table.columns.end()) << name;
    std::vector<std::string> values;
    const auto number = static_cast<std::size_t>(found - table.columns.begin());
    for (const auto& row : table.rows) values.push_back(row[number].text());
    return values;
  }
  std::string refusal(const std::string& where) {
    return message_of<UsageError>([&] { queries_->history({where, "", 0}); });
  }

  TempDir folder_;
  std::filesystem::path file_ = folder_.path() / "results.db";
  std::vector<std::string> names_;
  std::unique_ptr<Queries> queries_;
};

TEST_F(History, FieldsAreValuesAndPatternsAndNeverSql) {
  const auto found = [&](const HistoryFilter& filter) { return column(queries_->history(filter), "name").size(); };
  const Table all = queries_->history({});
  const std::string arch = column(all, "arch").front(), created = column(all, "created_at").back();
  EXPECT_EQ(found({.arch = arch}), 3u);
  EXPECT_EQ(found({.arch = arch.substr(0, 2) + "*"}), 3u);
  EXPECT_EQ(found({.arch = arch.substr(0, 2)}), 0u) << "a name is a whole one";
  EXPECT_EQ(found({.arch = "' OR 1=1 --"}), 0u);
  EXPECT_EQ(found({.dataset = column(all, "dataset").front()}), 3u);
  EXPECT_EQ(found({.since = created}), 3u) << "then or later";
  EXPECT_EQ(found({.since = "2999-01-01T00:00:00.000Z"}), 0u);
  EXPECT_EQ(found({.where = "variant = 'v1' OR variant = 'v2'", .arch = "none"}), 0u)
      << "a condition is one of several";
  EXPECT_EQ(found({.where = "variant = 'v1' OR variant = 'v2'", .arch = arch}), 2u);
}

TEST_F(History, ATagIsOneOfTheRuns) {
  queries_.reset();
  const auto store = RunStore::open(file_);
  RunRequest wanted = request(10, "tagged");
  wanted.tags = "mine,of-late";
  complete_run(*store, wanted, {0});
  const auto queries = Queries::open(file_);
  for (const auto& [tag, count] :
       std::vector<std::pair<std::string, std::size_t>>{{"mine", 1}, {"of-late", 1}, {"of", 0}})
    EXPECT_EQ(queries->history({.tag = tag}).rows.size(), count) << tag;
}

TEST_F(History, CountsAreExact) {
  EXPECT_THAT(column(queries_->history({.sort = "n_correct1-", .limit = 1}), "n_correct1"), ElementsAre("7"));
}

TEST_F(History, TiesAreTheImagesWithoutAMargin) {
  EXPECT_EQ(ties_of(queries_->outcomes(queries_->run(names_[2]).id)).images, 0);
  queries_.reset();
  const auto store = RunStore::open(file_);
  const RunRecord run = store->create_run(request(10, "tied"));
  store->begin_attempt(run.id, "cpu");
  auto rows = batch_rows(0, 10, 10);
  for (const std::size_t i : {3u, 6u, 7u}) rows[i].margin = 0;  // the last of them is wrong
  rows[9] = failed_prediction(9);
  store->commit_batch(run.id, 0, rows);
  const Ties ties = ties_of(Queries::open(file_)->outcomes(run.id));
  EXPECT_EQ(ties.images, 3);
  EXPECT_EQ(ties.right, 2);
}

TEST_F(History, ListsTheNewestFirstWithPercents) {
  const Table table = queries_->history({});
  EXPECT_THAT(column(table, "name"), ElementsAre(names_[2], names_[1], names_[0]));
  EXPECT_THAT(column(table, "top1"), ElementsAre("70.0", "87.5", "100.0"));
  EXPECT_THAT(column(table, "top5"), ElementsAre("90.0", "100.0", "100.0"));
  EXPECT_THAT(column(table, "top1_low"), ElementsAre("39.678", "52.911", "51.011")) << "SciPy's Wilson intervals";
  EXPECT_THAT(column(table, "images_per_s"), ElementsAre("4.0", "3.2", "1.6"));
  EXPECT_THAT(column(table, "job"), ElementsAre("tiny-job", "tiny-job", "tiny-job"));
}

TEST_F(History, FiltersSortsAndLimits) {
  EXPECT_THAT(column(queries_->history({"n_done >= 8 AND arch LIKE 'resnet%'", "top1-", 0}), "variant"),
              ElementsAre("v2", "v3"));
  EXPECT_THAT(column(queries_->history({"", "n_done", 0}), "variant"), ElementsAre("v1", "v2", "v3"));
  EXPECT_THAT(column(queries_->history({"", "top5-", 2}), "variant"), ElementsAre("v2", "v1"));
  EXPECT_THAT(
      column(queries_->history({"id IN (SELECT run_id FROM prediction WHERE top1 <> label)", "", 0}), "variant"),
      ElementsAre("v3", "v2"));
  EXPECT_THAT(column(queries_->history({"tags LIKE '%zoo%' AND variant <> 'it''s;--('", "", 1}), "variant"),
              ElementsAre("v3"));
}

TEST_F(History, AnUnknownColumnIsAnErrorThatNamesTheColumns) {
  EXPECT_THAT(refusal("accuracy > 3"),
              AllOf(HasSubstr("no such column: accuracy"), HasSubstr("top1"), HasSubstr("n_done")));
  EXPECT_THAT(refusal("\"accuracy\" = 'x'"), HasSubstr("no such column: accuracy"));
  EXPECT_THAT(message_of<UsageError>([&] { queries_->history({"", "accuracy-", 0}); }),
              HasSubstr("the columns are: id, name"));
}

TEST_F(History, NothingButOneConditionIsAccepted) {
  for (const char* where : {"1); DROP TABLE run;--", "1; DROP TABLE run", "1) UNION SELECT * FROM history WHERE (1",
                            "1 -- comment", "1 /* open", "(1", "1)", "'open", "\"open", "1 ORDER BY id", "1 LIMIT 1",
                            "DROP TABLE run", "name =", "top1, top5", "1 UNION SELECT 1", "load_extension('x')",
                            "abs(-9223372036854775807 - 1) = 1", "(DELETE FROM run)"}) {
    EXPECT_THAT(refusal(where), HasSubstr("--where")) << where;
  }
  EXPECT_THAT(refusal(std::string("1\0)", 3)), HasSubstr("--where"));
  EXPECT_EQ(queries_->runs().size(), 3u) << "nothing was dropped";
}

TEST_F(History, RunsAreFoundByNamePrefixAndRank) {
  EXPECT_EQ(queries_->run(names_[1]).variant, "v2");
  EXPECT_EQ(queries_->run("@last").variant, "v3");
  EXPECT_EQ(queries_->run("@1").variant, "v3");
  EXPECT_EQ(queries_->run("@2").variant, "v2");
  EXPECT_EQ(queries_->run("@3").variant, "v1");
  EXPECT_EQ(queries_->batches_done(queries_->run("@2").id), 2);
}

TEST_F(History, AUniquePrefixIsEnoughAndAnAmbiguousOneListsTheRuns) {
  // The shortest prefix of the first name that no other has; it is unique by construction.
  std::size_t length = 1;
  const auto starts = [&](const std::string& name) { return name.compare(0, length, names_[0], 0, length) == 0; };
  while (starts(names_[1]) || starts(names_[2])) ++length;
  EXPECT_EQ(queries_->run(names_[0].substr(0, length)).name, names_[0]);

  const auto store = RunStore::open(file_);
  std::string again;  // enough runs that two share a first letter
  for (int i = 0; i < 30; ++i) again = store->create_run(request(10)).name;
  const auto runs = queries_->runs();
  const auto same_letter = [&](char letter) {
    return std::count_if(runs.begin(), runs.end(), [letter](const RunRecord& run) { return run.name[0] == letter; });
  };
  const auto shared =
      std::find_if(runs.begin(), runs.end(), [&](const RunRecord& run) { return same_letter(run.name[0]) > 1; });
  ASSERT_NE(shared, runs.end());
  const std::string letter(1, shared->name[0]);
  EXPECT_THAT(message_of<UsageError>([&] { queries_->run(letter); }), HasSubstr("is the start of several runs"));
}

TEST_F(History, AWrongReferenceSaysWhatWasMeant) {
  std::string misspelt = names_[1];
  misspelt.erase(2, 1);
  EXPECT_THAT(message_of<UsageError>([&] { queries_->run(misspelt); }), HasSubstr("did you mean '" + names_[1] + "'?"));
  EXPECT_THAT(message_of<UsageError>([&] { queries_->run("zzzzzzzzzzzzzzzzz"); }), HasSubstr("qeval history"));
  EXPECT_THAT(message_of<UsageError>([&] { queries_->run("@4"); }), HasSubstr("only 3"));
  for (const char* reference : {"", "@", "@0", "@-1", "@x", "@2x", "@99999999999999999999", "%", "_"}) {
    EXPECT_THROW(queries_->run(reference), UsageError) << reference;
  }
}

TEST(Readers, SeeWholeBatchesOnlyAndAreNeverLockedOutWhileARunWrites) {
  TempDir folder;
  const auto file = folder.path() / "results.db";
  constexpr int batch_size = 16, batches = 150;
  RunStore::open(file);
  ChildProcess writer([&](const ChildProcess::Report& report) {
    const auto store = RunStore::open(file);
    const RunRecord run = store->create_run(request(batch_size * batches));
    const std::int64_t attempt = store->begin_attempt(run.id, "cpu");
    report(0);
    for (int batch = 0; batch < batches; ++batch) {
      store->commit_batch(run.id, batch, batch_rows(batch, batch_size, batch_size * batches));
    }
    store->finish_attempt(run.id, attempt, RunState::done, 1, "", 0);
  });
  ASSERT_EQ(writer.next_report(), 0);
  const auto long_lived = Queries::open(file);
  std::int64_t last = 0;
  RunState state;
  do {
    const auto fresh = Queries::open(file);
    state = fresh->run("@last").state;
    const auto rows = static_cast<std::int64_t>(long_lived->predictions(1).size());
    EXPECT_EQ(rows % batch_size, 0);
    EXPECT_GE(rows, last);
    last = rows;
  } while (state == RunState::running);
  EXPECT_EQ(writer.wait_for_end(), 0);
  EXPECT_EQ(state, RunState::done);
  EXPECT_EQ(long_lived->predictions(1).size(), static_cast<std::size_t>(batch_size * batches));
}

TEST(RunRows, AreReadBackAsTheyWereStored) {
  TempDir folder;
  const std::filesystem::path file = folder.path() / "results.db";
  const auto store = RunStore::open(file);
  const RunRequest wanted = request(8);
  const RunRecord run = store->create_run(wanted);
  std::vector<PredictionRecord> rows = batch_rows(0, 4, 8);
  rows[2] = failed_prediction(2);
  store->commit_batch(run.id, 0, rows);

  const auto queries = Queries::open(file);
  EXPECT_EQ(queries->job(run.id).source_text, wanted.job.source_text);
  EXPECT_EQ(queries->job(run.id).source_path, wanted.job.source_path);
  EXPECT_EQ(queries->dataset_root(run.id), "/data/tiny");
  const std::vector<Outcome> outcomes = queries->outcomes(run.id).rows;
  ASSERT_EQ(outcomes.size(), 4u);
  EXPECT_EQ(outcomes[1].probability, rows[1].probability);
  EXPECT_TRUE(outcomes[1].right1);
  EXPECT_EQ(outcomes[2].status, Outcome::Status::failed);
  const std::int64_t third = outcomes[2].sample_id;
  EXPECT_EQ(queries->sample(third).name, "val/2.JPEG");
  EXPECT_EQ(queries->sample(third).bytes, 100'002);
  EXPECT_FALSE(queries->encoding_set_of_run(run.id));
}

}  // namespace
