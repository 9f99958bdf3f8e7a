#include <gtest/gtest.h>

#include <cstdlib>

#include "jobs/language/variable_expansion.h"
#include "tests/jobs/language/job_text.h"

namespace qeval {
namespace {

class EnvironmentGuard {
 public:
  EnvironmentGuard(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~EnvironmentGuard() { unsetenv(name_); }
  EnvironmentGuard(const EnvironmentGuard&) = delete;
  EnvironmentGuard& operator=(const EnvironmentGuard&) = delete;

 private:
  const char* name_;
};

std::string expanded(const std::string& text) {
  const VariableLookup lookup = [](const std::string& name) -> std::optional<std::string> {
    if (name == "A") return "1";
    if (name == "EMPTY") return "";
    return std::nullopt;
  };
  const ExpandedText result = expand_variables(text, lookup, {"variant"});
  return result.error.empty() ? result.text : "error: " + result.error;
}

TEST(Variables, ExpandAsInAShell) {
  EXPECT_EQ(expanded("x/${A}/y${A}"), "x/1/y1");
  EXPECT_EQ(expanded("${B:-two words}"), "two words");
  EXPECT_EQ(expanded("[${EMPTY}]"), "[]");
  EXPECT_EQ(expanded("${EMPTY:-full}"), "full");
  EXPECT_EQ(expanded("${B:-}"), "");
  EXPECT_EQ(expanded("$A $$ $"), "$A $$ $");
  EXPECT_EQ(expanded("$${A} ${A}"), "${A} 1");
  EXPECT_EQ(expanded("out/${variant}"), "out/${variant}");
}

TEST(Variables, SayWhatIsWrong) {
  EXPECT_EQ(expanded("${B}"), "error: variable B is not set");
  EXPECT_EQ(expanded("${A"), "error: '${' without '}'; write $${ for a literal ${");
  EXPECT_EQ(expanded("${}"), "error: '${}' is no variable; write ${NAME} or ${NAME:-default}");
  EXPECT_EQ(expanded("${1A}"), "error: '${1A}' is no variable; write ${NAME} or ${NAME:-default}");
}

TEST(Variables, AreNotExpandedTwice) {
  const EnvironmentGuard guard("QEVAL_TEST_VALUE", "${HOME}");
  const JobSpec job = test::parse(test::job_text("output: {export_encodings: 'e/${QEVAL_TEST_VALUE}'}\n"));
  EXPECT_EQ(job.export_encodings, "/jobs/e/${HOME}");
}

TEST(Variables, MayStandForNumbersAndBooleans) {
  const EnvironmentGuard guard("QEVAL_TEST_VALUE", "32");
  EXPECT_EQ(test::parse(test::job_text("run: {batch_size: '${QEVAL_TEST_VALUE}'}\n")).run.batch_size, 32);
  EXPECT_EQ(test::error_of(test::job_text("run: {batch_size: '${QEVAL_TEST_VALUE}00000'}\n")),
            "job.yaml:9:19: error: run.batch_size: 3200000 is not allowed (1 to 1024) (from ${QEVAL_TEST_VALUE}00000)\n"
            "run: {batch_size: '${QEVAL_TEST_VALUE}00000'}\n"
            "                  ^~~~~~~~~~~~~~~~~~~~~~~~~~\n"
            "1 error; nothing was run.");
}

TEST(Variables, ValueThatIsNotUtf8IsRefused) {
  const EnvironmentGuard guard("QEVAL_TEST_VALUE", "\xff");
  EXPECT_NE(test::error_of(test::job_text("description: ${QEVAL_TEST_VALUE}\n")).find("byte 0xff is not UTF-8"),
            std::string::npos);
}

TEST(Variables, UnsetOnesDoNotMatterWhereTheValueIsNotUsed) {
  const std::string text =
      "x-note: ${QEVAL_TEST_UNSET}\n"
      "qeval: 1\nname: n\nmodel: {arch: a, weights: '${QEVAL_TEST_UNSET}'}\ndataset: {root: d}\n"
      "preprocess: [{center_crop: 8}, {normalize: {mean: 0, std: 1}}]\n"
      "variants: {a: {model: {weights: a.pth}}, b: {dataset: {root: '${QEVAL_TEST_UNSET}'}}}\n";
  EXPECT_EQ(test::parse(text, {.set = {}, .only_variants = {"a"}}).variants.at(0).model.weights, "/jobs/a.pth");
  const JobSpec job = test::parse(
      text, {.set = {{"model.weights", "set.pth"}, {"variants.b.dataset.root", "set"}}, .only_variants = {}});
  EXPECT_EQ(job.variants.at(0).model.weights, "/jobs/set.pth");
  EXPECT_EQ(job.variants.at(1).model.weights, "/jobs/set.pth");
  EXPECT_EQ(job.variants.at(1).dataset.root, "/jobs/set");
  const std::string message = test::error_of(text);
  EXPECT_NE(message.find("2 errors; nothing was run."), std::string::npos) << message;
}

}  // namespace
}  // namespace qeval
