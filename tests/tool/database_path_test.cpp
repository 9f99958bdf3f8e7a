#include "tools/qeval/commands/database_path.h"

#include <cstdlib>
#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

namespace fs = std::filesystem;

/// Starts in an empty folder with none of the variables set; puts everything back.
class DatabasePath : public ::testing::Test {
 protected:
  DatabasePath() {
    for (const char* name : {"QEVAL_DB", "XDG_DATA_HOME", "HOME"}) {
      if (const char* value = std::getenv(name)) before_[name] = value;
      ::unsetenv(name);
    }
    fs::create_directories(work_);
    fs::current_path(work_);
  }
  ~DatabasePath() override {
    fs::current_path(folder_before_);
    for (const auto& [name, value] : before_) ::setenv(name.c_str(), value.c_str(), 1);
  }
  void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }

  fs::path folder_before_ = fs::current_path();
  std::map<std::string, std::string> before_;
  test::TempDir folder_;
  fs::path root_ = fs::canonical(folder_.path());
  fs::path work_ = root_ / "a" / "b";
};

TEST_F(DatabasePath, EachPlaceYieldsToTheOneBeforeIt) {
  EXPECT_THROW(database_path(""), UsageError) << "nothing says where";
  set("HOME", "/home/u");
  EXPECT_EQ(database_path(""), "/home/u/.local/share/qeval/results.db");
  set("XDG_DATA_HOME", "/data");
  EXPECT_EQ(database_path(""), "/data/qeval/results.db");
  fs::create_directories(root_ / ".qeval" / "results.db");
  EXPECT_EQ(database_path(""), root_ / ".qeval" / "results.db");
  fs::create_directories(root_ / "a" / ".qeval" / "results.db");
  EXPECT_EQ(database_path(""), root_ / "a" / ".qeval" / "results.db") << "the nearest";
  set("QEVAL_DB", "/variable.db");
  EXPECT_EQ(database_path(""), "/variable.db");
  EXPECT_EQ(database_path("option.db"), "option.db");
}

TEST_F(DatabasePath, AnEmptyVariableIsNotSet) {
  set("HOME", "/home/u");
  set("QEVAL_DB", "");
  set("XDG_DATA_HOME", "");
  EXPECT_EQ(database_path(""), "/home/u/.local/share/qeval/results.db");
}

}  // namespace
}  // namespace qeval
