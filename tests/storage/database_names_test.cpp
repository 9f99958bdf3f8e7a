#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "storage/database.h"
#include "storage/file_place.h"
#include "storage/lock_holder.h"
#include "storage/queries.h"
#include "storage/run_store.h"
#include "tests/storage/child_process.h"
#include "tests/storage/storage_fixture.h"
#include "tests/support/temp_dir.h"

namespace {

namespace fs = std::filesystem;
using namespace qeval;
using namespace qeval::test;
using ::testing::HasSubstr;

class DatabaseNames : public ::testing::Test {
 protected:
  /// A process that commits one batch under `name`, reports 1 and goes on holding the database.
  static ChildProcess writer_of(const fs::path& name) {
    return ChildProcess([name](const ChildProcess::Report& report) {
      const auto store = RunStore::open(name);
      auto run = store->find_run("key-a");
      if (!run) run = store->create_run(request(40));
      store->begin_attempt(run->id, "cpu");
      const auto done = static_cast<std::int64_t>(store->committed_batches(run->id).size());
      store->commit_batch(run->id, done, batch_rows(done, 4, 40));
      report(1);
      pause();
    });
  }
  static void write_and_be_killed(const fs::path& name) {
    ChildProcess writer = writer_of(name);
    ASSERT_EQ(writer.next_report(), 1);
    writer.kill_and_wait();
  }
  static std::string writer_message(const fs::path& name) {
    return message_of<DatabaseError>([&] { RunStore::open(name); });
  }
  static std::string reader_message(const fs::path& name) {
    return message_of<DatabaseError>([&] { Queries::open(name); });
  }
  static std::int64_t images_done(const fs::path& name) { return Queries::open(name)->run("@last").n_done; }

  /// While one process writes under `name`, nobody else gets in under `other`, and both are told by which name.
  static void expect_one_writer(const fs::path& name, const fs::path& other) {
    ChildProcess writer = writer_of(name);
    ASSERT_EQ(writer.next_report(), 1);
    EXPECT_THAT(writer_message(other), HasSubstr("is in use by pid " + std::to_string(writer.pid())));
  }

  TempDir folder_;
  fs::path file_ = folder_.path() / "results.db";
  fs::path other_ = folder_.path() / "other" / "name.db";

