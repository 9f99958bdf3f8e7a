/// Damage of a database is found by whatever reads it: a DatabaseError, or the answers of the sound file.
#include <array>
#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "storage/database.h"
#include "storage/queries.h"
#include "storage/run_store.h"
#include "tests/storage/storage_fixture.h"
#include "tests/support/temp_dir.h"

namespace {

namespace fs = std::filesystem;
using namespace qeval;
using namespace qeval::test;
using ::testing::HasSubstr;

constexpr std::int64_t images = 60;

EncodingSetRecord encoding_set() {
  EncodingSetRecord set;
  set.name = "w8a8";
  set.cache_key = "cache";
  set.origin = "calibrated";
  set.key_components = {{"scheme", "tf_enhanced"}};
  for (int channel = 0; channel < 40; ++channel)
    set.encodings.push_back(
        {"param", "conv1.weight", "conv1", channel, 8, true, -1.0 / (channel + 3), 1, 1.0 / 127, -127});
  return set;
}

/// A finished run, an interrupted one, encodings, and each kind of work that is on its way.
void write_everything(const fs::path& file) {
  const auto store = RunStore::open(file);
  const std::int64_t set = store->save_encoding_set(encoding_set());
  std::vector<std::int64_t> batches;
  for (std::int64_t batch = 0; batch < images / 4; ++batch) batches.push_back(batch);
  complete_run(*store, request(images, "key-a"), batches, set);
  const RunRecord open_run = store->create_run(request(images, "key-b"));
  const std::int64_t attempt = store->begin_attempt(open_run.id, "cpu");
  for (const std::int64_t batch : {0, 1, 2}) store->commit_batch(open_run.id, batch, batch_rows(batch, 4, images));
  store->finish_attempt(open_run.id, attempt, RunState::interrupted, 1.5, "stopped", 130);
  store->commit_calibration_batch("key-c", 2, {std::vector<std::uint8_t>(500, 7), std::vector<std::uint8_t>(300, 9)});
  store->commit_tuned_layer("key-t", {{"a", "b"}}, {"conv1", "bias", std::vector<std::uint8_t>(64, 3)});
  store->commit_tuned_layer("key-t", {}, {"conv2", "bias", std::vector<std::uint8_t>(64, 4)});
}

std::string text_of(const RunRecord& run) {
  return std::to_string(run.id) + run_state_word(run.state) + run.eval_key + run.resolved_json + run.overrides_json +
         std::to_string(run.n_done) + " " + std::to_string(run.n_failed) + " " + std::to_string(run.n_correct1) + " " +
         std::to_string(run.n_correct5) + " " + std::to_string(run.n_total) + " " + std::to_string(run.active_s) + "\n";
}

std::string text_of(const EncodingRecord& row) {
  return row.role + row.tensor + row.layer + std::to_string(row.channel) + " " + std::to_string(row.bits) +
         std::to_string(row.symmetric) + " " + std::to_string(row.min) + " " + std::to_string(row.scale) + "\n";
}

/// What people and later runs would take from the file.
std::string answers(const fs::path& file) {
  std::string text;
  {
    const auto queries = Queries::open(file);
    for (const auto& row : queries->history({}).rows)
      text += row[1].text() + row[2].text() + " " + row[14].text() + " " + row[15].text() + "\n";
    for (const char* key : {"key-a", "key-b"}) {
      const auto run = queries->find_run(key);
      if (!run) continue;
      text += text_of(queries->run(run->name)) + queries->content_hash(run->id);
      text +=
          std::to_string(queries->batches_done(run->id)) + " " + std::to_string(queries->predictions(run->id).size());
      for (const auto& row : queries->attempts(run->id).rows) text += row[3].text() + row[5].text();
    }
    if (const auto set = queries->encoding_set("cache"))
      for (const EncodingRecord& row : set->encodings) text += text_of(row);
    for (const TunedLayerRecord& layer : queries->tuned_layers("key-t"))
      text += layer.layer + layer.kind + std::string(layer.content.begin(), layer.content.end());
  }
  const auto store = RunStore::open(file);
  const CalibrationProgress progress = store->calibration_progress("key-c");
  text += std::to_string(progress.batches_done);
  for (const auto& state : progress.states) text.append(state.begin(), state.end());
  const auto run = store->find_run("key-b");
  if (!run) return text;
  const std::int64_t attempt = store->begin_attempt(run->id, "cpu");
  const auto done = store->committed_batches(run->id);
  for (std::int64_t batch = 0; batch < images / 4; ++batch)
    if (!std::binary_search(done.begin(), done.end(), batch))
      store->commit_batch(run->id, batch, batch_rows(batch, 4, images));
  store->finish_attempt(run->id, attempt, RunState::done, 1, "", 0);
  return text + text_of(*store->find_run("key-b"));
}

class Damage : public ::testing::Test {
 protected:
  void SetUp() override {
    write_everything(sound_);
    fs::copy_file(sound_, file_);
    sound_answers_ = answers(file_);
    start_again();
  }
  void start_again() {
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) fs::remove(file_.string() + suffix);
    fs::copy_file(sound_, file_);
  }
  /// "" if the answers are those of the sound file, the message of a DatabaseError, or what went wrong.
  std::string outcome() {
    try {
      return answers(file_) == sound_answers_ ? "" : "WRONG: other answers, and no word";
    } catch (const DatabaseError& error) {
      return error.what();
    } catch (const std::exception& error) {
      return std::string("WRONG: ") + error.what();
    }
  }
  void change(const std::string& sql) {
    Database database(file_, Database::Access::read_write);
    database.run_script("PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON; " + sql);
  }

