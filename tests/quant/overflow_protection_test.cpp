// Weight scales raised against overflow. Expected: aimet_torch 2.42's QuantizationSimModel on a convolution of 64
// inputs and 4 outputs (weights randn · {0.5, 3e-5, 2e-4, 1e-3}, seed 5; input and output quantizers asymmetric), its
// weight scales after compute_param_encodings and after compute_encodings; for aimet-onnx-2 what aimet_onnx 2.42's
// steps give on the same numbers.
#include "stages/quant/overflow_protection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/quant/analyzers/encoding_torch_2.h"
#include "stages/quant/placement/quantsim_config.h"

namespace qeval::test {
namespace {

using testing::ElementsAre;

const std::vector<float> calibrated{0.01094434317201376f, 4.6107263074190996e-07f, 3.971630576415919e-06f,
                                    2.247966949653346e-05f};

struct Grid {
  double scale, offset;
  int bits;
};

const Grid input_8{0.026461021974682808, -130, 8}, output_8{0.1713280826807022, -22, 8};
const Grid input_16{0.0001029611739795655, -33375, 16}, output_16{0.0006666462286375463, -5533, 16};

/// A convolution with a quantizer before it, behind it and on its weight, which has one encoding per channel.
struct Network {
  Graph graph;
  EncodingTable table;

  Network(const Grid& input, const Grid& output, std::vector<float> bias) {
    graph.nodes.resize(2);
    Node& conv = graph.nodes[1];
    conv.op = Op::conv;
    conv.name = conv.module = "conv";
    conv.inputs = {0};
    conv.weight = Tensor({4, 64, 1, 1}, std::vector<float>(256, 1));
    if (!bias.empty()) conv.bias = Tensor({4}, std::move(bias));
    conv.weight_quantizer = 0;
    conv.input_quantizers = {1};
    conv.output_quantizer = 2;
    graph.quantizers.resize(3);
    graph.quantizers[0].role = QuantizerRole::param;
    graph.quantizers[0].per_channel = true;
    table = {{}, {encoding(input)}, {encoding(output)}};
    for (const float scale : calibrated)
      table[0].push_back(encoding_torch_2(-128 * scale, 127 * scale, {.bits = 8, .symmetric = true}));
  }

  static Encoding encoding(const Grid& grid) {
    const double levels = grid.bits == 8 ? 255 : 65535;
    return {grid.scale * grid.offset, grid.scale * (grid.offset + levels), grid.scale, grid.offset, grid.bits};
  }

  std::vector<float> protected_scales(NumericsMode mode) {
    protect_from_overflow(graph, mode, table);
    std::vector<float> scales;
    for (const Encoding& weight : table[0]) scales.push_back(static_cast<float>(weight.scale));
    return scales;
  }
};

const std::vector<float> biases{0.125f, 40.0f, -0.5f, 0.0f};

TEST(OverflowProtection, RaisesScalesThatABiasOf32BitsWouldNotFit) {
  Network network(input_8, output_8, biases);
  EXPECT_THAT(
      network.protected_scales(NumericsMode::aimet_torch_2),
      ElementsAre(0.01094434317201376f, 7.039310503387242e-07f, 3.971630576415919e-06f, 2.247966949653346e-05f));
  EXPECT_EQ(network.table[0][1].min, -9.010317444335669e-05f);
  EXPECT_EQ(network.table[0][1].max, 8.939924009609967e-05f);
  EXPECT_EQ(network.table[0][1].offset, -128);
}

TEST(OverflowProtection, SixteenBitActivationsNeedMoreOfIt) {
  EXPECT_THAT(
      Network(input_16, output_16, biases).protected_scales(NumericsMode::aimet_torch_2),
      ElementsAre(0.01094434317201376f, 0.00018091029778588563f, 1.8943810573546216e-05f, 2.247966949653346e-05f));
}

TEST(OverflowProtection, WithoutABiasTheOutputsZeroPointIsWhatCounts) {
  EXPECT_THAT(Network(input_8, {0.06429119408130646, -59, 8}, {}).protected_scales(NumericsMode::aimet_torch_2),
              testing::ElementsAreArray(calibrated));
  EXPECT_THAT(
      Network(input_16, {0.00025016028666868806, -15243, 16}, {}).protected_scales(NumericsMode::aimet_torch_2),
      ElementsAre(0.01094434317201376f, 1.7246147763216868e-05f, 1.7246147763216868e-05f, 2.247966949653346e-05f));
}

TEST(OverflowProtection, AimetOnnxNeedsNoOutputQuantizerAndSetsTheScaleItself) {
  Network network(input_16, output_16, biases);
  EXPECT_THAT(
      network.protected_scales(NumericsMode::aimet_onnx_2),
      ElementsAre(0.01094434317201376f, 0.0001809102832339704f, 1.8943810573546216e-05f, 2.247966949653346e-05f));
  EXPECT_EQ(network.table[0][1].min, -0.02315651625394821f);
  EXPECT_EQ(network.table[0][1].max, 0.022975606843829155f);
  Network open(input_16, output_16, biases);
  open.table[2].clear();
  EXPECT_THAT(
      open.protected_scales(NumericsMode::aimet_onnx_2),
      ElementsAre(0.01094434317201376f, 0.0001809102832339704f, 3.971630576415919e-06f, 2.247966949653346e-05f));
}

TEST(OverflowProtection, AimetTorchNeedsAnOutputQuantizerForIt) {
  Network network(input_16, output_16, biases);
  network.table[2].clear();
  EXPECT_THAT(network.protected_scales(NumericsMode::aimet_torch_2), testing::ElementsAreArray(calibrated));
}

TEST(OverflowProtection, AimetTorchLooksAtTheTensorOnly) {
  Network network(input_16, output_16, biases);
  // The input's quantizer stands behind an operator that keeps the grid, as in dropout or flatten.
  for (const auto& [between, known] : {std::pair(Op::dropout, true), std::pair(Op::flatten, false)}) {
    Network moved = network;
    Node node;
    node.op = between;
    node.inputs = {0};
    moved.graph.nodes.insert(moved.graph.nodes.begin() + 1, node);
    moved.graph.nodes[0].output_quantizer = 1;
    moved.graph.nodes[2].inputs = {1};
    moved.graph.nodes[2].input_quantizers.clear();
    EXPECT_EQ(moved.protected_scales(NumericsMode::aimet_torch_2)[1] != calibrated[1], known);
    Network in_onnx = network;
    in_onnx.graph = moved.graph;
    EXPECT_NE(in_onnx.protected_scales(NumericsMode::aimet_onnx_2)[1], calibrated[1]);
  }
}

TEST(OverflowProtection, BlocksHalfPrecisionAndOlderModesAreLeftAlone) {
  Network blocks(input_16, output_16, biases);
  blocks.graph.quantizers[0].block_size = 32;
  blocks.table[0].resize(8, blocks.table[0][1]);
  const EncodingTable before = blocks.table;
  protect_from_overflow(blocks.graph, NumericsMode::aimet_torch_2, blocks.table);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(blocks.table[0][i].scale, before[0][i].scale);

  Network half(input_16, output_16, biases);
  half.table[0] = {float16_encoding};
  protect_from_overflow(half.graph, NumericsMode::aimet_torch_2, half.table);
  EXPECT_TRUE(half.table[0][0].float16);

  EXPECT_THAT(Network(input_16, output_16, biases).protected_scales(NumericsMode::aimet_1_24),
              testing::ElementsAreArray(calibrated));
}

}  // namespace
}  // namespace qeval::test
