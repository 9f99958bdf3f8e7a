// In what two identities differ: named by fields of the job, told once, and never nothing where keys differ.
#include "jobs/prepare/changed_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qeval {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Identity identity(KeyComponents evaluation, const std::string& variant = "{}") {
  Identity made;
  made.evaluation = std::move(evaluation);
  made.variant = nlohmann::ordered_json::parse(variant);
  return made;
}

std::vector<std::string> texts(const Identity& before, const Identity& after) {
  std::vector<std::string> all;
  for (const InputChange& change : changed_inputs(before, after)) all.push_back(change_text(change));
  return all;
}

TEST(ChangedInputs, AreNothingForEqualKeys) {
  EXPECT_THAT(texts(identity({{"batch_size", "4"}}, R"({"model": {"arch": "a"}})"),
                    identity({{"batch_size", "4"}}, R"({"model": {"arch": "b"}})")),
              IsEmpty())
      << "what is not part of the key does not count";
}

TEST(ChangedInputs, AreFieldsOfTheJobThatDecideAComponent) {
  const std::string before = R"({"preprocess": [{"resize": {"short_side": 248}}], "model": {"weights": "/a"}})";
  const std::string after = R"({"preprocess": [{"resize": {"short_side": 256}}], "model": {"weights": "/b"}})";
  EXPECT_THAT(texts(identity({{"preprocess", "p"}, {"batch_size", "4"}}, before),
                    identity({{"preprocess", "q"}, {"batch_size", "5"}}, after)),
              ElementsAre("run.batch_size 4 → 5", "preprocess.resize.short_side 248 → 256"));
}

TEST(ChangedInputs, AreToldOnceWhicheverComponentsTheyChange) {
  const std::string before = R"({"quantization": {"equalize": false}})";
  const std::string after = R"({"quantization": {"equalize": true}})";
  EXPECT_THAT(texts(identity({{"graph", "g"}, {"encodings", "calibrated a"}}, before),
                    identity({{"graph", "h"}, {"encodings", "calibrated b"}, {"changes", "equalized"}}, after)),
              ElementsAre("quantization.equalize false → true"));
}

TEST(ChangedInputs, OfAMapBesideNoneAreOneChange) {
  EXPECT_THAT(texts(identity({{"quantization", "none"}}, R"({"quantization": "none"})"),
                    identity({{"quantization", "q"}}, R"({"quantization": {"scheme": "tf", "param": {"bits": 8}}})")),
              ElementsAre("quantization none → scheme tf"));
}

TEST(ChangedInputs, OfEncodingsAreThoseOfWhatTheyWereComputedFrom) {
  Identity before = identity({{"encodings", "calibrated a"}}), after = identity({{"encodings", "calibrated b"}});
  before.encodings = {{"calibration_batch_size", "4"}, {"graph", "g"}};
  after.encodings = {{"calibration_batch_size", "8"}, {"graph", "g"}};
  EXPECT_THAT(texts(before, after), ElementsAre("calibration batch size 4 → 8"));
  before.encodings.clear();
  EXPECT_THAT(texts(before, after), ElementsAre("encodings calibrated a → calibrated b")) << "an older file";
}

TEST(ChangedInputs, OfLibrariesAreTheirVersions) {
  EXPECT_THAT(texts(identity({{"environment", "libtorch=2.11.0; mkl=2024.2; cpu=A"}}),
                    identity({{"environment", "libtorch=2.13.0; mkl=2024.2"}})),
              ElementsAre("environment (libtorch 2.11.0 → 2.13.0, cpu A → none)"));
}

TEST(ChangedInputs, OfFilesAreTheirContent) {
  EXPECT_THAT(texts(identity({{"weights_sha256", "0123456789"}, {"graph", "g"}}),
                    identity({{"weights_sha256", "abcdefabcd"}, {"graph", "h"}})),
              ElementsAre("model.weights (another content, SHA-256 01234567… → abcdefab…)"));
}

TEST(ChangedInputs, OfImagesAreTheImages) {
  Identity before = identity({{"manifest", "m"}}), after = identity({{"manifest", "n"}});
  before.images = [] { return std::vector<SampleRecord>{{"a.jpg", 0, 1, {1}}, {"b.jpg", 0, 1, {2}}}; };
  after.images = [] { return std::vector<SampleRecord>{{"a.jpg", 0, 1, {9}}, {"b.jpg", 0, 1, {2}}}; };
  EXPECT_THAT(texts(before, after), ElementsAre("images (1 changed (a.jpg))"));
  after.images = [] { return std::vector<SampleRecord>{{"b.jpg", 0, 1, {2}}, {"a.jpg", 0, 1, {1}}}; };
  EXPECT_THAT(texts(before, after), ElementsAre("images (in another order)"));
  before.images = nullptr;
  EXPECT_THAT(texts(before, after), ElementsAre("images m → n")) << "nothing is known of them";
}

TEST(ChangedInputs, OfAnotherVersionOfTheProgramAreToldToo) {
  const std::string same = R"({"model": {"arch": "a"}, "quantization": {"scheme": "tf"}})";
  EXPECT_THAT(texts(identity({{"graph", "g"}}, same), identity({{"graph", "h"}}, same)),
              ElementsAre("network (of the same settings, made by another version of qeval)"));
  EXPECT_THAT(texts(identity({{"quantization", "p"}}, same), identity({{"quantization", "q"}}, same)),
              ElementsAre("quantization p → q"));
  EXPECT_THAT(texts(identity({{"scores", "probabilities"}}), identity({})), ElementsAre("scores probabilities → none"));
}

TEST(ChangedInputs, ShowNamesAsOneLine) {
  EXPECT_THAT(texts(identity({{"output", "a\nb"}}), identity({{"output", "c"}})), ElementsAre(R"(output a\nb → c)"));
}

}  // namespace
}  // namespace qeval
