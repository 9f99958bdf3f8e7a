// What is written as a percentage where a share is meant.
#include "pipeline/base/percent_hint.h"

#include <gtest/gtest.h>

namespace qeval {
namespace {

TEST(PercentHint, IsTheShareThatWasMeant) {
  EXPECT_EQ(percent_hint("78.76"), "; write 0.7876");
  EXPECT_EQ(percent_hint("78.76 %"), "; write 0.7876");
  EXPECT_EQ(percent_hint("1"), "; write 0.01");
  EXPECT_EQ(percent_hint("0.5%"), "; write 0.005");
  EXPECT_EQ(percent_hint("100"), "; write 1");
}

TEST(PercentHint, IsNoneForWhatIsNoPercentage) {
  for (const char* written : {"", "%", "-1", "101", "0.5", "nan", "78,76", "seventy", "5 percent"})
    EXPECT_EQ(percent_hint(written), "") << written;
}

}  // namespace
}  // namespace qeval
