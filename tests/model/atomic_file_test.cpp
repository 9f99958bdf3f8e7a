#include "pipeline/base/atomic_file.h"

#include <cstdio>
#include <cstring>
#include <fstream>
#include <future>
#include <iterator>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/errors.h"
#include "tests/support/temp_dir.h"

namespace qeval::test {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write(const fs::path& file, const char* text) {
  AtomicFile out(file);
  out.write(text, std::strlen(text));
  out.commit();
}

class AtomicFileIn : public testing::Test {
 protected:
  fs::path operator/(const char* name) const { return folder_.path() / name; }
  std::ptrdiff_t files() const { return std::distance(fs::directory_iterator(folder_.path()), {}); }

  TempDir folder_;
};

TEST_F(AtomicFileIn, TheNameShowsTheOldContentUntilTheNewOneIsComplete) {
  const fs::path file = *this / "net.encodings";
  write(file, "old");
  {
    AtomicFile out(file);
    out.write("new", 3);
    EXPECT_EQ(content(file), "old");
    out.commit();
  }
  EXPECT_EQ(content(file), "new");
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFileIn, WhatIsNotCommittedLeavesNothingBehind) {
  const fs::path file = *this / "net.encodings";
  write(file, "old");
  AtomicFile(file).write("new", 3);
  EXPECT_EQ(content(file), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFileIn, ALinkStaysALinkAndItsFileIsReplaced) {
  fs::create_directory(*this / "folder");
  const fs::path target = *this / "folder/target", link = *this / "link";
  write(target, "old");
  fs::create_symlink("folder/target", link);
  {
    AtomicFile out(link);
    out.write("new", 3);
    EXPECT_EQ(content(target), "old");
    out.commit();
  }
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(content(target), "new");
  EXPECT_EQ(files(), 2);
}

TEST_F(AtomicFileIn, APipeIsWrittenDirectlyAndStaysAPipe) {
  const fs::path pipe = *this / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  auto read = std::async(std::launch::async, [&] { return content(pipe); });
  write(pipe, "bytes");
  EXPECT_EQ(read.get(), "bytes");
  EXPECT_TRUE(fs::is_fifo(pipe));
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFileIn, AFullDeviceIsAFullDisk) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "there is no /dev/full here";
  AtomicFile out("/dev/full");
  try {
    out.write("bytes", 5);
    FAIL() << "nothing was thrown";
  } catch (const RunError& error) {
    EXPECT_STREQ(error.what(), "/dev/full: the disk is full; free some space and run it again");
  }
}

TEST_F(AtomicFileIn, PlacesThatCannotBeWrittenToAreUsageErrors) {
  EXPECT_THROW(AtomicFile{folder_.path()}, UsageError);
  EXPECT_THROW(AtomicFile{*this / "absent/file"}, UsageError);
  write(*this / "file", "");
  EXPECT_THROW(AtomicFile{*this / "file/below"}, UsageError);
}

/// Puts standard output on a file for as long as it lives.
class StandardOutputOn {
 public:
  explicit StandardOutputOn(const fs::path& file) {
    std::fflush(stdout);
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(fd, STDOUT_FILENO);
    ::close(fd);
  }
  ~StandardOutputOn() {
    std::fflush(stdout);
    ::dup2(saved_, STDOUT_FILENO);
    ::close(saved_);
  }

 private:
  const int saved_ = ::dup(STDOUT_FILENO);
};

TEST_F(AtomicFileIn, StandardOutputGoesOnWhereItStandsUnderEveryName) {
  const fs::path log = *this / "log";
  write(log, "before\n");
  {
    const StandardOutputOn redirected(log);
    std::fputs("printed\n", stdout);
    write("/dev/stdout", "one\n");
    write(log, "two\n");
    std::fputs("after\n", stdout);
  }
  EXPECT_EQ(content(log), "before\nprinted\none\ntwo\nafter\n");
  EXPECT_EQ(files(), 1);
}

}  // namespace
}  // namespace qeval::test
