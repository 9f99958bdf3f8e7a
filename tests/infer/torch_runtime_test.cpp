// Whatever is thrown behind the library's boundary becomes one of our errors, with the exit code of its kind.
#include "stages/infer/torch_runtime.h"

#include <new>
#include <stdexcept>

#include <gtest/gtest.h>

namespace qeval {
namespace {

template <class Exception>
Error translated(const Exception& exception) {
  try {
    translating_errors("pass failed", [&] { throw exception; });
  } catch (const Error& error) {
    return error;
  } catch (...) {
  }
  return Error(ExitCode::ok, "not an Error");
}

void expect(const Error& error, ExitCode code, const std::string& message) {
  EXPECT_EQ(error.code(), code);
  EXPECT_EQ(error.what(), message);
}

constexpr const char* advice = "; out of memory: lower run.batch_size or run.replicas";

TEST(TranslatedErrors, OursGoOnAsTheyAre) {
  EXPECT_THROW(translating_errors("pass failed", [] { throw UsageError("wrong word"); }), UsageError);
  expect(translated(UsageError("wrong word")), ExitCode::usage, "wrong word");
}

TEST(TranslatedErrors, LibTorchsAreFailedRuns) {
  expect(translated(c10::Error({"function", "file", 1}, "sizes differ\nand more")), ExitCode::run_failed,
         "pass failed: sizes differ");
  expect(translated(c10::IndexError({"function", "file", 1}, "index 3")), ExitCode::run_failed, "pass failed: index 3");
}

TEST(TranslatedErrors, LackOfMemoryComesWithAdvice) {
  expect(translated(c10::OutOfMemoryError({"function", "file", 1}, "no room")), ExitCode::run_failed,
         std::string("pass failed: no room") + advice);
  expect(translated(std::bad_alloc()), ExitCode::run_failed, std::string("pass failed") + advice);
  expect(translated(std::runtime_error("could not create a primitive")), ExitCode::run_failed,
         std::string("pass failed: could not create a primitive") + advice);
}

TEST(TranslatedErrors, WhatOtherLibrariesThrowIsAFailedRun) {
  expect(translated(std::runtime_error("could not append eltwise post-op")), ExitCode::run_failed,
         "pass failed: could not append eltwise post-op");
  expect(translated(42), ExitCode::run_failed, "pass failed: an exception of unknown type");
}

TEST(TranslatedErrors, ABrokenInvariantIsABug) {
  expect(translated(std::out_of_range("index 3")), ExitCode::internal, "pass failed: index 3");
}

}  // namespace
}  // namespace qeval
