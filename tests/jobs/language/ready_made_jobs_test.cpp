/// The job files in jobs/ say what they are meant to say.
#include <gtest/gtest.h>

#include "jobs/language/job_parser.h"

namespace qeval {
namespace {

const std::filesystem::path jobs = std::filesystem::path(QEVAL_SOURCE_DIR) / "jobs";

class ReadyMadeJob : public testing::Test {
 protected:
  void SetUp() override {
    setenv("QEVAL_DEMO", "/demo", 1);
    setenv("IMAGENET", "/imagenet", 1);
    setenv("RESNEXT101_WEIGHTS", "/weights.pth", 1);
  }
  void TearDown() override {
    for (const char* name : {"QEVAL_DEMO", "IMAGENET", "RESNEXT101_WEIGHTS"}) unsetenv(name);
  }
};

TEST_F(ReadyMadeJob, DemoComparesFloatWithTwoQuantizations) {
  const JobSpec job = parse_job_file(jobs / "demo.yaml");
  ASSERT_EQ(job.variants.size(), 3u);
  EXPECT_EQ(job.variants[0].name, "fp32");
  EXPECT_FALSE(job.variants[0].quantization.enabled);
  for (int i : {1, 2}) {
    const VariantSpec& variant = job.variants[i];
    EXPECT_EQ(variant.quantization.per_channel, i == 2);
    EXPECT_EQ(variant.quantization.mode, "aimet-torch-2");
    EXPECT_EQ(variant.quantization.scheme, "tf_enhanced");
    EXPECT_FALSE(variant.quantization.share_module_quantizers);
    EXPECT_EQ(variant.quantization.calibration.root, "/demo/images");
    EXPECT_EQ(variant.quantization.calibration.labels, "/demo/images/labels.csv");
    EXPECT_EQ(variant.quantization.calibration.subset.kind, SubsetSpec::Kind::all);
  }
  EXPECT_EQ(job.variants[1].model.weights, "/demo/efficientnet-lite0-57934424.pth");
  const std::vector<StepSpec>& steps = job.variants[2].preprocess;
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].crop, 224);
  EXPECT_EQ(steps[0].padding, 32);
  EXPECT_EQ(steps[1].filter, "bicubic");
  EXPECT_EQ(steps[1].height, 224);
  EXPECT_EQ(steps[2].range, "bytes");
  EXPECT_EQ(job.run.batch_size, 4);
}

TEST_F(ReadyMadeJob, ResNextFollowsTheZoo) {
  const JobSpec job = parse_job_file(jobs / "resnext101_w8a8.yaml");
  ASSERT_EQ(job.variants.size(), 2u);
  EXPECT_FALSE(job.variants[0].quantization.enabled);
  const VariantSpec& w8a8 = job.variants[1];
  EXPECT_EQ(w8a8.model.arch, "resnext101_32x8d");
  EXPECT_TRUE(w8a8.model.fold_batch_norm);
  EXPECT_EQ(w8a8.dataset.root, "/imagenet/val");
  EXPECT_EQ(w8a8.preprocess.at(0).short_side, 248);
  EXPECT_EQ(w8a8.preprocess.at(1).crop, 224);
  EXPECT_EQ(w8a8.quantization.mode, "aimet-1.24");
  EXPECT_EQ(w8a8.quantization.scheme, "tf_enhanced");
  EXPECT_TRUE(w8a8.quantization.param_symmetric);
  EXPECT_FALSE(w8a8.quantization.activation_symmetric);
  EXPECT_TRUE(w8a8.quantization.quantize_input);
  EXPECT_FALSE(w8a8.quantization.quantize_bias);
  EXPECT_TRUE(w8a8.quantization.share_module_quantizers);
  EXPECT_EQ(w8a8.quantization.calibration.root, "/imagenet/train");
  EXPECT_EQ(w8a8.quantization.calibration.subset.kind, SubsetSpec::Kind::per_class);
  EXPECT_EQ(w8a8.quantization.calibration.subset.count, 2);
  EXPECT_EQ(w8a8.quantization.calibration_batch_size, 32);
  EXPECT_TRUE(w8a8.gates.empty());
}

TEST_F(ReadyMadeJob, ResNextRunsWithoutVariablesWhenItsPathsAreSet) {
  unsetenv("IMAGENET");
  unsetenv("RESNEXT101_WEIGHTS");
  EXPECT_THROW(parse_job_file(jobs / "resnext101_w8a8.yaml"), JobError);
  const JobOverrides overrides{.set = {{"model.weights", "/w.pth"},
                                       {"dataset.root", "/i/val"},
                                       {"quantization.encodings.calibrate.root", "/i/train"}},
                               .only_variants = {}};
  const JobSpec job = parse_job_file(jobs / "resnext101_w8a8.yaml", overrides);
  EXPECT_EQ(job.variants[1].quantization.calibration.root, "/i/train");
}

}  // namespace
}  // namespace qeval
