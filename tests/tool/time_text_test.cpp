// Times as people read and write them, in a fixed time zone.
#include "tools/qeval/text/time_text.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

/// Two hours east of Greenwich, without a summer.
class TimeText : public ::testing::Test {
 protected:
  TimeText() {
    ::setenv("TZ", "EAST-2", 1);
    ::tzset();
  }
  ~TimeText() override {
    ::unsetenv("TZ");
    ::tzset();
  }
};

constexpr std::time_t noon = 1748779200;  // 2025-06-01 12:00 UTC

TEST_F(TimeText, IsLocalForPeople) {
  EXPECT_EQ(local_time_text("2025-06-01T23:30:59.999Z"), "2025-06-02 01:30");
  EXPECT_EQ(local_time_text("yesterday"), "yesterday");
  EXPECT_EQ(local_time_text(""), "");
}

TEST_F(TimeText, SinceIsATimeAgoOrALocalDay) {
  EXPECT_EQ(since_utc("30m", noon), "2025-06-01T11:30:00.000Z");
  EXPECT_EQ(since_utc("12h", noon), "2025-06-01T00:00:00.000Z");
  EXPECT_EQ(since_utc("7d", noon), "2025-05-25T12:00:00.000Z");
  EXPECT_EQ(since_utc("2w", noon), "2025-05-18T12:00:00.000Z");
  EXPECT_EQ(since_utc("2025-06-01", noon), "2025-05-31T22:00:00.000Z");
  EXPECT_EQ(since_utc("2025-06-01 11:30", noon), "2025-06-01T09:30:00.000Z");
}

TEST_F(TimeText, SinceRefusesAnythingElse) {
  for (const char* wrong :
       {"", "7", "d", "7x", "-7d", "7 d", "1.5h", "9999999999999999999d", "2025-13-01", "2025-06-01x"})
    EXPECT_THROW(since_utc(wrong, noon), UsageError) << wrong;
}

}  // namespace
}  // namespace qeval
