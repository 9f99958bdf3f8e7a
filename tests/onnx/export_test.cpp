// Quantized graphs written as ONNX QDQ: read back and run as a float network, they compute what the simulated executor
// computes.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/infer/executor_library.h"
#include "stages/model/node_shapes.h"
#include "stages/model/onnx/import_onnx.h"
#include "stages/quant/arithmetic/exact_sums.h"
#include "stages/quant/onnx/export_onnx_qdq.h"
#include "tests/infer/graph_fixture.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

using testing::FloatNear;
using testing::Pointwise;

Graph through_onnx(const Graph& graph, const EncodingTable& table, QdqArithmetic arithmetic = QdqArithmetic::usual) {
  const test::TempDir folder;
  const auto file = folder.path() / "net.onnx";
  export_onnx_qdq(graph, table, NumericsMode::aimet_torch_2, file, arithmetic);
  return import_onnx(file, {}).graph;
}

void expect_same_after_export(const Graph& graph, const EncodingTable& table) {
  const Graph back = through_onnx(graph, table);
  const auto images = test::images_for(graph, 4, 3);
  EXPECT_EQ(back.num_classes, graph.num_classes);
  EXPECT_THAT(test::logits_of(*test::make_float(back), back, images, 4),
              Pointwise(FloatNear(1e-5f), test::logits_of(*test::make_simulated(graph, table), graph, images, 4)));
}

int count(const Graph& graph, Op op) {
  int found = 0;
  for (const Node& node : graph.nodes) found += node.op == op;
  return found;
}

struct Net {
  Graph graph;
  int weight, input, output;
};

/// Convolution with all three kinds of quantizers, ReLU6, pool, linear.
Net quantized_net(bool per_channel) {
  test::GraphBuilder b({3, 8, 6});
  Window window;
  window.kernel = {3, 3};
  window.padding = {1, 1, 0, 2};
  const int conv = b.conv(0, 3, 4, window, 5);
  Net net;
  net.weight = b.quantize_weight(conv, per_channel);
  net.input = b.quantize_input(conv, 0);
  const int relu = b.node(Op::relu6, {conv});
  net.output = b.quantize_output(relu);
  net.graph = b.finish(relu, 4, 5);
  return net;
}

EncodingTable table_of(const Net& net, EncodingList weight, const Encoding& input, const Encoding& output) {
  EncodingTable table(net.graph.quantizers.size());
  table[static_cast<std::size_t>(net.weight)] = std::move(weight);
  table[static_cast<std::size_t>(net.input)] = {input};
  table[static_cast<std::size_t>(net.output)] = {output};
  return table;
}

TEST(OnnxExport, AsymmetricEightBits) {
  const Net net = quantized_net(false);
  const EncodingTable table =
      table_of(net, {test::encoding(-1.1, 1.9)}, test::encoding(-2.1, 1.8), test::encoding(0, 5.5));
  expect_same_after_export(net.graph, table);
  EXPECT_EQ(count(through_onnx(net.graph, table), Op::quantize_dequantize), 2);
}

TEST(OnnxExport, SymmetricWeightsPerChannel) {
  const Net net = quantized_net(true);
  EncodingList weight;
  for (const double range : {0.5, 1.0, 1.5, 2.0}) {
    const double scale = range / 127;
    weight.push_back({-128 * scale, 127 * scale, scale, -128, 8, true});
  }
  expect_same_after_export(net.graph, table_of(net, weight, test::encoding(-2.1, 1.8), test::encoding(0, 5.5)));
}

/// A transposed convolution whose weight, quantized per output channel, has the only quantizer.
Graph transposed_net(int inputs, int outputs) {
  test::GraphBuilder b({inputs, 8, 6});
  Window window;
  window.kernel = {2, 3};
  const int up = b.node(Op::conv_transpose, {0}, window);
  b.at(up).weight = test::random_tensor({inputs, outputs, 2, 3}, 21, 0.3f);
  b.quantize_weight(up, true, 1);
  return b.finish(up, outputs, 5);
}

