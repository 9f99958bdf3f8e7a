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
    for (const char* name : {"RESNEXT101_W8A8_STATE_DICT", "RESNEXT101_W8A8_ENCODINGS"}) unsetenv(name);
  }
  void TearDown() override {
    for (const char* name :
         {"QEVAL_DEMO", "IMAGENET", "RESNEXT101_WEIGHTS", "RESNEXT101_W8A8_STATE_DICT", "RESNEXT101_W8A8_ENCODINGS"})
      unsetenv(name);
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
  EXPECT_EQ(steps[1].filter, ResamplingFilter::bicubic);
  EXPECT_EQ(steps[1].height, 224);
  EXPECT_EQ(steps[2].range, PixelRange::bytes);
  EXPECT_EQ(job.run.batch_size, 4);
}

/// All three variants of the zoo's job, whatever is at hand.
JobSpec whole_zoo_job() {
  const JobOverrides overrides{.set = {{"variants.w8a8.needs", "[]"}, {"variants.w8a8_calibrated.needs", "[]"}},
                               .only_variants = {}};
  return parse_job_file(jobs / "resnext101_w8a8.yaml", overrides);
}

TEST_F(ReadyMadeJob, ResNextFollowsTheZoo) {
  setenv("RESNEXT101_W8A8_STATE_DICT", "/folded.pth", 1);
  setenv("RESNEXT101_W8A8_ENCODINGS", "/published.encodings", 1);
  const JobSpec job = whole_zoo_job();
  ASSERT_EQ(job.variants.size(), 3u);
  EXPECT_EQ(job.variants[0].name, "fp32");
  EXPECT_FALSE(job.variants[0].quantization.enabled);
  EXPECT_FALSE(job.variants[0].model.fold_batch_norm);
  EXPECT_EQ(job.variants[0].model.weights, "/weights.pth");
  EXPECT_EQ(job.variants[1].name, "w8a8");
  EXPECT_EQ(job.variants[1].model.weights, "/folded.pth");
  EXPECT_EQ(job.variants[1].quantization.import_encodings, "/published.encodings");
  const QuantizationSpec& calibrated = job.variants[2].quantization;
  EXPECT_EQ(job.variants[2].name, "w8a8_calibrated");
  EXPECT_EQ(job.variants[2].model.weights, "/weights.pth");
  EXPECT_TRUE(job.variants[2].model.fold_batch_norm);
  EXPECT_EQ(calibrated.calibration.root, "/imagenet/train");
  EXPECT_EQ(calibrated.calibration.subset.kind, SubsetSpec::Kind::per_class);
  EXPECT_EQ(calibrated.calibration.subset.count, 2);
  EXPECT_EQ(calibrated.calibration_batch_size, 32);
  for (const VariantSpec& variant : job.variants) {
    EXPECT_EQ(variant.model.arch, "resnext101_32x8d");
    EXPECT_EQ(variant.dataset.root, "/imagenet/val");
    EXPECT_EQ(variant.preprocess.at(0).short_side, 248);
    EXPECT_EQ(variant.preprocess.at(1).crop, 224);
    EXPECT_TRUE(variant.gates.empty());
    const QuantizationSpec& quantization = variant.quantization;
    if (!quantization.enabled) continue;
    EXPECT_EQ(quantization.mode, "aimet-1.24");
    EXPECT_EQ(quantization.scheme, "tf_enhanced");
    EXPECT_TRUE(quantization.param_symmetric);
    EXPECT_FALSE(quantization.activation_symmetric);
    EXPECT_TRUE(quantization.quantize_input);
    EXPECT_FALSE(quantization.quantize_bias);
    EXPECT_TRUE(quantization.share_module_quantizers);
  }
}

TEST_F(ReadyMadeJob, ResNextLeavesOutWhatIsNotAtHand) {
  const JobSpec job = parse_job_file(jobs / "resnext101_w8a8.yaml");
  ASSERT_EQ(job.variants.size(), 1u);
  ASSERT_EQ(job.left_out.size(), 2u);
  EXPECT_EQ(job.left_out[0].name, "w8a8");
  EXPECT_EQ(job.left_out[0].missing,
            "model.weights: variable RESNEXT101_W8A8_STATE_DICT is not set; "
            "quantization.encodings.import: variable RESNEXT101_W8A8_ENCODINGS is not set");
  EXPECT_EQ(job.left_out[1].name, "w8a8_calibrated");
  EXPECT_EQ(job.left_out[1].missing, "quantization.encodings.calibrate.root: /imagenet/train is not there");
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
  ASSERT_EQ(job.variants.size(), 2u);
  EXPECT_EQ(job.variants[1].name, "w8a8_calibrated");
  EXPECT_EQ(job.variants[1].quantization.calibration.root, "/i/train");
}

}  // namespace
}  // namespace qeval
