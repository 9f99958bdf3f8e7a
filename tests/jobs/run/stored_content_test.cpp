// What is stored is called damaged only where it is what does not fit.
#include "jobs/run/stored_content.h"

#include <gtest/gtest.h>

#include <new>

#include "pipeline/base/errors.h"

namespace {

using namespace qeval;

TEST(StoredContent, WhatDoesNotFitIsDamageAndNamesTheFile) {
  try {
    take_stored("folder/a\nb.db", "the state of a calibration", [] { throw RunError("of another scheme"); });
    FAIL();
  } catch (const DatabaseError& error) {
    EXPECT_STREQ(error.what(),
                 "database folder/a\\nb.db is damaged (the state of a calibration: of another scheme); restore a "
                 "backup, or save what is readable with `sqlite3 FILE .recover`");
  }
}

TEST(StoredContent, NoMemoryIsNoDamage) {
  EXPECT_THROW(take_stored("a.db", "a state", [] { throw std::bad_alloc(); }), std::bad_alloc);
  EXPECT_THROW(take_stored("a.db", "a state", [] { throw InternalError("a bug"); }), InternalError);
}

}  // namespace