TEST(OnnxExport, TransposedConvolutionsPerOutputChannel) {
  const Graph graph = transposed_net(3, 4);
  EncodingTable table(1);
  for (const double range : {0.2, 0.4, 0.6, 0.8})
    table[0].push_back({-range * 128 / 127, range, range / 127, -128, 8, true});
  expect_same_after_export(graph, table);
}

/// A norm with quantized factors and summands, and a product with a quantized constant.
TEST(OnnxExport, QuantizedParametersOfNormsAndConstants) {
  test::GraphBuilder b({3, 8, 6});
  const int norm = b.node(Op::batch_norm, {0});
  for (Tensor* tensor : {&b.at(norm).weight, &b.at(norm).bias, &b.at(norm).mean})
    *tensor = test::random_tensor({3}, 31, 0.5f);
  b.at(norm).variance = Tensor({3}, {1, 2, 3});
  b.quantize_weight(norm, false);
  const int product = b.node(Op::mul, {norm});
  b.at(product).weight = test::random_tensor({3, 8, 6}, 33, 0.5f);
  b.quantize_weight(product, false);
  const Graph graph = b.finish(product, 3, 5);
  expect_same_after_export(graph, {{test::encoding(-1.0, 3.0)}, {test::encoding(-2.0, 1.0)}});
}

TEST(OnnxExport, HalfPrecisionWeightsAreWrittenRounded) {
  const Net net = quantized_net(false);
  const EncodingTable table = table_of(net, {float16_encoding}, test::encoding(-2.1, 1.8), test::encoding(0, 5.5));
  expect_same_after_export(net.graph, table);
}

/// A grid of its own for each of `count` blocks; every third one is asymmetric.
EncodingList block_encodings(std::size_t count) {
  EncodingList list;
  for (std::size_t i = 0; i < count; ++i) {
    const double range = 0.1 + 0.02 * static_cast<double>(i);
    list.push_back(i % 3 == 0 ? test::encoding(-range, 2 * range) : test::encoding(-range, range));
  }
  return list;
}

TEST(OnnxExport, BlocksOfInputChannels) {
  Net net = quantized_net(true);
  net.graph.quantizers[static_cast<std::size_t>(net.weight)].block_size = 1;
  expect_same_after_export(net.graph,
                           table_of(net, block_encodings(12), test::encoding(-2.1, 1.8), test::encoding(0, 5.5)));
}

TEST(OnnxExport, BlocksOfATransposedConvolution) {
  Graph graph = transposed_net(4, 3);
  graph.quantizers.at(0).block_size = 2;
  expect_same_after_export(graph, {block_encodings(6)});
}

TEST(OnnxExport, OtherCountsOfEncodingsAreRefused) {
  Net net = quantized_net(true);
  net.graph.quantizers[static_cast<std::size_t>(net.weight)].block_size = 1;
  const EncodingTable table = table_of(net, block_encodings(4), test::encoding(-2, 2), test::encoding(0, 5));
  EXPECT_THROW(through_onnx(net.graph, table), InputError);
}

TEST(OnnxExport, ChannelsWithAndWithoutSymmetryShareOneType) {
  const Net net = quantized_net(true);
  const EncodingList weight{test::encoding(-2, 2), test::encoding(0, 2), test::encoding(-2, 0), test::encoding(-1, 2)};
  expect_same_after_export(net.graph, table_of(net, weight, test::encoding(-2.1, 1.8), test::encoding(0, 5.5)));
}

TEST(OnnxExport, FourAndSixteenBits) {
  const Net net = quantized_net(false);
  expect_same_after_export(net.graph, table_of(net, {test::encoding(-1.1, 1.9, 4)}, test::encoding(-2.1, 1.8, 16),
                                               test::encoding(0, 5.5, 4)));
  expect_same_after_export(net.graph, table_of(net, {test::encoding(-1.1, 1.9, 16)}, test::encoding(-2.1, 1.8, 4),
                                               test::encoding(0, 5.5, 2)));
}

