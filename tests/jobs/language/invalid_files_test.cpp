/// Every invalid/NAME.yaml gives exactly the message in invalid/NAME.expected.
/// QEVAL_UPDATE_GOLDENS=1 rewrites the expectations: read the difference before you commit it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/jobs/language/job_text.h"

namespace qeval {
namespace {

const std::filesystem::path folder = std::filesystem::path(QEVAL_SOURCE_DIR) / "tests/jobs/language/invalid";

std::vector<std::string> broken_files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class InvalidJobFile : public testing::TestWithParam<std::string> {};

TEST_P(InvalidJobFile, GivesTheExpectedMessage) {
  const std::string message =
      test::error_of(test::read_text(folder / (GetParam() + ".yaml")), {}, GetParam() + ".yaml");
  const std::filesystem::path golden = folder / (GetParam() + ".expected");
  if (std::getenv("QEVAL_UPDATE_GOLDENS")) std::ofstream(golden, std::ios::binary) << message << "\n";
  ASSERT_TRUE(std::filesystem::exists(golden));
  EXPECT_EQ(message + "\n", test::read_text(golden));
  EXPECT_NE(message.find("nothing was run."), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(All, InvalidJobFile, testing::ValuesIn(broken_files()),
                         [](const auto& parameter) { return parameter.param; });

TEST(InvalidJobFiles, CoverAtLeastFortyMistakes) { EXPECT_GE(broken_files().size(), 40u); }

TEST(InvalidJobFiles, EndTheCommandWithTheUsageExitCode) {
  try {
    parse_job_text("qeval: 3\n", "job.yaml");
    FAIL() << "expected a JobError";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
  }
}

}  // namespace
}  // namespace qeval
