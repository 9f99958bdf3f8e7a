/// Entries of AIMET's own files at which no quantizer stands here: what repeats a neighbour's encoding is no mismatch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/quant/files/aimet_encodings.h"
#include "stages/quant/placement/quantsim_config.h"
#include "stages/quant/placement/quantsim_presets.h"
#include "tests/quant/named_node.h"

namespace qeval {
namespace {

using test::node;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// softplus → relu6 → permutation, of which the ReLU6 is quantized.
Graph network() {
  Graph graph;
  Node clip = node(Op::relu6, "clip", {1});
  clip.onnx_numbers = {{"low", 0}, {"high", 6}};
  Node moved = node(Op::permute, "moved", {2});
  moved.axes = {0, 1, 3, 2};
  graph.nodes = {node(Op::input, "", {}), node(Op::softplus, "inner", {0}), clip, moved};
  for (Node& made : graph.nodes) made.onnx_output = made.name + "_out";
  QuantRecipe recipe;
  recipe.mode = NumericsMode::aimet_onnx_2;
  recipe.config = *find_quantsim_preset("default_per_tensor", recipe.mode);
  recipe.config->op_types["Softplus"].output = false;
  recipe.config->model_input = false;
  place_quantizers(graph, recipe);
  return graph;
}

EncodingEntry entry(const std::string& name, double scale, bool symmetric = false) {
  Encoding encoding;
  encoding.scale = scale;
  encoding.offset = symmetric ? -128 : 0;
  encoding.min = encoding.offset * scale;
  encoding.max = (encoding.offset + 255) * scale;
  encoding.bits = 8;
  encoding.symmetric = symmetric;
  return {.name = name, .list = {encoding}};
}

EncodingsMismatch matched(std::vector<EncodingEntry> entries) {
  EncodingsFile file;
  file.entries = std::move(entries);
  return match_encodings(network(), file);
}

TEST(RepeatedEncodings, WhatStandsBeforeAndBehindAClipWithItsGridIsNoMismatch) {
  const EncodingsMismatch mismatch = matched({entry("clip_out", 0.5), entry("inner_out", 0.5), entry("moved_out", 0.5),
                                              entry("low", 0.5), entry("high", 0.5)});
  EXPECT_TRUE(mismatch.empty());
  EXPECT_THAT(mismatch.repeated, UnorderedElementsAre("inner_out", "moved_out", "low", "high"));
}

TEST(RepeatedEncodings, AnotherGridThereIsAMismatch) {
  const EncodingsMismatch mismatch = matched({entry("clip_out", 0.5), entry("inner_out", 0.25),
                                              entry("moved_out", 0.25), entry("high", 0.7), entry("nowhere", 0.5)});
  EXPECT_THAT(mismatch.without_quantizer, UnorderedElementsAre("inner_out", "moved_out", "high", "nowhere"));
  EXPECT_THAT(mismatch.repeated, IsEmpty());
}

// aimet-onnx has quantizers of their own at them: [0, 6] for the limit 6.
TEST(RepeatedEncodings, ALimitOnItsOwnGridStaysWhatItIs) {
  const EncodingsMismatch mismatch = matched({entry("clip_out", 0.5), entry("low", 0.01), entry("high", 6.0 / 255)});
  EXPECT_TRUE(mismatch.empty());
  EXPECT_THAT(mismatch.repeated, UnorderedElementsAre("low", "high"));
}

TEST(RepeatedEncodings, DivisionsOfSizesHaveNoTensor) {
  const EncodingsMismatch mismatch =
      matched({entry("clip_out", 0.5), entry("stage2.0.module_floordiv_1:output", 0.25)});
  EXPECT_TRUE(mismatch.empty());
  EXPECT_THAT(mismatch.repeated, ElementsAre("stage2.0.module_floordiv_1:output"));
}

TEST(RepeatedEncodings, AGridThatIsBothSymmetricAndAsymmetricCountsByTheFilesOtherActivations) {
  EXPECT_TRUE(matched({entry("clip_out", 0.5, true), entry("module_floordiv:output", 0.5)}).empty());
  EXPECT_THAT(matched({entry("clip_out", 0.5, true)}).different,
              ElementsAre("clip:output: asymmetric, file symmetric"));
}

}  // namespace
}  // namespace qeval
