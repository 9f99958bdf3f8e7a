// An operator means the same in every opset, however its parameters are written there.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/infer/executor_library.h"
#include "stages/model/onnx/import_onnx.h"
#include "tests/infer/graph_fixture.h"
#include "tests/support/onnx_builder.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

using test::OnnxBuilder;
using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;

using Values = std::vector<float>;
using Ints = std::vector<std::int64_t>;

Graph imported(const OnnxBuilder& builder) {
  const test::TempDir folder;
  return import_onnx(builder.save(folder.path()), {}).graph;
}

std::string refusal(const OnnxBuilder& builder) {
  try {
    imported(builder);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

Values run(OnnxBuilder& b, const std::string& value, const Values& image) {
  b.output(b.node("Flatten", {value}, "logits"));
  const Graph graph = imported(b);
  return test::logits_of(*test::make_float(graph), graph, image, 1);
}

OnnxBuilder row_of(int opset) { return OnnxBuilder({1, 1, 4}, opset); }

TEST(OnnxOpsets, ClipHasAttributesBefore11AndInputsSince) {
  for (const int opset : {7, 10}) {
    OnnxBuilder b = row_of(opset);
    EXPECT_THAT(run(b, b.node("Clip", {"x"}, "c", {{"min", -1.0f}, {"max", 2.0f}}), {-3, -1, 1, 3}),
                ElementsAre(-1, -1, 1, 2));
  }
  for (const int opset : {11, 24}) {
    OnnxBuilder b = row_of(opset);
    b.floats("low", {}, {-1});
    b.floats("high", {}, {2});
    EXPECT_THAT(run(b, b.node("Clip", {"x", "low", "high"}, "c"), {-3, -1, 1, 3}), ElementsAre(-1, -1, 1, 2));
  }
}

TEST(OnnxOpsets, PadHasAttributesBefore11AndInputsSince) {
  OnnxBuilder old = row_of(7);
  EXPECT_THAT(run(old, old.node("Pad", {"x"}, "p", {{"pads", Ints{0, 0, 0, 1, 0, 0, 0, 2}}}), {1, 2, 3, 4}),
              ElementsAre(0, 1, 2, 3, 4, 0, 0));
  OnnxBuilder late = row_of(24);
  late.integers("pads", {0, 0, 0, 1, 0, 0, 0, 2});
  EXPECT_THAT(run(late, late.node("Pad", {"x", "pads"}, "p"), {1, 2, 3, 4}), ElementsAre(0, 1, 2, 3, 4, 0, 0));
}

TEST(OnnxOpsets, DropoutIsNothingUnlessSwitchedOn) {
  OnnxBuilder old = row_of(7);
  EXPECT_THAT(run(old, old.node("Dropout", {"x"}, "d", {{"ratio", 0.5f}}), {1, 2, 3, 4}), ElementsAre(1, 2, 3, 4));
  for (const bool training : {false, true}) {
    OnnxBuilder late = row_of(22);
    late.floats("ratio", {}, {0.5f});
    late.tensor("training", onnx::TensorProto::BOOL, {}).add_int32_data(training);
    const std::string value = late.node("Dropout", {"x", "ratio", "training"}, "d");
    if (!training) {
      EXPECT_THAT(run(late, value, {1, 2, 3, 4}), ElementsAre(1, 2, 3, 4));
      continue;
    }
    late.output(late.node("Flatten", {value}, "logits"));
    EXPECT_THAT(refusal(late), HasSubstr("node 'd' (Dropout): it is in training mode"));
  }
}

TEST(OnnxOpsets, ABatchNormOfOldTellsTrainingByItsOutputs) {
  const auto norm = [](OnnxBuilder& b, const test::OnnxAttributes& attributes) {
    for (const char* name : {"g", "b", "m", "v"}) b.floats(name, {1}, {1});
    return b.node("BatchNormalization", {"x", "g", "b", "m", "v"}, "n", attributes);
  };
  OnnxBuilder trained = row_of(9), training = row_of(9), spatial = row_of(7);
  EXPECT_THAT(run(trained, norm(trained, {{"epsilon", 0.0f}}), {1, 2, 3, 4}), ElementsAre(1, 2, 3, 4));
  training.output(training.node("Flatten", {norm(training, {})}, "logits"));
  training.model.mutable_graph()->mutable_node(0)->add_output("mean");
  EXPECT_THAT(refusal(training), HasSubstr("node 'n' (BatchNormalization): it has the outputs of training"));
  spatial.output(spatial.node("Flatten", {norm(spatial, {{"spatial", std::int64_t{0}}})}, "logits"));
  EXPECT_THAT(refusal(spatial), HasSubstr("statistics of every pixel"));
}

TEST(OnnxOpsets, SizesAreSlicedByAttributesBefore10AndInputsSince) {
  const auto reshaped = [](OnnxBuilder& b, const std::string& batch) {
    b.integers("rest", {-1});
    return b.node("Reshape", {"x", b.node("Concat", {batch, "rest"}, "sizes", {{"axis", std::int64_t{0}}})}, "r");
  };
  OnnxBuilder old = row_of(9), late = row_of(24);
  const std::string first = old.node("Slice", {old.node("Shape", {"x"}, "shape")}, "batch",
                                     {{"axes", Ints{0}}, {"starts", Ints{0}}, {"ends", Ints{1}}});
  EXPECT_THAT(run(old, reshaped(old, first), {1, 2, 3, 4}), ElementsAre(1, 2, 3, 4));
  late.integers("start", {0});
  late.integers("end", {1});
  const std::string same = late.node("Slice", {late.node("Shape", {"x"}, "shape"), "start", "end"}, "batch");
  EXPECT_THAT(run(late, reshaped(late, same), {1, 2, 3, 4}), ElementsAre(1, 2, 3, 4));
}

TEST(OnnxOpsets, LogSoftmaxRunsOverTheClasses) {
  for (const int opset : {9, 17}) {
    OnnxBuilder b = row_of(opset);
    b.output(b.node("LogSoftmax", {b.node("Flatten", {"x"}, "f")}, "logits"));
    const Graph graph = imported(b);
    const float quarter = std::log(0.25f);
    EXPECT_THAT(test::logits_of(*test::make_float(graph), graph, Values{2, 2, 2, 2}, 1),
                testing::Each(FloatNear(quarter, 1e-6f)));
  }
}

TEST(OnnxOpsets, OthersAreRefusedByName) {
  for (const int opset : {6, 25}) {
    OnnxBuilder b = row_of(opset);
    b.output(b.node("Flatten", {"x"}, "logits"));
    EXPECT_THAT(refusal(b), HasSubstr("opset " + std::to_string(opset) + ", but 7 to 24 are understood"));
  }
}

}  // namespace
}  // namespace qeval
