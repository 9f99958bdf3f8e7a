#include "storage/migrations.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "tests/storage/storage_fixture.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qeval;
using namespace qeval::test;
using ::testing::HasSubstr;

constexpr std::array<Migration, 3> steps{{{1, "CREATE TABLE fruit(name TEXT); INSERT INTO fruit VALUES('apple')"},
                                          {2, "ALTER TABLE fruit ADD COLUMN grams INTEGER"},
                                          {3, "UPDATE fruit SET grams = 150"}}};

class Migrations : public ::testing::Test {
 protected:
  std::filesystem::path backup(const std::string& suffix) const { return file_.string() + suffix; }

  TempDir folder_;
  std::filesystem::path file_ = folder_.path() / "results.db";
};

TEST_F(Migrations, ANewFileGoesThroughAllStepsWithoutABackup) {
  Database database(file_, Database::Access::read_write);
  migrate(database, steps);
  EXPECT_EQ(database.integer("SELECT grams FROM fruit"), 150);
  EXPECT_EQ(database.integer("PRAGMA user_version"), 3);
  EXPECT_EQ(database.integer("PRAGMA application_id"), application_id);
  EXPECT_FALSE(std::filesystem::exists(backup(".v0.backup")));
}

TEST_F(Migrations, AnOlderFileIsBackedUpAndOnlyTheNewerStepsRun) {
  Database database(file_, Database::Access::read_write);
  migrate(database, std::span(steps).first(1));
  database.run("INSERT INTO fruit VALUES('pear')");
  migrate(database, steps);
  EXPECT_EQ(database.integer("SELECT count(*) FROM fruit WHERE grams = 150"), 2);
  EXPECT_EQ(database.integer("PRAGMA foreign_keys"), 1);

  Database copy(backup(".v1.backup"), Database::Access::read_only);
  EXPECT_EQ(copy.integer("PRAGMA user_version"), 1);
  EXPECT_EQ(copy.integer("PRAGMA application_id"), application_id);
  EXPECT_EQ(copy.integer("SELECT count(*) FROM fruit"), 2);
}

TEST_F(Migrations, ABackupNeverReplacesAnother) {
  for (int round = 0; round < 2; ++round) {
    std::filesystem::remove(file_);
    Database database(file_, Database::Access::read_write);
    migrate(database, std::span(steps).first(1));
    migrate(database, steps);
  }
  EXPECT_TRUE(std::filesystem::exists(backup(".v1.backup")));
  EXPECT_TRUE(std::filesystem::exists(backup(".v1.backup-2")));
}

TEST_F(Migrations, AFailingStepLeavesTheFileAtItsOldVersionUnchanged) {
  constexpr std::array<Migration, 3> failing{{steps[0], steps[1], {3, "UPDATE fruit SET no_such_column = 1"}}};
  Database database(file_, Database::Access::read_write);
  migrate(database, std::span(steps).first(1));
  EXPECT_THROW(migrate(database, failing), SqlError);
  EXPECT_EQ(database.integer("PRAGMA user_version"), 1);
  EXPECT_EQ(database.integer("SELECT count(*) FROM pragma_table_info('fruit')"), 1) << "step 2 was undone too";
}

TEST_F(Migrations, AStepThatBreaksAReferenceIsUndone) {
  constexpr std::array<Migration, 2> breaking{
      {{1,
        "CREATE TABLE a(id INTEGER PRIMARY KEY); CREATE TABLE b(a_id REFERENCES a(id));"
        "INSERT INTO a VALUES(1); INSERT INTO b VALUES(1)"},
       {2, "DELETE FROM a"}}};
  Database database(file_, Database::Access::read_write);
  migrate(database, std::span(breaking).first(1));
  EXPECT_THAT(message_of<DatabaseError>([&] { migrate(database, breaking); }), HasSubstr("left at version 1"));
  EXPECT_EQ(database.integer("SELECT count(*) FROM a"), 1);
}

TEST_F(Migrations, TheNewestVersionIsLeftAlone) {
  Database database(file_, Database::Access::read_write);
  migrate(database, steps);
  const std::int64_t before = database.integer("PRAGMA data_version");
  migrate(database, steps);
  EXPECT_EQ(database.integer("PRAGMA data_version"), before);
  EXPECT_FALSE(std::filesystem::exists(backup(".v3.backup")));
}

TEST_F(Migrations, ReleasedStepsAreNumberedWithoutGaps) {
  int expected = 1;
  for (const Migration& migration : all_migrations()) EXPECT_EQ(migration.version, expected++);
}

}  // namespace
