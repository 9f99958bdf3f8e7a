// What processes remember of files, and that a damaged memory remembers nothing wrong.
#include "storage/file_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/base/errors.h"
#include "storage/database.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qeval;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FileMemoryTest : public ::testing::Test {
 protected:
  static RememberedFile file(const std::string& path, std::uint8_t digest_byte = 7) {
    RememberedFile made{path, 10, 15, 20, 30, 40, {}};
    made.sha256.fill(digest_byte);
    return made;
  }

  test::TempDir folder_;
  std::filesystem::path path_ = folder_.path() / "qeval" / "files.db";
};

TEST_F(FileMemoryTest, OutlivesTheProcessAndKnowsFoldersByTheirNames) {
  const std::vector<RememberedFile> files{file("/data/val/a.jpg", 1), file("/data/val/b/c.jpg", 2),
                                          file("/data/val2/d.jpg"), file("/data/va")};
  FileMemory(path_).remember_read(files);
  const auto found = FileMemory(path_).read_below("/data/val");
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].path, "/data/val/a.jpg");
  EXPECT_EQ(found[0].changed_ns, 40);
  EXPECT_EQ(found[1].sha256, files[1].sha256);
}

TEST_F(FileMemoryTest, ReplacesWhatItKnewOfAPath) {
  FileMemory memory(path_);
  memory.remember_read(std::vector{file("/d/a", 1)});
  memory.remember_read(std::vector{file("/d/a", 2)});
  const auto found = memory.read_below("/d");
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].sha256, file("", 2).sha256);
}

TEST_F(FileMemoryTest, ForgetsARowThatWasAltered) {
  FileMemory(path_).remember_read(std::vector{file("/d/a"), file("/d/b")});
  {
    Database database(path_, Database::Access::read_write);
    database.run("UPDATE read_file SET sha256 = ?1 WHERE path = '/d/a'",
                 std::span<const std::uint8_t>(std::vector<std::uint8_t>(32, 9)));
    database.run("UPDATE read_file SET bytes = 11 WHERE path = '/d/b'");
  }
  EXPECT_THAT(FileMemory(path_).read_below("/d"), IsEmpty());
}

TEST_F(FileMemoryTest, ForgetsARowWithACellOfAnotherType) {
  for (const char* cell : {"path = x'61'", "bytes = 'ten'", "inode = 1.5", "modified_ns = 'x'", "changed_ns = x'00'",
                           "sha256 = 'text'", "xxh64 = 'x'"}) {
    FileMemory(path_).remember_read(std::vector{file("/d/a"), file("/d/b")});
    Database(path_, Database::Access::read_write)
        .run_script("UPDATE read_file SET " + std::string(cell) + " WHERE path = '/d/a'");
    const auto found = FileMemory(path_).read_below("/d");
    ASSERT_THAT(found, SizeIs(1)) << cell;
    EXPECT_EQ(found[0].path, "/d/b");
  }
  for (const char* cell : {"sha256 = 'text'", "sha256 = 7", "xxh64 = 'x'", "xxh64 = 0.5"}) {
    FileMemory(path_).remember_written("/out.json", file("").sha256);
    Database(path_, Database::Access::read_write).run_script("UPDATE written_file SET " + std::string(cell));
    EXPECT_FALSE(FileMemory(path_).written("/out.json")) << cell;
  }
}

TEST_F(FileMemoryTest, KnowsWhatWasWrittenLast) {
  FileMemory memory(path_);
  EXPECT_FALSE(memory.written("/out.json"));
  memory.remember_written("/out.json", file("", 3).sha256);
  memory.remember_written("/out.json", file("", 4).sha256);
  EXPECT_EQ(FileMemory(path_).written("/out.json"), file("", 4).sha256);
}

TEST_F(FileMemoryTest, TakesNoOtherDatabaseForItsOwn) {
  std::filesystem::create_directories(path_.parent_path());
  Database(path_, Database::Access::read_write).run_script("CREATE TABLE fruit(name TEXT)");
  EXPECT_THROW(FileMemory memory(path_), DatabaseError);
}

TEST_F(FileMemoryTest, BeginsAnewWhereItIsNotWhatThisProgramReads) {
  for (const char* damage : {"DROP TABLE read_file", "DROP TABLE written_file", "PRAGMA user_version=7",
                             "ALTER TABLE read_file ADD COLUMN colour TEXT"}) {
    FileMemory(path_).remember_read(std::vector{file("/d/a")});
    Database(path_, Database::Access::read_write).run_script(damage);
    FileMemory memory(path_);
    EXPECT_THAT(memory.read_below("/d"), IsEmpty()) << damage;
    memory.remember_read(std::vector{file("/d/b")});
    memory.remember_written("/out.json", file("").sha256);
    EXPECT_THAT(memory.read_below("/d"), SizeIs(1)) << damage;
    EXPECT_TRUE(memory.written("/out.json")) << damage;
  }
}

}  // namespace