  void SetUp() override { fs::create_directory(other_.parent_path()); }
};

TEST_F(DatabaseNames, AHardLinkOfADatabaseInUseIsInUse) {
  RunStore::open(file_);
  fs::create_hard_link(file_, other_);
  expect_one_writer(file_, other_);
  EXPECT_EQ(writer_message(file_), "");
}

TEST_F(DatabaseNames, AWriterUnderAHardLinkSaysItsName) {
  RunStore::open(file_);
  fs::create_hard_link(file_, other_);
  ChildProcess writer = writer_of(other_);
  ASSERT_EQ(writer.next_report(), 1);
  EXPECT_THAT(writer_message(file_), HasSubstr("under the name " + other_.string()));
  EXPECT_THAT(reader_message(file_), HasSubstr("is being written under the name " + other_.string()));
  EXPECT_EQ(images_done(other_), 4);
}

TEST_F(DatabaseNames, ALinkIsTheFileItLeadsTo) {
  RunStore::open(file_);
  fs::create_symlink(file_, other_);
  expect_one_writer(file_, other_);
  expect_one_writer(other_, file_);
  EXPECT_EQ(images_done(other_), 8) << "one batch from each name";
}

TEST_F(DatabaseNames, ALinkToAFileThatIsNotThereYetIsThatFile) {
  fs::create_symlink(file_, other_);
  expect_one_writer(other_, file_);
  EXPECT_EQ(images_done(file_), 4);
  EXPECT_FALSE(fs::exists(other_.string() + ".lock"));
}

TEST_F(DatabaseNames, AMountOfAFileOrFolderIsTheFile) {
  RunStore::open(file_);
  std::ofstream(other_).close();
  if (mount(file_.c_str(), other_.c_str(), nullptr, MS_BIND, nullptr) != 0)
    GTEST_SKIP() << "bind mounts cannot be made here: " << std::strerror(errno);
  expect_one_writer(file_, other_);
  write_and_be_killed(file_);
  EXPECT_THAT(reader_message(other_), HasSubstr("use --db with that name"));
  umount2(other_.c_str(), MNT_DETACH);

  const fs::path mounted = folder_.path() / "mounted";
  fs::create_directory(mounted);
  ASSERT_EQ(mount(folder_.path().c_str(), mounted.c_str(), nullptr, MS_BIND, nullptr), 0);
  expect_one_writer(file_, mounted / "results.db");
  EXPECT_EQ(images_done(mounted / "results.db"), 12) << "the files beside it are the same, too";
  EXPECT_EQ(writer_message(mounted / "results.db"), "");
  umount2(mounted.c_str(), MNT_DETACH);
}

TEST_F(DatabaseNames, HardLinksCanBeUsedInTurn) {
  RunStore::open(file_);
  fs::create_hard_link(file_, other_);
  for (int round = 0; round < 3; ++round) {
    for (const fs::path& name : {file_, other_}) {
      ChildProcess writer([name](const ChildProcess::Report& report) {
        RunStore::open(name)->create_run(request(4));
        report(1);
      });
      ASSERT_EQ(writer.next_report(), 1);
      ASSERT_EQ(writer.wait_for_end(), 0);
    }
  }
  for (const fs::path& name : {file_, other_}) EXPECT_EQ(Queries::open(name)->runs().size(), 6u);
}

TEST_F(DatabaseNames, CommitsBesideOneHardLinkAreNotLostUnderAnother) {
  RunStore::open(file_);
  fs::create_hard_link(file_, other_);
  write_and_be_killed(file_);
  for (const std::string& message : {reader_message(other_), writer_message(other_)})
    EXPECT_THAT(message,
                HasSubstr("database " + other_.string() + " was written under the name " + file_.string() +
                          ", and its newest results are in " + file_.string() + "-wal; use --db with that name"));
  EXPECT_EQ(images_done(file_), 4);
  EXPECT_EQ(writer_message(file_), "") << "which moves them into the file";
  EXPECT_EQ(images_done(other_), 4);
  write_and_be_killed(other_);
  EXPECT_THAT(reader_message(file_), HasSubstr("use --db with that name"));
  EXPECT_EQ(images_done(other_), 8);
}

TEST_F(DatabaseNames, ADatabaseRenamedWithoutItsNewestCommitsIsRefusedUntilTheyFollow) {
  write_and_be_killed(file_);
  fs::rename(file_, other_);
  for (const std::string& message : {reader_message(other_), writer_message(other_)})
    EXPECT_THAT(message, HasSubstr("was renamed, but its newest results are still in " + file_.string() +
                                   "-wal; rename that to " + other_.string() + "-wal"));
  fs::rename(file_.string() + "-wal", other_.string() + "-wal");
  EXPECT_EQ(images_done(other_), 4);
  EXPECT_EQ(writer_message(other_), "");
}

TEST_F(DatabaseNames, ADatabaseThatWasLeftInOrderCanBeRenamedAndCopied) {
  RunStore::open(file_)->create_run(request(4));
  fs::copy_file(file_, folder_.path() / "copy.db");
  fs::rename(file_, other_);
  write_and_be_killed(file_);  // a new database under the old name
  for (const fs::path& name : {other_, folder_.path() / "copy.db"}) {
    EXPECT_EQ(reader_message(name), "");
    EXPECT_EQ(writer_message(name), "");
    EXPECT_EQ(Queries::open(name)->runs().size(), 1u);
  }
}

TEST_F(DatabaseNames, AnOlderCopyBesideTheCommitsOfAKilledRunIsRefused) {
  RunStore::open(file_)->create_run(request(4));
  fs::copy_file(file_, other_);
  write_and_be_killed(file_);
  fs::copy_file(other_, file_, fs::copy_options::overwrite_existing);
  for (const std::string& message : {reader_message(file_), writer_message(file_)})
    EXPECT_THAT(message, HasSubstr("database " + file_.string() + " was replaced by another file: " + file_.string() +
                                   "-wal holds results of the one that was there before"));
  fs::remove(file_.string() + "-wal");
  EXPECT_EQ(Queries::open(file_)->runs().size(), 1u);
  EXPECT_EQ(writer_message(file_), "");
}

TEST_F(DatabaseNames, AnOlderCopyBesideAnUnfinishedCommitIsRefused) {
  RunStore::open(file_)->create_run(request(4));
  fs::copy_file(file_, other_);
  RunStore::open(file_);
  const fs::path journal = file_.string() + "-journal";
  std::ofstream(journal) << "as a rollback journal has it";
  EXPECT_EQ(reader_message(file_), "") << "nothing was replaced";
  std::ofstream(journal) << "as a rollback journal has it";
  fs::copy_file(other_, file_, fs::copy_options::overwrite_existing);
  for (const std::string& message : {reader_message(file_), writer_message(file_)})
    EXPECT_EQ(message, "database " + file_.string() + " was replaced by another file: " + journal.string() +
                           " holds an unfinished commit of the one that was there before. Put that back, or delete " +
                           journal.string());
  fs::remove(journal);
  EXPECT_EQ(reader_message(file_), "");
  EXPECT_EQ(writer_message(file_), "");
}

TEST_F(DatabaseNames, AReaderOfAnOlderStateDoesNotKeepAWriterOut) {
  write_and_be_killed(file_);
  ChildProcess reader([this](const ChildProcess::Report& report) {
    Database database(file_, Database::Access::read_write);
    Transaction(database).commit();  // there is a -wal file, and nobody else
    const ReadTransaction moment(database);
    database.integer("SELECT count(*) FROM run");
    report(1);
    pause();
  });
  ASSERT_EQ(reader.next_report(), 1);
  write_and_be_killed(file_);
  EXPECT_EQ(images_done(file_), 8);
}

TEST_F(DatabaseNames, AWriterDoesNotTakeAnotherNameWhileAReaderUsesTheFirst) {
  RunStore::open(file_)->create_run(request(4));
  fs::create_hard_link(file_, other_);
  ChildProcess reader([this](const ChildProcess::Report& report) {
    const auto queries = Queries::open(file_);
    queries->runs();
    report(1);
    pause();
  });
  ASSERT_EQ(reader.next_report(), 1);
  EXPECT_THAT(writer_message(other_), HasSubstr("is held by another program"));
  reader.kill_and_wait();
  EXPECT_EQ(writer_message(other_), "");
}

/// Whoever closes a descriptor of a file loses SQLite's locks on it; a writer would then take away the -wal file in
/// use.
TEST_F(DatabaseNames, AReaderThatLooksForAWriterKeepsItsOwnLock) {
  RunStore::open(file_)->create_run(request(4));
  const auto reader = Queries::open(file_);
  EXPECT_EQ(reader->runs().size(), 1u);
  Queries::open(file_)->runs();
  ChildProcess writer([this](const ChildProcess::Report& report) {
    RunStore::open(file_)->create_run(request(4));
    report(1);
  });
  ASSERT_EQ(writer.next_report(), 1);
  writer.wait_for_end();
  EXPECT_TRUE(fs::exists(file_.string() + "-wal"));
  EXPECT_EQ(reader->runs().size(), 2u);
}

/// Writes a byte of the main file as another program would, and leaves the descriptor open: closing it would cost the
/// writer, which is this process, its locks.
char exchange_byte(int descriptor, off_t at, char value) {
  char before = 0;
  if (pread(descriptor, &before, 1, at) != 1 || pwrite(descriptor, &value, 1, at) != 1)
    throw std::runtime_error("no byte");
  return before;
}

/// The main file cannot be read for an instant while another program moves commits into it.
TEST_F(DatabaseNames, AWriterThatLooksAtItsFileKeepsItsLocks) {
  ChildProcess writer([this](const ChildProcess::Report& report) {
    const auto store = RunStore::open(file_);
    store->create_run(request(4));
    const int descriptor = open(file_.c_str(), O_RDWR | O_CLOEXEC);
    constexpr off_t kind_of_first_page = 100;
    const char before = exchange_byte(descriptor, kind_of_first_page, '\xff');
    fs::last_write_time(file_, fs::file_time_type::clock::now() + std::chrono::seconds(5));
    const bool in_place = store->in_place();
    exchange_byte(descriptor, kind_of_first_page, before);
    report(in_place);
    pause();
  });
  ASSERT_EQ(writer.next_report(), 1);
  Database(file_, Database::Access::read_write).run_script("SELECT count(*) FROM run");
  EXPECT_TRUE(fs::exists(file_.string() + "-wal")) << "the last one to close a database removes it";
}

class DatabaseThatIsGone : public ::testing::Test {
 protected:
  void SetUp() override { open_and_commit(); }
  void open_and_commit() {
    store_ = RunStore::open(file_);
    run_ = store_->create_run(request(40)).id;
    attempt_ = store_->begin_attempt(run_, "cpu");
    store_->commit_batch(run_, 0, batch_rows(0, 4, 40));
    EXPECT_TRUE(store_->in_place());
  }
  /// Of every way to commit: all refuse in the same words.
  void expect_refusals(const std::string& what) {
    EXPECT_FALSE(store_->in_place());
    const auto refused = [&](const auto& action) {
      EXPECT_THAT(message_of<DatabaseError>(action), HasSubstr("database " + file_.string() + " was " + what));
    };
    refused([&] { store_->commit_batch(run_, 1, batch_rows(1, 4, 40)); });
    refused([&] { store_->commit_calibration_batch("key-c", 1, {{1, 2}}); });
    refused([&] { store_->commit_tuned_layer("key-t", {}, {"conv", "bias", {1, 2, 3, 4}}); });
    refused([&] { store_->create_run(request(4, "key-b")); });
    refused([&] { store_->set_encoding_set(run_, 1); });
    refused([&] { store_->finish_attempt(run_, attempt_, RunState::done, 1, "", 0); });
  }

