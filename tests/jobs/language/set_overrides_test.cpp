#include "jobs/language/set_overrides.h"

#include <gtest/gtest.h>

#include "tests/jobs/language/job_text.h"

namespace qeval {
namespace {

const std::string variants =
    "variants:\n"
    "  fp32: {quantization: none}\n"
    "  loaded: {quantization: {scheme: tf, encodings: {import: e.json}}}\n"
    "  made: {quantization: {encodings: {calibrate: {samples: {per_class: 2}}}}}\n";

JobSpec with(const SetOverrides& set, const std::string& more = variants) {
  return test::parse(test::job_text(more), {.set = set, .only_variants = {}});
}

std::string error_with(const SetOverrides& set, const std::string& more = variants) {
  return test::error_of(test::job_text(more), {.set = set, .only_variants = {}});
}

TEST(SetOverride, ChangesOneVariant) {
  const JobSpec job = with({{"variants.made.quantization.scheme", "tf"}});
  EXPECT_EQ(job.variants[1].quantization.scheme, "tf");
  EXPECT_EQ(job.variants[2].quantization.scheme, "tf");
  EXPECT_EQ(with({}).variants[2].quantization.scheme, "tf_enhanced");
}

TEST(SetOverride, TopLevelPathWinsOverVariantsButSwitchesNothingOn) {
  const JobSpec job = with({{"quantization.scheme", "tf_enhanced"}, {"quantization.param.bits", "4"}});
  EXPECT_FALSE(job.variants[0].quantization.enabled);
  EXPECT_EQ(job.variants[1].quantization.scheme, "tf_enhanced");
  EXPECT_EQ(job.variants[1].quantization.param_bits, 4);
  EXPECT_EQ(job.variants[2].quantization.param_bits, 4);
}

TEST(SetOverride, WholeSectionReplacesThatOfEveryVariant) {
  for (const VariantSpec& variant : with({{"quantization", "none"}}).variants) {
    EXPECT_FALSE(variant.quantization.enabled) << variant.name;
  }
}

TEST(SetOverride, LeavesAVariantAloneThatChoseAnotherAlternative) {
  const JobSpec job = with({{"quantization.encodings.calibrate.batch_size", "16"}});
  EXPECT_EQ(job.variants[1].quantization.import_encodings, "/jobs/e.json");
  EXPECT_EQ(job.variants[2].quantization.calibration_batch_size, 16);
}

TEST(SetOverride, CanChooseTheAlternative) {
  const JobSpec job = with({{"quantization.encodings.import", "other.json"}, {"dataset.subset.first", "10"}});
  EXPECT_EQ(job.variants[2].quantization.import_encodings, "/jobs/other.json");
  EXPECT_EQ(job.variants[0].dataset.subset.kind, SubsetSpec::Kind::first);
  EXPECT_EQ(job.variants[0].dataset.subset.count, 10);
  const std::string subset = "variants: {a: {dataset: {subset: {per_class: 3}}}}\n";
  EXPECT_EQ(with({{"dataset.subset.first", "10"}}, subset).variants[0].dataset.subset.kind, SubsetSpec::Kind::first);
}

TEST(SetOverride, AddressesPreprocessingStepsByName) {
  const JobSpec job = with({{"preprocess.resize.short_side", "248"}, {"preprocess.center_crop", "200"}});
  EXPECT_EQ(job.variants[0].preprocess[0].short_side, 248);
  EXPECT_EQ(job.variants[0].preprocess[1].crop, 200);
  EXPECT_EQ(
      error_with({{"preprocess.decode.max_scans", "9"}}),
      "--set preprocess.decode.max_scans=9: error: no part of the job has 'preprocess.decode', or something else is "
      "chosen in its place\n1 error; nothing was run.");
}

TEST(SetOverride, TakesMapsAndListsInYamlAndPathsAsTheyAre) {
  const JobSpec job = with({{"dataset.subset", "{per_class: 2}"},
                            {"tags", "[a, b]"},
                            {"preprocess", "[{resize: {size: [8, 9]}}, {normalize: {mean: [1, 2, 3], std: 1}}]"},
                            {"model.weights", "a: #b*.pth"}});
  EXPECT_EQ(job.variants[0].dataset.subset.count, 2);
  EXPECT_EQ(job.tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(job.variants[0].preprocess.at(0).width, 9);
  EXPECT_EQ(job.variants[0].model.weights, "/jobs/a: #b*.pth");
}

TEST(SetOverride, LaterOnesWin) { EXPECT_EQ(with({{"run.threads", "2"}, {"run.threads", "3"}}).run.threads, 3); }

TEST(SetOverride, GivesArchitectureParametersAndReferences) {
  const JobSpec job = with({{"model.parameters.layers", "[1, 2]"},
                            {"metrics.top1.reference.made", "0.5"},
                            {"metrics.top1.tolerance", "0.25"}});
  EXPECT_EQ(job.variants[0].model.parameters.at("layers"), "1,2");
  EXPECT_TRUE(job.variants[0].gates.empty());
  ASSERT_EQ(job.variants[2].gates.size(), 1u);
  EXPECT_EQ(job.variants[2].gates[0].reference, 0.5);
}

TEST(SetOverride, UnknownPathIsAnErrorWithASuggestion) {
  EXPECT_EQ(error_with({{"modle.arch", "x"}}),
            "--set modle.arch=x: error: unknown path 'modle.arch'; did you mean 'model'?\n1 error; nothing was run.");
  EXPECT_EQ(error_with({{"model.wieghts", "x"}}),
            "--set model.wieghts=x: error: unknown path 'model.wieghts'; did you mean 'model.weights'?\n"
            "1 error; nothing was run.");
  EXPECT_EQ(error_with({{"batch_size", "4"}}),
            "--set batch_size=4: error: unknown path 'batch_size'; did you mean "
            "'quantization.encodings.calibrate.batch_size' or 'run.batch_size'?\n1 error; nothing was run.");
  EXPECT_EQ(error_with({{"variants.mad.quantization.scheme", "tf"}}),
            "--set variants.mad.quantization.scheme=tf: error: no variant 'mad' in the job; did you mean 'made'?\n"
            "1 error; nothing was run.");
  for (const char* path : {"", ".", "model.", "model..arch", "variants", "run.threads.x", "x-note"}) {
    EXPECT_NE(error_with({{path, "1"}}).find("1 error; nothing was run."), std::string::npos) << path;
  }
}

TEST(SetOverride, WrongValuesPointToTheArgument) {
  EXPECT_EQ(error_with({{"run.batch_size", "0"}, {"dataset.subset", "{first: 0}"}, {"tags", "[a"}}),
            "--set run.batch_size=0: error: run.batch_size: 0 is not allowed (1 to 1024)\n"
            "--set dataset.subset={first: 0}: error: dataset.subset.first: 0 is not allowed (1 to 1000000000)\n"
            "--set tags=[a: error: flow sequence without a closing bracket\n"
            "3 errors; nothing was run.");
  EXPECT_EQ(error_with({{"name", ""}}).substr(0, 32), "--set name=: error: name: is emp");
}

TEST(OnlyVariants, KeepsTheNamedOnesInFileOrder) {
  const JobSpec job = test::parse(test::job_text(variants), {.set = {}, .only_variants = {"made", "fp32"}});
  ASSERT_EQ(job.variants.size(), 2u);
  EXPECT_EQ(job.variants[0].name, "fp32");
  EXPECT_EQ(job.variants[1].name, "made");
}

TEST(OnlyVariants, UnknownNameIsAnErrorWithASuggestion) {
  EXPECT_EQ(test::error_of(test::job_text(variants), {.set = {}, .only_variants = {"fp23"}}),
            "--variant fp23: error: no variant 'fp23' in the job; did you mean 'fp32'?\n1 error; nothing was run.");
}

}  // namespace
}  // namespace qeval
