// What becomes of an exception of somebody else's.
#include "pipeline/base/current_error.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <new>
#include <stdexcept>

namespace qeval {
namespace {

template <class Exception>
Error made_of(const Exception& exception) {
  try {
    throw exception;
  } catch (...) {
    return current_error("stage 'read': ");
  }
}

TEST(CurrentError, KeepsWhatAnErrorOfOursSays) {
  const Error error = made_of(InputError("a.jpg:\n  two lines"));
  EXPECT_EQ(error.code(), ExitCode::input);
  EXPECT_STREQ(error.what(), "stage 'read': a.jpg:\n  two lines");
}

TEST(CurrentError, NamesOfFilesInSystemErrorsAreOneLine) {
  const Error error = made_of(std::filesystem::filesystem_error("cannot create directory", "a\nfake: 99 %\x1b[2J",
                                                                std::make_error_code(std::errc::not_a_directory)));
  EXPECT_EQ(error.code(), ExitCode::run_failed);
  EXPECT_STREQ(error.what(),
               "stage 'read': filesystem error: cannot create directory: Not a directory [a\\nfake: 99 %\\x1b[2J]");
}

TEST(CurrentError, TellsMemoryAndBugsFromTheRest) {
  EXPECT_EQ(made_of(std::bad_alloc()).code(), ExitCode::run_failed);
  EXPECT_EQ(made_of(std::logic_error("never")).code(), ExitCode::internal);
  EXPECT_EQ(made_of(1).code(), ExitCode::run_failed);
}

}  // namespace
}  // namespace qeval
