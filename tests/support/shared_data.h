#pragma once
/// Finds the optional folder of oracles and images beside the repository; tests that need it skip clearly without it.
#include <filesystem>

#include <gtest/gtest.h>

namespace qeval::test {

inline std::filesystem::path shared_root() { return std::filesystem::path(QEVAL_SOURCE_DIR) / ".." / "shared"; }

}  // namespace qeval::test

/// First statement of a test that needs `relative` below shared/.
#define QEVAL_REQUIRE_SHARED(relative)                                                          \
  if (!std::filesystem::exists(qeval::test::shared_root() / (relative)))                        \
  GTEST_SKIP() << "shared/" << (relative) << " is not here; this test compares with its numbers"