TEST(OnnxExport, ExactArithmeticSumsWholeNumbers) {
  for (const bool per_channel : {false, true}) {
    const Net net = quantized_net(per_channel);
    const EncodingList weight(per_channel ? 4 : 1, test::encoding(-1.1, 1.9));
    const EncodingTable table = table_of(net, weight, test::encoding(-2.1, 1.8), test::encoding(0, 5.5));
    const Graph back = through_onnx(net.graph, table, QdqArithmetic::exact);
    for (const Node& node : back.nodes) {
      if (node.op == Op::quantize_dequantize) {
        EXPECT_EQ(node.grid.scale, 1);
      }
      if (node.op != Op::conv) continue;
      for (const float value : node.weight.values()) EXPECT_EQ(value, std::rint(value));
      EXPECT_FALSE(node.bias.defined());
    }
    const auto images = test::images_for(net.graph, 4, 3);
    const auto executor = make_executor(net.graph, table, {exact_executor_kind, "cpu", NumericsMode::aimet_torch_2});
    EXPECT_THAT(test::logits_of(*test::make_float(back), back, images, 4),
                Pointwise(FloatNear(1e-5f), test::logits_of(*executor, net.graph, images, 4)));
  }
}

/// A mean of whole numbers comes before its unit, in pools of every kind.
TEST(OnnxExport, ExactArithmeticAveragesWholeNumbers) {
  for (const Op op : {Op::avg_pool, Op::global_avg_pool, Op::reduce_mean}) {
    test::GraphBuilder b({2, 6, 6});
    b.quantize_output(0);
    Window window;
    if (op == Op::avg_pool) window.kernel = window.stride = {6, 6};
    const int mean = b.node(op, {0}, window);
    b.at(mean).axes = {2, 3};
    const Graph graph = b.finish_flat(mean, 2);
    const EncodingTable table{{test::encoding(-2.1, 1.8)}};
    const Graph back = through_onnx(graph, table, QdqArithmetic::exact);
    const auto images = test::images_for(graph, 3, 4);
    const auto executor = make_executor(graph, table, {exact_executor_kind, "cpu", NumericsMode::aimet_torch_2});
    EXPECT_EQ(test::logits_of(*test::make_float(back), back, images, 3), test::logits_of(*executor, graph, images, 3))
        << op_name(op);
  }
}

TEST(OnnxExport, QuantizerWithoutEncodingStaysFloat) {
  const Net net = quantized_net(false);
  EncodingTable table = table_of(net, {}, test::encoding(-2.1, 1.8), test::encoding(0, 5.5));
  table[static_cast<std::size_t>(net.input)].clear();
  expect_same_after_export(net.graph, table);
  EXPECT_EQ(count(through_onnx(net.graph, table), Op::quantize_dequantize), 1);
}

