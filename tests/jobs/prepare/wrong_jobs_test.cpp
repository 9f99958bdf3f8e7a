/// Every wrong_jobs/NAME.yaml gives exactly the complaints in wrong_jobs/NAME.expected, all at once, in a folder that
/// holds the network net.safetensors, the folder images (without an image) and the other files beside the jobs.
/// QEVAL_UPDATE_GOLDENS=1 rewrites the expectations: read the difference before you commit it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "jobs/prepare/job_check.h"
#include "stages/model/arch/arch.h"
#include "stages/model/weights/state_dict.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

namespace fs = std::filesystem;

const fs::path source = fs::path(QEVAL_SOURCE_DIR) / "tests/jobs/prepare/wrong_jobs";
const ArchParameters tiny{{"block", "bottleneck"},  {"layers", "1,1,1,1"}, {"groups", "4"},
                          {"width_per_group", "4"}, {"num_classes", "4"},  {"input_size", "64"}};

std::string read_text(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<std::string> wrong_jobs() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(source))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

class WrongJobs : public testing::TestWithParam<std::string> {
 protected:
  WrongJobs() {
    fs::copy(source, folder());
    fs::create_directory(folder() / "images");
    write_safetensors(random_weights("resnet", tiny, 1), folder() / "net.safetensors");
  }
  fs::path folder() const { return dir_.path() / "jobs"; }

  /// Exit code and message, without the folder's name.
  std::string outcome(const std::string& name, const JobOverrides& overrides = {}) const {
    try {
      check_variants(read_job(folder() / (name + ".yaml"), overrides));
      return "ok\n";
    } catch (const Error& error) {
      std::string text = error.what();
      const std::string prefix = folder().string() + "/";
      for (std::size_t at = 0; (at = text.find(prefix, at)) != std::string::npos;) text.erase(at, prefix.size());
      return text + "\nexit " + std::to_string(static_cast<int>(error.code())) + "\n";
    }
  }

 private:
  test::TempDir dir_;
};

TEST_P(WrongJobs, GiveTheExpectedComplaints) {
  const std::string text = outcome(GetParam());
  const fs::path golden = source / (GetParam() + ".expected");
  if (std::getenv("QEVAL_UPDATE_GOLDENS")) std::ofstream(golden, std::ios::binary) << text;
  EXPECT_EQ(text, read_text(golden));
}

INSTANTIATE_TEST_SUITE_P(All, WrongJobs, testing::ValuesIn(wrong_jobs()),
                         [](const auto& parameter) { return parameter.param; });

using WrongJob = WrongJobs;

TEST_F(WrongJob, PointsToTheArgumentThatIsWrong) {
  const JobOverrides overrides{.set = {{"quantization.disable", "[fcc]"}, {"run.device", "cuda:900"}},
                               .only_variants = {"blocks"}};
  const std::string text = outcome("modules", overrides);
  for (const char* complaint : {"--set quantization.disable=[fcc]: error: quantization.disable: no module 'fcc' has ",
                                "--set run.device=cuda:900: error: run.device: device 'cuda:900' is not there"})
    EXPECT_NE(text.find(complaint), std::string::npos) << text;
}

TEST_F(WrongJob, IsRightWithoutAnImage) {
  const JobOverrides right{.set = {{"preprocess.center_crop", "64"}, {"variants.blocks.quantization", "none"}},
                           .only_variants = {"blocks"}};
  EXPECT_EQ(outcome("modules", right), "ok\n");
}

}  // namespace
}  // namespace qeval
