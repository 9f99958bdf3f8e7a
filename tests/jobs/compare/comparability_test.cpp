// Runs that saw other pictures are told apart, down to the field and the image.
#include "jobs/compare/comparability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qeval {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

RunRecord run_with(const std::string& preprocess, const std::string& steps, const std::string& manifest = "m") {
  RunRecord run;
  run.variant = "v";
  run.key_components = {{"manifest", manifest}, {"preprocess", preprocess}};
  run.resolved_json = R"({"variants": {"v": {"preprocess": )" + steps + "}}}";
  return run;
}

std::vector<SampleRecord> samples_of(const std::string& fingerprint) {
  if (fingerprint == "m") return {{"a.jpg", 0, 1, {1}}, {"b.jpg", 1, 1, {2}}};
  if (fingerprint == "turned") return {{"b.jpg", 1, 1, {2}}, {"a.jpg", 0, 1, {1}}};
  return {{"a.jpg", 0, 1, {9}}, {"c.jpg", 1, 1, {2}}};
}

const StoredInputs stored{[](const std::string&) { return KeyComponents(); }, samples_of};
const std::string small = R"([{"resize": {"short_side": 248, "filter": "bilinear"}}, {"center_crop": 224}])";

TEST(Comparability, OfTheSamePicturesNothingDiffers) {
  EXPECT_TRUE(same_pictures(run_with("p", small), run_with("p", small)));
  EXPECT_THAT(differing_pictures(stored, run_with("p", small), run_with("p", small)), IsEmpty());
}

TEST(Comparability, OtherPreprocessingIsNamedByItsField) {
  const std::string large = R"([{"resize": {"short_side": 256, "filter": "bilinear"}}, {"center_crop": 224}])";
  EXPECT_FALSE(same_pictures(run_with("p", small), run_with("q", large)));
  EXPECT_THAT(differing_pictures(stored, run_with("p", small), run_with("q", large)),
              ElementsAre("preprocess.resize.short_side 248 → 256"));
}

TEST(Comparability, AStepThatOneLacksIsNamed) {
  const std::string more = R"([{"decode": {"max_scans": 50}}, {"resize": {"short_side": 248, "filter": "bilinear"}},
                               {"center_crop": 224}])";
  EXPECT_THAT(differing_pictures(stored, run_with("p", small), run_with("q", more)),
              ElementsAre("preprocess.decode.max_scans none → 50"));
  EXPECT_THAT(differing_pictures(stored, run_with("q", more), run_with("p", small)),
              ElementsAre("preprocess.decode.max_scans 50 → none"));
}

TEST(Comparability, TheSameStepsOfAnotherVersionAreTold) {
  EXPECT_THAT(differing_pictures(stored, run_with("decode(1)", small), run_with("decode(2)", small)),
              ElementsAre("preprocess decode(1) → decode(2)"));
}

TEST(Comparability, OtherImagesAreNamed) {
  EXPECT_THAT(differing_pictures(stored, run_with("p", small), run_with("p", small, "other")),
              ElementsAre("images: 1 changed (a.jpg), 1 vanished (b.jpg), 1 new (c.jpg)"));
  EXPECT_THAT(differing_pictures(stored, run_with("p", small), run_with("p", small, "turned")),
              ElementsAre("images: in another order"));
}

}  // namespace
}  // namespace qeval
