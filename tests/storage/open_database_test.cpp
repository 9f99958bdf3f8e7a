#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "storage/database.h"
#include "storage/file_system.h"
#include "storage/migrations.h"
#include "storage/open_database.h"
#include "storage/queries.h"
#include "storage/run_store.h"
#include "tests/storage/child_process.h"
#include "tests/storage/storage_fixture.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qeval;
using namespace qeval::test;
using ::testing::HasSubstr;

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class OpenDatabase : public ::testing::Test {
 protected:
  std::string writer_message() {
    return message_of<DatabaseError>([this] { RunStore::open(file_); });
  }
  std::string reader_message() {
    return message_of<DatabaseError>([this] { Queries::open(file_); });
  }
  void write_script(const std::string& sql) { Database(file_, Database::Access::read_write).run_script(sql); }

  TempDir folder_;
  std::filesystem::path file_ = folder_.path() / "results.db";
};

TEST_F(OpenDatabase, ANewerFileIsRefusedAndNotTouched) {
  RunStore::open(file_);
  write_script("PRAGMA user_version=1000");
  const std::string before = bytes_of(file_);
  EXPECT_THAT(writer_message(), HasSubstr("newer qeval (schema version 1000"));
  EXPECT_THAT(reader_message(), HasSubstr("newer qeval (schema version 1000"));
  EXPECT_EQ(bytes_of(file_), before);
}

TEST_F(OpenDatabase, AnotherProgramsFileIsRefusedAndNotTouched) {
  for (const char* sql : {"CREATE TABLE theirs(a)", "PRAGMA application_id=77", "PRAGMA user_version=3",
                          "PRAGMA application_id=77; CREATE TABLE theirs(a); PRAGMA user_version=1"}) {
    std::filesystem::remove(file_);
    write_script(sql);
    const std::string before = bytes_of(file_);
    EXPECT_THAT(writer_message(), HasSubstr("belongs to another program")) << sql;
    EXPECT_THAT(reader_message(), HasSubstr("belongs to another program")) << sql;
    EXPECT_EQ(bytes_of(file_), before) << sql;
  }
}

TEST_F(OpenDatabase, AFileThatIsNoDatabaseIsRefusedAndNotTouched) {
  std::ofstream(file_) << std::string(5000, 'x');
  EXPECT_THAT(writer_message(), HasSubstr("is not a qeval results database"));
  EXPECT_THAT(reader_message(), HasSubstr("is not a qeval results database"));
  EXPECT_EQ(bytes_of(file_), std::string(5000, 'x'));
}

TEST_F(OpenDatabase, AFolderIsRefused) {
  std::filesystem::create_directory(file_);
  EXPECT_THAT(writer_message(), HasSubstr("is not a file"));
  EXPECT_THAT(reader_message(), HasSubstr("is not a file"));
}

TEST_F(OpenDatabase, AFileWhereAFolderShouldBeIsRefused) {
  std::ofstream(folder_.path() / "plain") << "x";
  file_ = folder_.path() / "plain" / "results.db";
  EXPECT_THAT(writer_message(), HasSubstr((folder_.path() / "plain").string()));
  EXPECT_THAT(reader_message(), HasSubstr("no results database at"));
}

TEST_F(OpenDatabase, AReaderOfNothingIsToldHowToWriteSomething) {
  EXPECT_THAT(reader_message(), HasSubstr("no results database at " + file_.string()));
  std::ofstream(file_).close();
  EXPECT_THAT(reader_message(), HasSubstr("holds no results yet"));
}

TEST_F(OpenDatabase, AnEmptyFileBecomesADatabase) {
  std::ofstream(file_).close();
  RunStore::open(file_)->create_run(request(4));
  EXPECT_EQ(Queries::open(file_)->runs().size(), 1u);
}

TEST_F(OpenDatabase, ATruncatedFileIsReportedAsDamaged) {
  complete_run(*RunStore::open(file_), request(2000), {});
  std::filesystem::resize_file(file_, std::filesystem::file_size(file_) / 2);
  const auto read_all = [this] {
    const auto queries = Queries::open(file_);
    queries->history({});
  };
  EXPECT_THAT(message_of<DatabaseError>(read_all), HasSubstr("damaged"));
}

TEST_F(OpenDatabase, ADatabaseDamagedByAKilledWriterIsRefused) {
  const RunRecord run = RunStore::open(file_)->create_run(request(4000));  // left "running"
  {
    std::fstream stream(file_, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(std::filesystem::file_size(file_) / 2 / 4096 * 4096));
    stream << std::string(4096, '\xff');
  }
  EXPECT_THAT(writer_message(), HasSubstr("damaged"));
}

TEST_F(OpenDatabase, AFileWhoseTablesWereAlteredIsAnErrorOfTheFileNotABug) {
  RunStore::open(file_)->create_run(request(4));
  write_script("ALTER TABLE run RENAME COLUMN top1 TO other");
  write_script("DROP VIEW history");
  EXPECT_THAT(message_of<DatabaseError>([this] { Queries::open(file_)->history({}); }),
              HasSubstr("does not have the tables"));
  write_script("DROP TABLE batch_done");
  EXPECT_THAT(message_of<DatabaseError>([this] { RunStore::open(file_); }), HasSubstr("does not have the tables"));
}

