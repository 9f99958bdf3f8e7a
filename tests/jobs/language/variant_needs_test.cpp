/// Variants that are left out because what they need is not at hand, and those that are not.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/jobs/language/job_text.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

constexpr const char* variable = "QEVAL_TEST_NEEDED";

class VariantNeeds : public testing::Test {
 protected:
  void SetUp() override { unsetenv(variable); }
  void TearDown() override { unsetenv(variable); }

  /// A job in a folder of its own, with a float variant beside `needing`.
  JobSpec parse(const std::string& needing, const JobOverrides& overrides = {}) const {
    return parse_job_text(test::job_text("variants:\n  fp32: {quantization: none}\n  other: " + needing + "\n"),
                          folder.path() / "job.yaml", overrides);
  }
  std::filesystem::path make_file(const std::string& name) const {
    std::ofstream(folder.path() / name) << "x";
    return folder.path() / name;
  }

  const test::TempDir folder;
};

const std::string by_variable = "{needs: [model.weights], model: {weights: '${QEVAL_TEST_NEEDED}'}}";

TEST_F(VariantNeeds, AnUnsetVariableLeavesTheVariantOut) {
  const JobSpec job = parse(by_variable);
  ASSERT_EQ(job.variants.size(), 1u);
  EXPECT_EQ(job.variants[0].name, "fp32");
  ASSERT_EQ(job.left_out.size(), 1u);
  EXPECT_EQ(job.left_out[0].name, "other");
  EXPECT_EQ(job.left_out[0].missing, "model.weights: variable QEVAL_TEST_NEEDED is not set");
}

TEST_F(VariantNeeds, AVariantWithAllItNeedsIsRun) {
  setenv(variable, make_file("other.pth").c_str(), 1);
  const JobSpec job = parse(by_variable);
  ASSERT_EQ(job.variants.size(), 2u);
  EXPECT_TRUE(job.left_out.empty());
  EXPECT_EQ(job.variants[1].model.weights, folder.path() / "other.pth");
}

TEST_F(VariantNeeds, EveryThingThatIsNotThereIsNamed) {
  make_file("there.pth");
  const JobSpec job = parse(
      "{needs: [model.weights, quantization.encodings.import, quantization.config, dataset.labels],"
      " model: {weights: there.pth}, dataset: {root: '${QEVAL_TEST_NEEDED}'},"
      " quantization: {config: htp_v73, encodings: {import: sub/gone.encodings}}}");
  ASSERT_EQ(job.left_out.size(), 1u);
  EXPECT_EQ(job.left_out[0].missing,
            "quantization.encodings.import: " + (folder.path() / "sub/gone.encodings").string() + " is not there");
  const JobSpec two = parse(
      "{needs: [dataset.root, model.weights], dataset: {root: '${QEVAL_TEST_NEEDED}/val'}, model: {weights: no}}");
  EXPECT_EQ(two.left_out.at(0).missing, "dataset.root: variable QEVAL_TEST_NEEDED is not set; model.weights: " +
                                            (folder.path() / "no").string() + " is not there");
}

TEST_F(VariantNeeds, WhatIsAskedForIsAnErrorWhereItIsMissing) {
  EXPECT_THROW(parse(by_variable, {.set = {}, .only_variants = {"other"}}), JobError);
  EXPECT_THROW(parse(by_variable, {.set = {{"variants.other.needs", "[]"}}, .only_variants = {}}), JobError);
  const JobSpec given =
      parse(by_variable, {.set = {{"variants.other.model.weights", "/not/there.pth"}}, .only_variants = {}});
  EXPECT_EQ(given.variants.at(1).model.weights, "/not/there.pth");
}

TEST_F(VariantNeeds, AMistakeIsNotTakenForSomethingMissing) {
  EXPECT_THROW(parse("{needs: [model.weights], model: {weights: '${QEVAL_TEST_NEEDED'}}"), JobError);
  EXPECT_THROW(parse("{needs: [model.weights], model: {weights: [a]}}"), JobError);
}

TEST_F(VariantNeeds, NoneMayBeLeft) {
  const JobSpec job = parse_job_text(test::job_text("variants: {other: " + by_variable + "}\n"), "/jobs/job.yaml");
  EXPECT_TRUE(job.variants.empty());
  EXPECT_EQ(job.left_out.size(), 1u);
}

TEST_F(VariantNeeds, AStoredJobHasWhatWasRunAndNeedsNothing) {
  const std::filesystem::path file = make_file("other.pth");
  setenv(variable, file.c_str(), 1);
  const JobSpec whole = parse(by_variable);
  unsetenv(variable);
  const JobSpec part = parse(by_variable);
  std::filesystem::remove(file);
  EXPECT_EQ(parse_stored_job({whole.resolved_json, whole.file, "stored job"}).variants.size(), 2u);
  EXPECT_EQ(parse_stored_job({part.resolved_json, part.file, "stored job"}).variants.size(), 1u);
  EXPECT_FALSE(nlohmann::json::parse(whole.resolved_json)["variants"]["other"].contains("needs"));
}

}  // namespace
}  // namespace qeval
