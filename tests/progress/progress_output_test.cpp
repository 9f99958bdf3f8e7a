#include "tools/qeval/text/progress_output.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace qeval {
namespace {

/// stderr is a pseudo-terminal of 40 columns while the test lives; the variables start unset.
class StderrOutput : public testing::Test {
 protected:
  StderrOutput() {
    for (const char* name : {"NO_COLOR", "CI", "LC_ALL", "LC_CTYPE", "LANG"}) unsetenv(name);
    setenv("TERM", "xterm", 1);
  }
  void SetUp() override {
    winsize size{24, 40, 0, 0};
    if (openpty(&keyboard_, &screen_, nullptr, nullptr, &size) != 0)
      GTEST_SKIP() << "no pseudo-terminal to be had here (is /dev/pts mounted?)";
    saved_ = dup(STDERR_FILENO);
    dup2(screen_, STDERR_FILENO);
  }
  void TearDown() override {
    if (saved_ < 0) return;
    dup2(saved_, STDERR_FILENO);
    for (const int descriptor : {keyboard_, screen_, saved_}) close(descriptor);
  }
  int keyboard_ = -1, screen_ = -1, saved_ = -1;
};

TEST_F(StderrOutput, SeesATerminalAndItsWidthAsItChanges) {
  const ProgressOutput output = stderr_output();
  EXPECT_TRUE(output.rewritable);
  EXPECT_TRUE(output.color);
  EXPECT_EQ(output.columns(), 40);
  winsize size{24, 133, 0, 0};
  ioctl(keyboard_, TIOCSWINSZ, &size);
  EXPECT_EQ(output.columns(), 133);
}

TEST_F(StderrOutput, RewritesNothingOnADumbTerminalOrInContinuousIntegration) {
  setenv("TERM", "dumb", 1);
  EXPECT_FALSE(stderr_output().rewritable);
  setenv("TERM", "xterm", 1);
  setenv("CI", "true", 1);
  EXPECT_FALSE(stderr_output().rewritable);
}

TEST_F(StderrOutput, ObeysNoColor) {
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(stderr_output().color);
  EXPECT_TRUE(stderr_output().rewritable);
}

TEST_F(StderrOutput, UsesUtf8OnlyWhereTheLocaleSaysSo) {
  EXPECT_FALSE(stderr_output().utf8);
  setenv("LANG", "de_DE.UTF-8", 1);
  EXPECT_TRUE(stderr_output().utf8);
  setenv("LC_ALL", "C", 1);
  EXPECT_FALSE(stderr_output().utf8);
  setenv("LC_ALL", "C.utf8", 1);
  EXPECT_TRUE(stderr_output().utf8);
}

TEST_F(StderrOutput, IsNoTerminalWhenRedirected) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  dup2(ends[1], STDERR_FILENO);
  EXPECT_FALSE(stderr_output().rewritable);
  EXPECT_FALSE(stderr_output().color);
  EXPECT_EQ(stderr_output().columns(), 80);
  for (const int end : ends) close(end);
}

}  // namespace
}  // namespace qeval
