// Constants that operators read beside activations and weights: aimet-onnx 2.42 has a quantizer at each of them, sets
// it as those of activations, and refuses a file without its encoding (observed with
// tools/oracle/aimet_round_trips.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "stages/model/onnx/import_onnx.h"
#include "stages/quant/calibration.h"
#include "stages/quant/files/aimet_encodings.h"
#include "stages/quant/placement/quantizer_groups.h"
#include "tests/support/onnx_builder.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

using test::OnnxBuilder;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

Graph imported(const OnnxBuilder& builder) {
  const test::TempDir folder;
  return import_onnx(builder.save(folder.path()), {}).graph;
}

/// x → Clip (low, high) → Div (two) → Mul (factors) → Add (one) → pool and logits.
Graph with_constants() {
  OnnxBuilder builder;
  const std::string clip =
      builder.node("Clip", {"x", builder.floats("low", {}, {0}), builder.floats("high", {}, {6})}, "clip_out");
  const std::string halves = builder.node("Div", {clip, builder.floats("two", {}, {2})}, "div_out");
  const std::string scaled =
      builder.node("Mul", {halves, builder.floats("factors", {3, 1, 1}, {0.5f, -0.25f, 2})}, "mul_out");
  builder.pool_to_logits(builder.node("Add", {scaled, builder.floats("one", {}, {1})}, "add_out"));
  return imported(builder);
}

QuantRecipe recipe_of(NumericsMode mode) {
  QuantRecipe recipe;
  recipe.mode = mode;
  recipe.scheme = QuantScheme::tf;
  return recipe;
}

Graph placed(const QuantRecipe& recipe) {
  Graph graph = with_constants();
  place_quantizers(graph, recipe);
  return graph;
}

std::vector<std::string> tensors_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Quantizer& quantizer : graph.quantizers)
    names.insert(names.end(), quantizer.tensors.begin(), quantizer.tensors.end());
  return names;
}

EncodingMap by_key(const Graph& graph, const EncodingTable& table) {
  EncodingMap map;
  for (std::size_t q = 0; q < table.size(); ++q)
    if (!table[q].empty()) map[graph.quantizers[q].key()] = table[q];
  return map;
}

TEST(ConstantOperands, AimetOnnxQuantizesEach) {
  EXPECT_THAT(tensors_of(placed(recipe_of(NumericsMode::aimet_onnx_2))),
              UnorderedElementsAre("x", "low", "high", "clip_out", "two", "div_out", "factors", "mul_out", "one",
                                   "add_out", "pooled"));
}

TEST(ConstantOperands, OtherModesHaveNoQuantizersThere) {
  for (const NumericsMode mode : {NumericsMode::aimet_torch_2, NumericsMode::aimet_1_24})
    EXPECT_THAT(tensors_of(placed(recipe_of(mode))),
                AllOf(Contains("mul_out"), Not(Contains("factors")), Not(Contains("one")), Not(Contains("high"))));
}

TEST(ConstantOperands, TheyAreSwitchedWithTheNetworksInput) {
  QuantRecipe recipe = recipe_of(NumericsMode::aimet_onnx_2);
  recipe.quantize_input = false;
  EXPECT_THAT(tensors_of(placed(recipe)), UnorderedElementsAre("clip_out", "div_out", "mul_out", "add_out", "pooled"));
}

TEST(ConstantOperands, TheyHaveBitsAndSymmetryOfActivations) {
  QuantRecipe recipe = recipe_of(NumericsMode::aimet_onnx_2);
  recipe.activation_bits = 16;
  recipe.param_bits = 4;
  const Graph graph = placed(recipe);
  for (const Quantizer& quantizer : graph.quantizers) {
    EXPECT_EQ(quantizer.bits, 16) << quantizer.key();
    EXPECT_FALSE(quantizer.symmetric) << quantizer.key();
  }
}

TEST(ConstantOperands, TheirEncodingsStandAmongTheActivationsOfAFile) {
  const QuantRecipe recipe = recipe_of(NumericsMode::aimet_onnx_2);
  const Graph graph = placed(recipe);
  const EncodingMap encodings = by_key(graph, encodings_without_images(graph, recipe));
  const auto document =
      nlohmann::json::parse(format_encodings_file(encodings_file_of(graph, encodings, recipe, "0.6.1")));
  const auto range = [&](const char* name) {
    const auto& entry = document["activation_encodings"].at(name).at(0);
    return std::pair(entry["min"].get<double>(), entry["max"].get<double>());
  };
  EXPECT_EQ(range("high"), std::pair(0.0, 6.0));
  EXPECT_EQ(range("two"), std::pair(0.0, 2.0));
  EXPECT_EQ(range("one"), std::pair(0.0, 1.0));
  // From −0.25 to 2, its zero on the grid.
  EXPECT_NEAR(range("factors").first, -28 * 2.25 / 255, 1e-9);
  EXPECT_TRUE(document["param_encodings"].empty());
}

// aimet-onnx lets activations pass while it observes, and counts constants among them.
TEST(ConstantOperands, TheyPassWhileImagesAreObserved) {
  const QuantRecipe recipe = recipe_of(NumericsMode::aimet_onnx_2);
  const Graph graph = placed(recipe);
  EXPECT_THAT(by_key(graph, encodings_while_observing(graph, encodings_without_images(graph, recipe))), IsEmpty());
}

TEST(ConstantOperands, NumbersNeedNoEncodingAndTakeOneThatHoldsThem) {
  const QuantRecipe recipe = recipe_of(NumericsMode::aimet_onnx_2);
  const Graph graph = placed(recipe);
  const auto entry = [](const std::string& name, double scale) {
    Encoding encoding;
    encoding.scale = scale;
    encoding.max = 255 * scale;
    return EncodingEntry{.name = name, .list = {encoding}};
  };
  EncodingsFile file;
  for (const char* name : {"x", "clip_out", "div_out", "factors", "mul_out", "one", "add_out", "pooled"})
    file.entries.push_back(entry(name, 0.1));
  EXPECT_TRUE(match_encodings(graph, file).empty());
  file.entries.push_back(entry("two", 2.0 / 255));
  EXPECT_TRUE(match_encodings(graph, file).empty());
  file.entries.push_back(entry("high", 0.7));
  EXPECT_THAT(match_encodings(graph, file).without_quantizer, ElementsAre("high"));
}

// What is computed with a number does not change, so that nothing is lost by its quantizer.
TEST(ConstantOperands, SensitivityHasNoGroupsOfNumbers) {
  const QuantRecipe recipe = recipe_of(NumericsMode::aimet_onnx_2);
  const Graph graph = placed(recipe);
  std::vector<std::string> modules;
  for (const QuantizerGroup& group : quantizer_groups(graph, encodings_without_images(graph, recipe)))
    modules.push_back(group.module);
  EXPECT_THAT(modules, UnorderedElementsAre("mul_out", "add_out"));
}

TEST(ConstantOperands, AReductionThatDropsItsAxesHasItsTensorsName) {
  OnnxBuilder builder;
  const std::string relu = builder.node("Relu", {"x"}, "relu_out");
  builder.output(builder.node("ReduceMean", {relu}, "mean_out",
                              {{"axes", std::vector<std::int64_t>{2, 3}}, {"keepdims", std::int64_t{0}}}));
  Graph graph = imported(builder);
  place_quantizers(graph, recipe_of(NumericsMode::aimet_onnx_2));
  EXPECT_THAT(tensors_of(graph), UnorderedElementsAre("x", "relu_out", "mean_out"));
}

}  // namespace
}  // namespace qeval
