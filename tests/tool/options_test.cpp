#include "tools/qeval/commands/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CommandLine : public ::testing::Test {
 protected:
  CommandLine() : options_("run JOB [options]") {
    options_.positional("job", 1);
    options_.flag("quantizers", "a flag").value("db", "FILE", "a value").value("output,o", "FILE", "with a letter");
    options_.values("set", "PATH=VALUE", "many").value("limit", "N", "a number");
  }

  std::string refusal(const std::vector<std::string>& arguments) {
    try {
      options_.parse(arguments);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "accepted";
  }

  Options options_;
};

TEST_F(CommandLine, GivesWhatWasWritten) {
  ASSERT_TRUE(options_.parse({"a.yaml", "--set", "x=1", "--quantizers", "--set=y=2", "-o", "out", "--limit", "7"}));
  EXPECT_THAT(options_.list("job"), ElementsAre("a.yaml"));
  EXPECT_THAT(options_.list("set"), ElementsAre("x=1", "y=2"));
  EXPECT_TRUE(options_.given("quantizers"));
  EXPECT_EQ(options_.text("output"), "out");
  EXPECT_EQ(options_.integer("limit", 1, 9), 7);
  EXPECT_FALSE(options_.given("db"));
  EXPECT_EQ(options_.text("db", "fallback"), "fallback");
}

TEST_F(CommandLine, AMisspeltOptionIsAnsweredWithTheNearest) {
  EXPECT_THAT(refusal({"--bd", "x"}),
              AllOf(HasSubstr("'--bd'"), HasSubstr("did you mean '--db'"), HasSubstr("qeval run JOB")));
}

TEST_F(CommandLine, ThePrefixOfAnOptionIsNotTheOption) {
  EXPECT_THAT(refusal({"--quant"}), HasSubstr("unknown option '--quant'"));
}

TEST_F(CommandLine, AValueIsGivenOnceAndASecondJobIsRefused) {
  EXPECT_THAT(refusal({"--db", "a", "--db", "b"}), HasSubstr("usage: qeval run JOB"));
}

TEST_F(CommandLine, TooManyPositionalArgumentsAreRefused) {
  EXPECT_THAT(refusal({"a.yaml", "b.yaml"}), HasSubstr("usage: qeval run JOB"));
}

TEST_F(CommandLine, NumbersAreWholeAndInTheirRange) {
  for (const char* wrong : {"0", "10", "3.5", "x", ""}) {
    Options options("x");
    options.value("limit", "N", "a number");
    options.parse({std::string("--limit=") + (*wrong ? wrong : "-")});
    EXPECT_THROW(options.integer("limit", 1, 9), UsageError) << wrong;
  }
}

TEST_F(CommandLine, AnOptionalValueIsNeverTheNextArgument) {
  options_.optional_value("flips", "KIND", "all", "a word");
  ASSERT_TRUE(options_.parse({"--flips", "a-job"}));
  EXPECT_EQ(options_.text("flips"), "all");
  EXPECT_THAT(options_.list("job"), ElementsAre("a-job"));
}

TEST_F(CommandLine, AnOptionalValueIsTakenBehindItsSign) {
  options_.optional_value("flips", "KIND", "all", "a word");
  ASSERT_TRUE(options_.parse({"--flips=broke"}));
  EXPECT_EQ(options_.text("flips"), "broke");
}

TEST_F(CommandLine, AShareIsBelowOneAndAPercentageIsTranslated) {
  ASSERT_TRUE(options_.parse({"--limit", "1"}));
  try {
    options_.share("limit");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("--limit: '1' is not a share from 0 up to but not 1; write 0.01"));
  }
}

}  // namespace
}  // namespace qeval