TEST_F(OpenDatabase, ANameOfSeveralLinesIsOneLineInEveryMessage) {
  file_ = folder_.path() / "first\nerror: second.db";
  const std::string shown = (folder_.path() / "first").string() + "\\nerror: second.db";
  std::vector<std::string> messages{reader_message()};
  std::ofstream(file_).close();
  messages.push_back(reader_message());
  {
    const auto store = RunStore::open(file_);
    messages.push_back(writer_message());
    std::filesystem::rename(file_, folder_.path() / "moved.db");
    messages.push_back(message_of<DatabaseError>([&] { store->create_run(request(4)); }));
    std::filesystem::rename(folder_.path() / "moved.db", file_);
  }
  write_script("PRAGMA user_version=1000");
  messages.push_back(reader_message());
  std::filesystem::resize_file(file_, 5000);
  messages.push_back(reader_message());
  std::ofstream(file_) << std::string(5000, 'x');
  messages.push_back(writer_message());
  std::filesystem::remove(file_);
  std::filesystem::create_directory(file_);
  messages.push_back(writer_message());
  for (const std::string& message : messages) {
    EXPECT_THAT(message, HasSubstr(shown));
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST_F(OpenDatabase, NamesWithSpecialCharactersWork) {
  file_ = folder_.path() / "100% wrong?#1 é.db";
  RunStore::open(file_)->create_run(request(4));
  EXPECT_TRUE(std::filesystem::exists(file_));
  EXPECT_EQ(Queries::open(file_)->runs().size(), 1u);
}

std::string journal_mode(Database& database) {
  Statement mode = database.query("PRAGMA journal_mode");
  return mode.step() ? mode.text(0) : "";
}

/// chmod does not stop root, so these run as "nobody" in a child where the tests run as root.
int as_ordinary_user(const std::function<void()>& body) {
  ChildProcess child([&](const ChildProcess::Report& report) {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) throw std::runtime_error("cannot become nobody");
    body();
    report(1);
  });
  return child.next_report();
}

TEST_F(OpenDatabase, IsReadableInAFolderThatIsReadOnly) {
  complete_run(*RunStore::open(file_), request(10), {0, 1, 2});
  for (const char* suffix : {"-wal", "-shm"}) ASSERT_FALSE(std::filesystem::exists(file_.string() + suffix));
  chmod(folder_.path().c_str(), 0555);
  EXPECT_EQ(as_ordinary_user([this] {
              const auto queries = Queries::open(file_);
              if (queries->run("@last").n_done != 10) throw std::runtime_error("wrong count");
            }),
            1);
  EXPECT_EQ(as_ordinary_user([this] {
              if (writer_message().find("must be writable") == std::string::npos)
                throw std::runtime_error("not refused");
            }),
            1);
  chmod(folder_.path().c_str(), 0755);
}

TEST_F(OpenDatabase, AWriterRefusesAReadOnlyFile) {
  complete_run(*RunStore::open(file_), request(10), {0, 1, 2});
  chmod(folder_.path().c_str(), 0777);
  chmod(file_.c_str(), 0444);
  chmod((file_.string() + ".lock").c_str(), 0666);
  EXPECT_EQ(as_ordinary_user([this] {
              if (writer_message().find("is read-only") == std::string::npos) throw std::runtime_error("not refused");
            }),
            1);
}

TEST_F(OpenDatabase, ALocalDatabaseUsesWriteAheadLoggingAndFullSync) {
  const auto database = open_for_writing(file_, JournalPolicy::wal);
  EXPECT_EQ(journal_mode(*database), "wal");
  EXPECT_EQ(database->integer("PRAGMA synchronous"), 2);
  EXPECT_EQ(database->integer("PRAGMA foreign_keys"), 1);
  EXPECT_EQ(database->integer("PRAGMA cell_size_check"), 1);
  EXPECT_EQ(database->integer("PRAGMA application_id"), 0x71657631);
  EXPECT_EQ(database->integer("PRAGMA user_version"), all_migrations().back().version);
}

TEST_F(OpenDatabase, ANetworkDatabaseUsesAnExclusiveRollbackJournalEvenIfItWasMadeOnALocalDisk) {
  open_for_writing(file_, JournalPolicy::wal);
  const auto database = open_for_writing(file_, JournalPolicy::exclusive_rollback);
  EXPECT_EQ(journal_mode(*database), "truncate");
  EXPECT_EQ(database->integer("PRAGMA synchronous"), 2);
  database->run_script("BEGIN IMMEDIATE; COMMIT");
  EXPECT_FALSE(std::filesystem::exists(file_.string() + "-shm"));
  EXPECT_THROW(Queries::open(file_), DatabaseError) << "exclusive: no reader";
}

TEST_F(OpenDatabase, ThereIsNoWarningOnALocalDisk) {
  if (is_on_network_file_system(folder_.path())) GTEST_SKIP() << "the temporary folder is on a network file system";
  EXPECT_EQ(RunStore::open(file_)->warning(), "");
}

TEST(FileSystem, KnowsNetworkFileSystemsByTheirNumbers) {
  for (const unsigned long type :
       {0x6969ul, 0xff534d42ul, 0xfffffffffe534d42ul, 0x0bd00bd0ul, 0x65735546ul, 0x01021997ul}) {
    EXPECT_TRUE(is_network_file_system(type)) << std::hex << type;
  }
  for (const unsigned long type : {0xef53ul /* ext4 */, 0x58465342ul /* xfs */, 0x9123683eul /* btrfs */,
                                   0x01021994ul /* tmpfs */, 0x794c7630ul /* overlay */}) {
    EXPECT_FALSE(is_network_file_system(type)) << std::hex << type;
  }
}

}  // namespace
