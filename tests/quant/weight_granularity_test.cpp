// Per channel and per block from the recipe to the encodings: placement, calibration and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/quant/calibration.h"

namespace qeval::test {
namespace {

using testing::HasSubstr;

/// conv 4 → 2, then a transposed convolution 2 → 3, then conv 3 → 1. Their weights lie on no grid.
Graph network() {
  Graph graph;
  graph.nodes.resize(4);
  const auto layer = [&](std::size_t index, Op op, const char* name, Tensor weight) {
    Node& node = graph.nodes[index];
    node.op = op;
    node.name = node.module = node.prepared = name;
    node.inputs = {static_cast<int>(index) - 1};
    node.weight = std::move(weight);
  };
  layer(1, Op::conv, "down", Tensor({2, 4, 1, 1}, std::vector<float>{1.1f, -2, 3.17f, -4, 5.3f, -6, 7.19f, -8}));
  layer(2, Op::conv_transpose, "up",
        Tensor({2, 3, 1, 2}, std::vector<float>{1.13f, 2, 2.9f, 4, 5.27f, 6, -7.3f, 8, -9.19f, 10, -11.71f, 12}));
  layer(3, Op::conv, "last", Tensor({1, 3, 1, 1}, std::vector<float>{1, 2, 3}));
  graph.nodes[2].bias = Tensor({3}, std::vector<float>{-1, 2, -3});
  return graph;
}

QuantRecipe per_channel_recipe(NumericsMode mode) {
  QuantRecipe recipe;
  recipe.mode = mode;
  recipe.scheme = QuantScheme::tf;
  recipe.per_channel = true;
  recipe.quantize_bias = true;
  return recipe;
}

std::vector<double> maxima(const Graph& graph, const EncodingTable& table, const std::string& key) {
  for (std::size_t i = 0; i < graph.quantizers.size(); ++i) {
    if (graph.quantizers[i].key() != key) continue;
    std::vector<double> found;
    for (const Encoding& encoding : table[i]) found.push_back(encoding.max);
    return found;
  }
  return {};
}

TEST(WeightGranularity, ChannelsOfATransposedConvolutionLieOnAxis1) {
  for (const auto mode : {NumericsMode::aimet_1_24, NumericsMode::aimet_torch_2}) {
    Graph graph = network();
    const QuantRecipe recipe = per_channel_recipe(mode);
    place_quantizers(graph, recipe);
    const EncodingTable table = encodings_without_images(graph, recipe);
    const auto close = [](const std::vector<double>& wanted) {
      return testing::Pointwise(testing::DoubleNear(1e-5), wanted);
    };
    EXPECT_THAT(maxima(graph, table, "down.weight"),
                close({4 * (mode == NumericsMode::aimet_1_24 ? 1.0 : 127.0 / 128),
                       8 * (mode == NumericsMode::aimet_1_24 ? 1.0 : 127.0 / 128)}));
    EXPECT_THAT(maxima(graph, table, "up.weight"), close({8, 10, 12}));
    EXPECT_EQ(maxima(graph, table, "up.bias").size(), 3u);
  }
}

QuantRecipe block_recipe(int size, std::vector<std::string> modules = {}) {
  QuantRecipe recipe = per_channel_recipe(NumericsMode::aimet_torch_2);
  recipe.param_block_size = size;
  recipe.block_modules = std::move(modules);
  return recipe;
}

// max = 127·δ with δ = max(max / 127, −min / 128), by block.
TEST(WeightGranularity, BlocksLieAlongTheInputChannels) {
  Graph graph = network();
  const QuantRecipe recipe = block_recipe(2, {"down", "up"});
  place_quantizers(graph, recipe);
  const EncodingTable table = encodings_without_images(graph, recipe);
  const auto close = [](const std::vector<double>& wanted) {
    return testing::Pointwise(testing::DoubleNear(1e-5), wanted);
  };
  const double negative = 127.0 / 128;
  EXPECT_THAT(maxima(graph, table, "down.weight"), close({2 * negative, 4 * negative, 6 * negative, 8 * negative}));
  EXPECT_THAT(maxima(graph, table, "up.weight"), close({8, 10, 12}));  // both inputs of an output channel are one block
  EXPECT_EQ(maxima(graph, table, "last.weight").size(), 1u);
}

TEST(WeightGranularity, BlocksOfOneInputOfATransposedConvolution) {
  Graph graph = network();
  const QuantRecipe recipe = block_recipe(1);
  place_quantizers(graph, recipe);
  const EncodingTable table = encodings_without_images(graph, recipe);
  EXPECT_THAT(maxima(graph, table, "up.weight"),
              testing::Pointwise(testing::DoubleNear(1e-5), std::vector<double>{2, 4, 6, 8, 10, 12}));
}

std::string placement_error(const QuantRecipe& recipe) {
  Graph graph = network();
  try {
    place_quantizers(graph, recipe);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(WeightGranularity, EveryWeightThatBlocksDoNotDivideIsNamed) {
  EXPECT_EQ(
      placement_error(block_recipe(2)),
      "quantization.param.block_size: blocks of 2 do not divide the input channels of last (3); choose another size, "
      "or name the modules to cut in quantization.param.block_modules");
  EXPECT_THAT(placement_error(block_recipe(5)), HasSubstr("down (4), up (2), last (3)"));
  EXPECT_EQ(placement_error(block_recipe(2, {"up"})), "");
}

TEST(WeightGranularity, BlocksNeedAModeAndModulesThatExist) {
  EXPECT_THAT(placement_error(block_recipe(2, {"dwon"})), HasSubstr("no module 'dwon' has a quantized weight"));
  QuantRecipe recipe = block_recipe(2, {"up"});
  recipe.mode = NumericsMode::aimet_1_24;
  EXPECT_EQ(placement_error(recipe),
            "quantization.param.block_size: mode aimet-1.24 has no encodings per block; modes with them: aimet-onnx-2, "
            "aimet-torch-2");
}

TEST(WeightGranularity, BlocksAreInTheIdentity) {
  EXPECT_NE(block_recipe(2, {"up"}).identity(), block_recipe(1, {"up"}).identity());
  EXPECT_NE(block_recipe(1, {"up"}).identity(), block_recipe(1, {"down"}).identity());
  EXPECT_NE(block_recipe(1).identity(), per_channel_recipe(NumericsMode::aimet_torch_2).identity());
}

TEST(WeightGranularity, HalfPrecisionNeedsNoRange) {
  Graph graph = network();
  QuantRecipe recipe = per_channel_recipe(NumericsMode::aimet_torch_2);
  recipe.param_float16 = recipe.activation_float16 = true;
  EXPECT_THAT(placement_error(recipe), HasSubstr("param_bits is 8, but data type float has 16"));
  recipe.param_bits = recipe.activation_bits = 16;
  place_quantizers(graph, recipe);
  EncodingTable table = encodings_without_images(graph, recipe);
  const ObserverBank bank(activation_call_sites(graph), activation_schemes(graph, recipe), recipe.mode);
  EXPECT_THAT(add_activation_encodings(graph, recipe, bank, table), testing::IsEmpty());
  for (const EncodingList& list : table) {
    ASSERT_EQ(list.size(), 1u);
    EXPECT_TRUE(list.front().float16);
    EXPECT_EQ(list.front().bits, 16);
  }
}

}  // namespace
}  // namespace qeval::test
