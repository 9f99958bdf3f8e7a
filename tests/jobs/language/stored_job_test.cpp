/// What a run stores of its job is read again as the same job: whatever `run` takes, `resume` takes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/jobs/language/described_job.h"
#include "tests/jobs/language/job_text.h"
#include "tests/jobs/language/random_job.h"

namespace qeval {
namespace {

using test::described;
using test::job_text;

bool names_output(const JobOverrides& overrides) {
  return std::any_of(overrides.set.begin(), overrides.set.end(),
                     [](const auto& assignment) { return assignment.first.starts_with("output"); });
}

JobSpec read_again(const JobSpec& job, bool output_anywhere = false) {
  return parse_stored_job({job.resolved_json, job.file, "stored job", output_anywhere});
}

void expect_same(const JobSpec& job, bool output_anywhere = false) {
  const JobSpec again = read_again(job, output_anywhere);
  EXPECT_EQ(described(again), described(job));
  EXPECT_EQ(again.resolved_json, job.resolved_json);
}

class StoredJobs : public testing::Test {
 protected:
  void SetUp() override {
    setenv("QEVAL_TEST_WORD", "wörd.1", 1);
    setenv("QEVAL_TEST_NUMBER", "4", 1);
    setenv("QEVAL_TEST_FALSE", "false", 1);
  }
  void TearDown() override {
    for (const char* name : {"QEVAL_TEST_WORD", "QEVAL_TEST_NUMBER", "QEVAL_TEST_FALSE"}) unsetenv(name);
  }
};

TEST_F(StoredJobs, EveryLegalJobMeansTheSame) {
  test::RandomJobs jobs(1);
  int legal = 0;
  for (int i = 0; i < 2000 && !HasFailure(); ++i) {
    const test::RandomJob one = jobs.next();
    SetUp();
    std::optional<JobSpec> job;
    try {
      job = parse_job_text(one.text, "/jobs/some folder/job.yaml", one.overrides);
    } catch (const JobError&) {
      continue;
    }
    if (job->variants.empty()) continue;  // all left out: there is nothing to run or to store
    ++legal;
    TearDown();  // the environment of the first attempt may be gone
    SCOPED_TRACE(one.text);
    expect_same(*job, names_output(one.overrides));
  }
  EXPECT_GT(legal, 300);
}

/// What can be read of a wrong job is read without other errors than the job's own.
TEST_F(StoredJobs, DamagedJobsEndInJobErrorsAlone) {
  test::RandomJobs jobs(2);
  std::mt19937 random(3);
  int readable = 0;
  for (int i = 0; i < 1500; ++i) {
    test::RandomJob one = jobs.next();
    const std::size_t at = random() % one.text.size();
    if (i % 3 == 0) one.text.erase(at, 1 + random() % 6);
    if (i % 3 == 1) one.text[at] = "{}[]:,'a9- "[random() % 11];
    if (i % 3 == 2) one.text.insert(at, one.text.substr(random() % one.text.size(), 8));
    try {
      parse_job_text(one.text, "/jobs/job.yaml", one.overrides);
    } catch (const JobError& error) {
      if (error.readable()) ++readable;
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what() << " from\n" << one.text;
    }
  }
  EXPECT_GT(readable, 200);
}

TEST_F(StoredJobs, ReadyMadeJobs) {
  const auto variables = {"QEVAL_DEMO", "IMAGENET", "RESNEXT101_WEIGHTS", "RESNEXT101_W8A8_STATE_DICT",
                          "RESNEXT101_W8A8_ENCODINGS"};
  for (const char* name : variables) setenv(name, "/", 1);  // which is there for w8a8
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(QEVAL_SOURCE_DIR) / "jobs")) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path().string());
    expect_same(parse_job_file(entry.path()));
  }
  for (const char* name : variables) unsetenv(name);
}

TEST_F(StoredJobs, GatesOfEveryForm) {
  const std::vector<std::string> forms{"{top1: {}}",
                                       "{top1: {}, top5: {reference: 0.9}}",
                                       "{top1: {reference: {}}}",
                                       "{top1: {reference: {a: 0.5}}}",
                                       "{top5: {reference: {b: 1, a: 0}, tolerance: 0.1}, top1: {}}",
                                       "{top1: {max_drop: 0.01}}",
                                       "{top1: {reference: {b: 1}, max_drop: {a: 0.01, b: 0.02}, alpha: 0.01}}",
                                       "{top5: {reference: {a: 1}, max_drop: {b: 0.02}}}"};
  for (const std::string& gates : forms) {
    SCOPED_TRACE(gates);
    const std::string text = job_text("variants: {b: , a: }\nmetrics: " + gates + "\n");
    expect_same(test::parse(text));
    expect_same(test::parse(text, {.set = {}, .only_variants = {"a"}}));
  }
}

TEST_F(StoredJobs, KeepABaselineThatWasNotSelected) {
  const std::string quantized = "{quantization: {encodings: {calibrate: {samples: all}}}}";
  const std::string text = job_text("variants: {float: , b: " + quantized + "}\nmetrics: {top1: {max_drop: 0.01}}\n");
  const JobSpec job = test::parse(text, {.set = {}, .only_variants = {"b"}});
  EXPECT_EQ(job.baseline, "float");
  ASSERT_EQ(job.variants.at(0).drop_gates.size(), 1u);
  expect_same(job);
}

TEST_F(StoredJobs, VariantsKeepTheirOrder) {
  const JobSpec again = read_again(test::parse(job_text("variants: {w8a8: , fp32: , a: }\n")));
  ASSERT_EQ(again.variants.size(), 3u);
  EXPECT_EQ(again.variants[0].name, "w8a8");
  EXPECT_EQ(again.variants[2].name, "a");
}

TEST_F(StoredJobs, OfAsManyVariantsAsAJobMayHave) {
  const std::string quantized = ": {quantization: {encodings: {calibrate: {samples: all}}}}\n";
  std::string variants = "variants:\n";
  for (int i = 0; i < 256; ++i) variants += "  v" + std::to_string(i) + quantized;
  expect_same(test::parse(job_text(variants)));
}

TEST_F(StoredJobs, OfEarlierVersionsHoldNullReferences) {
  const JobSpec job = test::parse(job_text("metrics: {top1: {}, top5: {reference: 0.5}}\n"));
  auto earlier = nlohmann::ordered_json::parse(job.resolved_json);
  earlier["metrics"]["top1"]["reference"] = nullptr;
  const JobSpec again = parse_stored_job({earlier.dump(2), job.file, "stored job"});
  EXPECT_EQ(described(again), described(job));
}

TEST_F(StoredJobs, OutputElsewhereStaysAllowedWithoutItsVariables) {
  setenv("QEVAL_TEST_OUT", "/elsewhere", 1);
  const JobSpec job =
      test::parse(job_text(), {.set = {{"output.export_encodings", "${QEVAL_TEST_OUT}/e.json"}}, .only_variants = {}});
  unsetenv("QEVAL_TEST_OUT");
  EXPECT_EQ(read_again(job, true).export_encodings, "/elsewhere/e.json");
  EXPECT_THROW(read_again(job, false), JobError);
}

TEST_F(StoredJobs, AFolderWhoseNameIsNoTextIsRefusedBeforeTheRun) {
  for (const std::string folder : {"/jobs/caf\xe9", "/jobs/bell\a"}) {
    try {
      parse_job_text(job_text(), folder + "/job.yaml");
      ADD_FAILURE() << folder;
    } catch (const JobError& error) {
      EXPECT_NE(std::string(error.what()).find("rename the folder"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace qeval
