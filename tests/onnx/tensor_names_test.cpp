// The names of an ONNX file's tensors, by which AIMET's encodings files call its quantizers.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "stages/model/onnx/import_onnx.h"
#include "stages/quant/files/aimet_encodings.h"
#include "stages/quant/fold_batch_norm.h"
#include "tests/support/onnx_builder.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

using test::OnnxBuilder;
using testing::IsEmpty;

QuantRecipe recipe_of_1_24() {
  QuantRecipe recipe;
  recipe.quantize_bias = true;
  return recipe;
}

/// x → Conv (w, b) → BatchNormalization → Relu → Conv (v) → pool and logits, quantized.
Graph quantized_net() {
  const test::TempDir folder;
  OnnxBuilder builder;
  const std::string conv = builder.node(
      "Conv",
      {"x", builder.floats("w", {3, 3, 1, 1}, std::vector<float>(9, 1.0f)), builder.floats("b", {3}, {1, 2, 3})},
      "conv_out");
  std::vector<std::string> norm{conv};
  for (const char* name : {"gamma", "beta", "mean", "variance"}) norm.push_back(builder.floats(name, {3}, {1, 2, 3}));
  const std::string relu = builder.node("Relu", {builder.node("BatchNormalization", norm, "norm_out")}, "relu_out");
  builder.pool_to_logits(
      builder.node("Conv", {relu, builder.floats("v", {3, 3, 1, 1}, std::vector<float>(9, 1.0f))}, "last_out"));
  Graph graph = import_onnx(builder.save(folder.path()), {}).graph;
  fold_batch_norm(graph, NumericsMode::aimet_1_24);
  place_quantizers(graph, recipe_of_1_24());
  return graph;
}

std::vector<std::string> tensors_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Quantizer& quantizer : graph.quantizers)
    for (const std::string& tensor : quantizer.tensors) names.push_back(tensor);
  return names;
}

EncodingMap one_range_each(const Graph& graph) {
  EncodingMap encodings;
  for (const Quantizer& quantizer : graph.quantizers)
    encodings[quantizer.key()] = {{.max = 127.5, .scale = 0.5, .symmetric = quantizer.symmetric}};
  return encodings;
}

TEST(OnnxTensorNames, QuantizersHaveThoseOfTheFile) {
  const auto names = tensors_of(quantized_net());
  EXPECT_THAT(names, testing::IsSupersetOf({"x", "w", "b", "relu_out", "v", "last_out"}));
  // A folded batch norm's output is its convolution's; what lies inside a supergroup has no quantizer.
  EXPECT_THAT(names, testing::Not(testing::Contains("conv_out")));
}

TEST(OnnxTensorNames, EncodingsAreWrittenAndFoundUnderThem) {
  const Graph graph = quantized_net();
  const EncodingsFile file = encodings_file_of(graph, one_range_each(graph), recipe_of_1_24(), "0.6.1");
  const auto document = nlohmann::json::parse(format_encodings_file(file));
  EXPECT_TRUE(document["activation_encodings"]["relu_out"].is_array());
  EXPECT_TRUE(document["activation_encodings"]["x"].is_array());
  EXPECT_EQ(document["param_encodings"].size(), 3u);
  EXPECT_TRUE(document["param_encodings"].contains("w") && document["param_encodings"].contains("b"));
  const EncodingsMismatch mismatch = match_encodings(graph, file);
  EXPECT_THAT(mismatch.without_encoding, IsEmpty());
  EXPECT_THAT(mismatch.without_quantizer, IsEmpty());
  EXPECT_EQ(usable_encodings(graph, file).size(), graph.quantizers.size());
}

// aimet-onnx 2.42 gives the axis of a MatMul's weight, [inputs, outputs] in the file, as 1.
TEST(OnnxTensorNames, ChannelsOfATransposedWeightLieWhereTheFileHasThem) {
  const test::TempDir folder;
  OnnxBuilder builder;
  builder.pool_to_logits(
      builder.node("MatMul", {"x", builder.floats("w", {8, 8}, std::vector<float>(64, 1.0f))}, "product"));
  Graph graph = import_onnx(builder.save(folder.path()), {}).graph;
  QuantRecipe recipe;
  recipe.mode = NumericsMode::aimet_onnx_2;
  recipe.per_channel = true;
  place_quantizers(graph, recipe);
  EncodingMap encodings = one_range_each(graph);
  encodings["product.weight"] = EncodingList(8, {.max = 63.5, .scale = 0.5, .offset = -128, .symmetric = true});
  EncodingsFile file = encodings_file_of(graph, encodings, recipe, "2.0.0");
  const auto weight =
      std::find_if(file.entries.begin(), file.entries.end(), [](const auto& entry) { return entry.name == "w"; });
  ASSERT_NE(weight, file.entries.end());
  EXPECT_EQ(weight->axis, 1);
  EXPECT_TRUE(match_encodings(graph, file).empty());
  weight->axis = 0;
  EXPECT_THAT(match_encodings(graph, file).unusable, testing::SizeIs(1));
}

}  // namespace
}  // namespace qeval
