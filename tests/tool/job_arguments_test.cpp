#include "tools/qeval/commands/job_arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

JobArguments parsed(const std::vector<std::string>& arguments) {
  Options options("run JOB");
  declare_job_options(options);
  options.parse(arguments);
  return job_arguments(options);
}

TEST(JobArguments, ComeBackFromTheDatabaseAsTheyWereGiven) {
  const JobArguments before = parsed(
      {"--set", "model.weights=/a \"b\"=c.pth", "--variant", "w8a8", "--limit", "9007199254740993", "--device", "cpu"});
  const JobArguments after = JobArguments::from_json(before.to_json(), "results.db");
  EXPECT_THAT(after.overrides.set, ElementsAre(Pair("model.weights", "/a \"b\"=c.pth"), Pair("run.device", "cpu")));
  EXPECT_THAT(after.overrides.only_variants, ElementsAre("w8a8"));
  EXPECT_EQ(after.limit, 9007199254740993);
  EXPECT_EQ(after.to_json(), before.to_json());
}

TEST(JobArguments, NothingGivenStaysNothing) {
  const JobArguments after = JobArguments::from_json(parsed({}).to_json(), "results.db");
  EXPECT_TRUE(after.overrides.set.empty());
  EXPECT_TRUE(after.overrides.only_variants.empty());
  EXPECT_FALSE(after.limit);
}

TEST(JobArguments, AnAssignmentNeedsAPathAndAnEqualsSign) {
  EXPECT_THAT(split_assignment("a.b=c=d"), Pair("a.b", "c=d"));
  EXPECT_THAT(split_assignment("a="), Pair("a", ""));
  EXPECT_THROW(split_assignment("a.b"), UsageError);
  EXPECT_THROW(split_assignment("=c"), UsageError);
}

TEST(ProgressModes, AnUnknownProgressModeIsAnsweredWithTheKnownOnes) {
  Options options("run JOB");
  declare_output_options(options);
  options.parse({"--db", "r.db", "--progress", "loud"});
  try {
    telling_of(options);
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'loud' is not one of auto, bar, lines, none"));
  }
}

}  // namespace
}  // namespace qeval