  TempDir folder_;
  fs::path sound_ = folder_.path() / "sound.db", file_ = folder_.path() / "results.db";
  std::string sound_answers_;
};

void overwrite(const fs::path& file, std::uintmax_t at, const std::string& bytes) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(static_cast<std::streamoff>(at));
  stream << bytes;
}

TEST_F(Damage, OfAnyByteIsFoundOrDoesNoHarm) {
  std::mt19937 random(20250601);
  const auto bytes = fs::file_size(sound_);
  int found = 0;
  for (int round = 0; round < 300; ++round) {
    start_again();
    const std::uintmax_t at = random() % bytes;
    const std::size_t length = random() % 3 == 0 ? 1 + random() % 64 : 1;
    std::string garbage(length, '\0');
    for (char& c : garbage) c = static_cast<char>(random());
    overwrite(file_, at, garbage);
    const std::string message = outcome();
    EXPECT_EQ(message.find("WRONG"), std::string::npos) << "byte " << at << ", " << length << " long: " << message;
    found += !message.empty();
  }
  EXPECT_GT(found, 10) << "most of a small file is empty, but not all";
}

TEST_F(Damage, OfWholePagesIsFoundOrDoesNoHarm) {
  const auto pages = fs::file_size(sound_) / 4096;
  for (std::uintmax_t page = 0; page < pages; ++page) {
    start_again();
    overwrite(file_, page * 4096, std::string(4096, page % 2 ? '\0' : '\xff'));
    EXPECT_EQ(outcome().find("WRONG"), std::string::npos) << "page " << page << ": " << outcome();
    start_again();
    fs::resize_file(file_, page * 4096);
    EXPECT_NE(outcome(), "") << "cut to " << page << " pages";
    EXPECT_EQ(outcome().find("WRONG"), std::string::npos) << "cut to " << page << " pages: " << outcome();
  }
}

TEST_F(Damage, OfRowsIsFound) {
  for (const char* sql : {"DROP TABLE batch_done",
                          "DROP TABLE key_component",
                          "DROP VIEW history",
                          "ALTER TABLE encoding RENAME COLUMN scale TO s",
                          "ALTER TABLE run RENAME COLUMN top1 TO other",
                          "DELETE FROM job",
                          "DELETE FROM model",
                          "DELETE FROM dataset",
                          "DELETE FROM sample WHERE ordinal = 7",
                          "DELETE FROM sample WHERE ordinal = 59",
                          "DELETE FROM prediction WHERE sample_id = 3",
                          "DELETE FROM batch_done WHERE batch_number = 1",
                          "DELETE FROM encoding WHERE channel = 5",
                          "DELETE FROM calibration_state WHERE quantizer = 1",
                          "DELETE FROM tuned_layer WHERE position = 0",
                          "UPDATE run SET state = 'doone'",
                          "UPDATE run SET n_done = 'many'",
                          "UPDATE run SET n_correct1 = n_correct1 + 1",
                          "UPDATE run SET top1 = 0.99",
                          "UPDATE run SET overrides_json = '{'",
                          "UPDATE run SET n_total = -1",
                          "UPDATE job SET resolved_json = '{\"name\":'",
                          "UPDATE prediction SET prob1 = 0.5 WHERE sample_id = 9",
                          "UPDATE prediction SET label = 'dog' WHERE sample_id = 9",
                          "UPDATE prediction SET top1 = 1 << 40 WHERE sample_id = 9",
                          "UPDATE prediction SET correct1 = 1 - correct1 WHERE sample_id = 9",
                          "UPDATE prediction SET status = 'ok ' WHERE sample_id = 9",
                          "UPDATE encoding SET role = 'parameter' WHERE channel = 3",
                          "UPDATE encoding SET scale = 'x' WHERE channel = 3",
                          "UPDATE encoding SET bitwidth = 4 WHERE channel = 3",
                          "UPDATE encoding SET grid = 'x9999999999999999999' WHERE channel = 3",
                          "UPDATE calibration_state SET state = x'00'",
                          "UPDATE calibration_progress SET batches_done = 1",
                          "UPDATE tuned_layer SET content = x'00'",
                          "UPDATE tuned_layer SET kind = 'byas'",
                          "UPDATE tuned_layer SET content = 5",
                          "UPDATE encoding_set SET origin = 'made'",
                          "UPDATE run_attempt SET end_reason = 'bored'",
                          "UPDATE run_attempt SET from_done = 'x'",
                          "PRAGMA user_version = 1000",
                          "PRAGMA application_id = 5"}) {
    start_again();
    change(sql);
    const std::string message = outcome();
    EXPECT_NE(message, "") << sql;
    EXPECT_EQ(message.find("WRONG"), std::string::npos) << sql << ": " << message;
  }
}

TEST_F(Damage, IsToldWithTheFileAndWhatToDo) {
  change("UPDATE run SET top1 = 0.99");
  EXPECT_THAT(outcome(), HasSubstr("database " + file_.string() +
                                   " is damaged (the row of a run is not as it was written); "
                                   "restore a backup, or save what is readable with `sqlite3 FILE .recover`"));
}

TEST_F(Damage, OfAWriteAheadLogNeverHurtsWhatTheMainFileHas) {
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    start_again();
    std::string garbage(32 + random() % 20'000, '\0');
    for (char& c : garbage) c = static_cast<char>(random());
    std::ofstream(file_.string() + "-wal", std::ios::binary) << garbage;
    EXPECT_EQ(outcome().find("WRONG"), std::string::npos) << outcome();
  }
}

TEST_F(Damage, PeopleMayChangeTags) {
  change("UPDATE run SET tags = 'mine'");
  EXPECT_EQ(outcome(), "");
}

}  // namespace