TEST(OnnxExport, EveryOperatorSurvives) {
  test::GraphBuilder b({4, 8, 8});
  Window three;
  three.kernel = {3, 3};
  three.padding = {1, 1, 1, 1};
  Window pooled = three;
  pooled.stride = {2, 2};
  pooled.ceil_mode = true;
  Window uneven = three;
  uneven.padding = {0, 2, 2, 0};
  uneven.count_include_pad = false;
  Window padding;
  padding.padding = {1, 0, 0, 1};

  const int norm = b.node(Op::batch_norm, {0});
  for (Tensor* tensor : {&b.at(norm).weight, &b.at(norm).bias, &b.at(norm).mean})
    *tensor = test::random_tensor({4}, 21);
  b.at(norm).variance = Tensor({4}, std::vector<float>{1, 2, 3, 4});
  const int leaky = b.node(Op::leaky_relu, {norm});
  b.at(leaky).alpha = 0.1f;
  const int prelu = b.node(Op::prelu, {b.node(Op::max_pool, {b.node(Op::pad, {leaky}, padding)}, pooled)});
  b.at(prelu).weight = test::random_tensor({4}, 22);
  const int clip = b.node(Op::clip, {b.node(Op::avg_pool, {prelu}, uneven)});
  b.at(clip).alpha = -1;
  b.at(clip).beta = 0.75f;
  const int up = b.node(Op::conv_transpose, {b.node(Op::add, {clip, b.node(Op::relu, {prelu})})}, three);
  b.at(up).window.stride = {2, 2};
  b.at(up).window.output_padding = {1, 1};
  b.at(up).window.groups = 2;
  b.at(up).weight = test::random_tensor({4, 3, 3, 3}, 23);
  b.at(up).bias = test::random_tensor({6}, 24);
  const int mean = b.node(Op::reduce_mean, {b.node(Op::dropout, {up})});
  b.at(mean).axes = {3};
  const int rows = b.node(Op::reshape, {mean});
  b.at(rows).shape = {6, 10};
  const int linear = b.node(Op::linear, {rows});
  b.at(linear).weight = test::random_tensor({7, 10}, 25);
  b.at(linear).bias = test::random_tensor({7}, 26);
  const int softmax = b.node(Op::softmax, {linear});
  b.at(softmax).axis = 2;
  const Graph graph = b.finish_flat(softmax, 42);
  expect_same_after_export(graph, {});
}

TEST(OnnxExport, FunctionsOfSingleValuesSurvive) {
  for (const Op op : {Op::gelu, Op::gelu_tanh, Op::tanh, Op::elu, Op::sqrt, Op::erf, Op::exp, Op::log, Op::abs,
                      Op::reciprocal, Op::softplus, Op::mish, Op::log_softmax}) {
    SCOPED_TRACE(op_name(op));
    test::GraphBuilder b({2, 3, 4});
    const int positive = b.node(Op::sigmoid, {0});
    const int node = b.node(op, {positive});
    b.at(node).alpha = 0.5f;
    expect_same_after_export(b.finish_flat(node, 24), {});
  }
}

TEST(OnnxExport, ArithmeticSurvives) {
  for (const Op op : {Op::add, Op::sub, Op::mul, Op::div, Op::minimum, Op::maximum, Op::pow})
    for (const bool first : {true, false}) {
      SCOPED_TRACE(op_name(op));
      test::GraphBuilder b({2, 3, 4});
      const int positive = b.node(Op::sigmoid, {0});
      const int sums = b.node(Op::reduce_sum, {positive});
      b.at(sums).axes = {1, 3};
      const int pair = b.node(op, first ? std::vector<int>{sums, positive} : std::vector<int>{positive, sums});
      const int node = b.node(op, {b.node(Op::sigmoid, {pair})});
      b.at(node).weight = Tensor({1, 3, 1}, std::vector<float>{0.5f, 2, 3});
      b.at(node).weight_first = first;
      expect_same_after_export(b.finish_flat(node, 24), {});
    }
}

TEST(OnnxExport, ChoicesSurvive) {
  for (const bool first : {true, false}) {
    test::GraphBuilder b({2, 3, 4});
    const int pair = b.node(Op::where, {b.node(Op::tanh, {0}), 0});
    b.at(pair).weight = Tensor({1, 3, 1}, std::vector<float>{0, 1, 0});
    const int one = b.node(Op::where, {pair});
    b.at(one).weight = Tensor({2, 1, 4}, std::vector<float>{0, 1, 0, 1, 1, 1, 0, 0});
    b.at(one).bias = Tensor({1, 3, 1}, std::vector<float>{5, 6, 7});
    b.at(one).weight_first = first;
    expect_same_after_export(b.finish_flat(one, 24), {});
  }
}