  TempDir folder_;
  fs::path file_ = folder_.path() / "deep" / "results.db";
  std::unique_ptr<RunStore> store_;
  std::int64_t run_ = 0, attempt_ = 0;
};

TEST_F(DatabaseThatIsGone, DeletedTakesNoCommit) {
  fs::remove(file_);
  expect_refusals("deleted or moved while it was written");
}

TEST_F(DatabaseThatIsGone, ReplacedTakesNoCommit) {
  std::ofstream(folder_.path() / "deep" / "new") << "other";
  fs::rename(folder_.path() / "deep" / "new", file_);
  expect_refusals("replaced by another file while it was written");
}

TEST_F(DatabaseThatIsGone, OverwrittenByAnOlderCopyOfItselfTakesNoCommit) {
  store_.reset();
  const fs::path backup = folder_.path() / "backup.db";
  fs::copy_file(file_, backup);
  open_and_commit();
  fs::copy_file(backup, file_, fs::copy_options::overwrite_existing);
  expect_refusals("replaced by another file while it was written");
}

TEST_F(DatabaseThatIsGone, OverwrittenDuringACommitIsNotTakenForItsOwnWrite) {
  FilePlace place(file_, last_holder_file_ids(file_));
  place.accept_own_write();
  place.require();
  std::ofstream(file_, std::ios::in | std::ios::out) << "other";
  EXPECT_THAT(message_of<DatabaseError>([&] { place.accept_own_write(); }), HasSubstr("was replaced by another file"));
  EXPECT_FALSE(place.holds());
}

TEST_F(DatabaseThatIsGone, AnOlderCopyWrittenDuringACommitIsNotTakenForItsOwnWrite) {
  store_.reset();
  const fs::path backup = folder_.path() / "backup.db";
  fs::copy_file(file_, backup);
  open_and_commit();
  FilePlace place(file_, last_holder_file_ids(file_));
  fs::copy_file(backup, file_, fs::copy_options::overwrite_existing);
  EXPECT_THAT(message_of<DatabaseError>([&] { place.accept_own_write(); }), HasSubstr("was replaced by another file"));
}

TEST_F(DatabaseThatIsGone, CommitsReachTheMainFileWhileItIsWritten) {
  const auto bytes = fs::file_size(file_);
  for (int run = 0; run < 300; ++run) store_->create_run(request(40, "key-" + std::to_string(run)));
  EXPECT_LT(fs::file_size(file_.string() + "-wal"), 5 << 20) << "is begun anew";
  EXPECT_GT(fs::file_size(file_), bytes);
  EXPECT_TRUE(store_->in_place());
}

TEST_F(DatabaseThatIsGone, WithItsFolderTakesNoCommit) {
  fs::remove_all(file_.parent_path());
  expect_refusals("deleted or moved while it was written");
}

TEST_F(DatabaseThatIsGone, MovedTakesNoCommitAndKeepsWhatItHas) {
  fs::rename(file_, folder_.path() / "moved.db");
  expect_refusals("deleted or moved while it was written");
  store_.reset();
  fs::rename(folder_.path() / "moved.db", file_);
  EXPECT_EQ(RunStore::open(file_)->find_run("key-a")->n_done, 4) << "put back, as the message says";
}

}  // namespace
