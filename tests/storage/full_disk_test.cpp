#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <fstream>

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
using ::testing::HasSubstr;

/// A tmpfs of its own, mounted while the object lives.
class SmallDisk {
 public:
  explicit SmallDisk(const char* size)
      : mounted_(mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, size) == 0), error_(errno) {}
  ~SmallDisk() {
    if (mounted_) umount2(folder_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  std::string why_not() const { return std::strerror(error_); }
  std::filesystem::path path() const { return folder_.path(); }

 private:
  TempDir folder_;
  bool mounted_;
  int error_;
};

/// Batches until the disk is full; returns the message of the error.
std::string fill(RunStore& store, std::int64_t run_id, std::int64_t images, std::int64_t& committed) {
  return message_of<RunError>([&] {
    for (; committed * 50 < images; ++committed)
      store.commit_batch(run_id, committed, batch_rows(committed, 50, images));
  });
}

TEST(FullDisk, StopsWithARunErrorKeepsEveryCommittedBatchAndGoesOnWhenThereIsSpace) {
  SmallDisk disk("size=12m");
  if (!disk.mounted()) GTEST_SKIP() << "a small tmpfs cannot be mounted here: " << disk.why_not();
  const auto file = disk.path() / "results.db";
  const auto ballast = disk.path() / "ballast";
  std::ofstream(ballast) << std::string(11 << 20, 'x');
  constexpr std::int64_t images = 3000;
  std::int64_t id = 0, committed = 0;
  {
    const auto store = RunStore::open(file);
    id = store->create_run(request(images)).id;
    store->begin_attempt(id, "cpu");
    const std::string message = fill(*store, id, images, committed);
    EXPECT_THAT(message, HasSubstr("the disk is full"));
    EXPECT_THAT(message, HasSubstr("qeval resume"));
  }
  ASSERT_GT(committed, 0);
  ASSERT_LT(committed * 50, images);
  std::filesystem::remove(ballast);
  const auto store = RunStore::open(file);
  EXPECT_EQ(static_cast<std::int64_t>(store->committed_batches(id).size()), committed);
  const std::int64_t attempt = store->begin_attempt(id, "cpu");
  EXPECT_EQ(fill(*store, id, images, committed), "");
  store->finish_attempt(id, attempt, RunState::done, 1, "", 0);

  TempDir roomy;
  RunRequest wanted = request(images);
  wanted.batch_size = 50;
  std::vector<std::int64_t> all;
  for (std::int64_t batch = 0; batch * 50 < images; ++batch) all.push_back(batch);
  const RunRecord straight = complete_run(*RunStore::open(roomy.path() / "r.db"), wanted, all);
  EXPECT_EQ(Queries::open(file)->content_hash(id), Queries::open(roomy.path() / "r.db")->content_hash(straight.id));
}

TEST(FullDisk, ARunThatCannotEvenBeginLeavesAUsableDatabase) {
  SmallDisk disk("size=1m");
  if (!disk.mounted()) GTEST_SKIP() << "a small tmpfs cannot be mounted here: " << disk.why_not();
  const auto file = disk.path() / "results.db";
  EXPECT_THROW(RunStore::open(file)->create_run(request(50'000)), RunError);
  EXPECT_FALSE(RunStore::open(file)->find_run("key-a"));
  EXPECT_EQ(complete_run(*RunStore::open(file), request(8), {0, 1}).n_done, 8);
}

}  // namespace