TEST(OnnxExport, LocalResponseNormSurvives) {
  test::GraphBuilder b({7, 3, 4});
  const int norm = b.node(Op::local_response_norm, {0});
  b.at(norm).window.kernel[0] = 4;
  b.at(norm).alpha = 0.5f;
  b.at(norm).beta = 0.7f;
  b.at(norm).epsilon = 1.5f;
  expect_same_after_export(b.finish_flat(norm, 84), {});
}

/// The third window along the width would begin behind the picture.
TEST(OnnxExport, MaxPoolsOfSizesRoundedUpSurvive) {
  for (const int width : {6, 7}) {
    test::GraphBuilder b({2, 9, width});
    Window window;
    window.kernel = {3, 1};
    window.stride = {2, 2};
    window.ceil_mode = true;
    const int pool = b.node(Op::max_pool, {0}, window);
    Window whole;
    whole.kernel = {4, width == 6 ? 3 : 4};
    const int all = b.node(Op::max_pool, {pool}, whole);
    const Graph graph = b.finish_flat(all, 2);
    const Graph back = through_onnx(graph, {});
    EXPECT_FALSE(back.nodes.at(1).window.ceil_mode);
    EXPECT_EQ(node_shapes(back).at(1), node_shapes(graph).at(1)) << width;
    expect_same_after_export(graph, {});
  }
}

/// onnxruntime takes no pads as wide as the kernel, which the last window of one with gaps may need.
TEST(OnnxExport, MaxPoolsWithGapsGetNoPadsAsWideAsTheirKernel) {
  test::GraphBuilder b({2, 3, 7});
  Window window;
  window.kernel = {1, 3};
  window.stride = {1, 3};
  window.dilation = {1, 2};
  window.padding = {0, 0, 1, 1};
  window.ceil_mode = true;
  const Graph graph = b.finish_flat(b.node(Op::max_pool, {0}, window), 18);
  EXPECT_LT(through_onnx(graph, {}).nodes.at(1).window.padding[3], 3);
  expect_same_after_export(graph, {});
}

TEST(OnnxExport, MovementsSurvive) {
  test::GraphBuilder b({3, 6, 8});
  const int slice = b.node(Op::slice, {0});
  b.at(slice).axis = 3;
  b.at(slice).first = 7;
  b.at(slice).last = -1;
  b.at(slice).step = -2;
  const int gather = b.node(Op::gather, {slice});
  b.at(gather).positions = {2, 0, 2};
  const int by_value = b.node(Op::pad_axes, {gather});
  b.at(by_value).pads = {1, 0, -1, 2, 0, 3};
  b.at(by_value).alpha = -0.5f;
  const int reflected = b.node(Op::pad_axes, {by_value});
  b.at(reflected).pads = {0, 0, 2, 1, 0, 1};
  b.at(reflected).pad_mode = PadMode::reflect;
  const int slopes = b.node(Op::prelu, {b.node(Op::tanh, {reflected})});
  b.at(slopes).weight = Tensor({1, 10, 1}, test::numbers(10, 31));
  Window gaps;
  gaps.kernel = {2, 3};
  gaps.dilation = {2, 1};
  gaps.padding = {1, 0, 2, 1};
  gaps.ceil_mode = true;
  gaps.stride = {2, 2};
  gaps.count_include_pad = false;
  const int maximum = b.node(Op::reduce_max, {b.node(Op::avg_pool, {slopes}, gaps)});
  b.at(maximum).axes = {2};
  expect_same_after_export(b.finish_flat(maximum, 4 * 5), {});
}

TEST(OnnxExport, ChannelsThatDoNotFitAreNamed) {
  const Net net = quantized_net(true);
  const EncodingList three(3, test::encoding(-1, 1));
  const test::TempDir folder;
  try {
    export_onnx_qdq(net.graph, table_of(net, three, test::encoding(-2, 2), test::encoding(0, 5)),
                    NumericsMode::aimet_torch_2, folder.path() / "net.onnx");
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("conv1.weight needs 4 encodings, but has 3"));
  }
}

}  // namespace
}  // namespace qeval
