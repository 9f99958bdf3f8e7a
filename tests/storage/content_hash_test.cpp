#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "pipeline/base/sha256.h"
#include "storage/queries.h"
#include "storage/run_store.h"
#include "tests/storage/storage_fixture.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qeval;
using namespace qeval::test;

EncodingSetRecord encoding_set(const std::string& cache_key) {
  EncodingSetRecord set;
  set.name = "w8a8";
  set.cache_key = cache_key;
  set.origin = "calibrated";
  set.mode = "aimet-1.24";
  set.encodings = {{"output", "relu.output[0]", "relu", -1, 8, false, 0, 1.0 / 3, 1.0 / 765, 0},
                   {"param", "conv1.weight", "conv1", 1, 8, true, -0.5, 0.5, 0.5 / 127, -128},
                   {"param", "conv1.weight", "conv1", 0, 8, true, -0.25, 0.25, 0.25 / 127, -128}};
  return set;
}

std::string hash_of(const std::filesystem::path& file, const std::string& eval_key) {
  const auto queries = Queries::open(file);
  return queries->content_hash(queries->find_run(eval_key)->id);
}

/// The hash of a ten-image run whose rows `change` may have altered.
std::string hash_with(const std::function<void(std::vector<PredictionRecord>&)>& change) {
  TempDir folder;
  const auto file = folder.path() / "r.db";
  const auto store = RunStore::open(file);
  const RunRecord run = store->create_run(request(10));
  auto rows = batch_rows(0, 10, 10);
  change(rows);
  store->commit_batch(run.id, 0, rows);
  return hash_of(file, "key-a");
}

TEST(ContentHash, IsTheSameForAnyOrderOfBatchesAttemptsNamesAndIds) {
  TempDir folder;
  const auto straight = folder.path() / "straight.db";
  {
    const auto store = RunStore::open(straight);
    complete_run(*store, request(10), {0, 1, 2}, store->save_encoding_set(encoding_set("cache")));
  }
  const auto bumpy = folder.path() / "bumpy.db";
  {
    const auto store = RunStore::open(bumpy);
    store->save_encoding_set(encoding_set("another"));
    complete_run(*store, request(7, "other"), {0, 1});  // shifts all ids
    auto set = encoding_set("cache");
    std::swap(set.encodings[0], set.encodings[2]);
    const RunRecord run = store->create_run(request(10));
    store->set_encoding_set(run.id, store->save_encoding_set(set));
    store->begin_attempt(run.id, "cpu");
    store->commit_batch(run.id, 2, batch_rows(2, 4, 10));
  }
  {
    const auto store = RunStore::open(bumpy);
    const RunRecord run = *store->find_run("key-a");
    const std::int64_t attempt = store->begin_attempt(run.id, "cpu");
    store->commit_batch(run.id, 1, batch_rows(1, 4, 10));
    store->commit_batch(run.id, 0, batch_rows(0, 4, 10));
    store->finish_attempt(run.id, attempt, RunState::done, 1, "", 0);
  }
  EXPECT_EQ(hash_of(straight, "key-a"), hash_of(bumpy, "key-a"));
  EXPECT_EQ(hash_of(straight, "key-a").size(), 64u);
}

TEST(ContentHash, ChangesWithEveryStoredResult) {
  const std::string unchanged = hash_with([](auto&) {});
  EXPECT_NE(unchanged, hash_with([](auto& rows) { rows[3].label = 9; }));
  EXPECT_NE(unchanged, hash_with([](auto& rows) { rows[3].top[4] = -1; }));
  EXPECT_NE(unchanged, hash_with([](auto& rows) { rows[3].probability += 1e-16; }));
  EXPECT_NE(unchanged, hash_with([](auto& rows) { rows[3].margin += 1e-16; }));
  EXPECT_NE(unchanged, hash_with([](auto& rows) { rows[3] = failed_prediction(3); }));
  EXPECT_NE(unchanged, hash_with([](auto& rows) { rows.pop_back(); }));
}

TEST(ContentHash, ChangesWithAnEncoding) {
  TempDir folder;
  const auto file = folder.path() / "r.db";
  const auto store = RunStore::open(file);
  RunRequest wanted = request(4, "key-a");
  complete_run(*store, wanted, {0}, store->save_encoding_set(encoding_set("cache")));
  auto changed = encoding_set("cache-2");
  changed.encodings[0].max = std::nextafter(changed.encodings[0].max, 1.0);
  wanted.eval_key = "key-b";
  complete_run(*store, wanted, {0}, store->save_encoding_set(changed));
  EXPECT_NE(hash_of(file, "key-a"), hash_of(file, "key-b"));
}

TEST(Sha256, GivesThePublishedDigestOfEightZeroBytes) {
  // printf '\0\0\0\0\0\0\0\0' | sha256sum
  EXPECT_EQ(Sha256().add(std::int64_t{0}).hex(), "af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc");
}

}  // namespace
