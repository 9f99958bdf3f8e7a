#pragma once
/// Finds the optional folder of oracles and images beside the repository; tests that need it skip clearly without it,
/// or fail where the environment says QEVAL_REQUIRE_SHARED=1: a misspelt path would skip for ever.
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include <gtest/gtest.h>

namespace qeval::test {

inline std::filesystem::path shared_root() { return std::filesystem::path(QEVAL_SOURCE_DIR) / ".." / "shared"; }

inline bool shared_is_required() {
  const char* required = std::getenv("QEVAL_REQUIRE_SHARED");
  return required != nullptr && std::string_view(required) == "1";
}

}  // namespace qeval::test

/// First statement of a test that needs `relative` below shared/.
#define QEVAL_REQUIRE_SHARED(relative)                                                                      \
  if (std::filesystem::exists(qeval::test::shared_root() / (relative)))                                     \
    ;                                                                                                       \
  else if (qeval::test::shared_is_required())                                                               \
    FAIL() << "shared/" << (relative) << " is not here, and QEVAL_REQUIRE_SHARED=1 says that it has to be"; \
  else                                                                                                      \
    GTEST_SKIP() << "shared/" << (relative) << " is not here; this test compares with its numbers"
