// What users of an executor rely on, on small graphs.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/infer/executor_library.h"
#include "stages/quant/arithmetic/quantize.h"
#include "tests/infer/graph_fixture.h"

namespace qeval {
namespace {

using test::encoding;
using testing::HasSubstr;

/// A residual network with grouped convolution; every activation and the first weight have a quantizer.
struct Network {
  Graph graph;
  int input = -1, weight = -1, stem = -1, branch = -1, sum = -1;
};

Network make_network() {
  Window same;
  same.kernel = {3, 3};
  same.padding = {1, 1, 1, 1};
  test::GraphBuilder b({3, 16, 16});
  Network network;
  const int stem_conv = b.conv(0, 3, 16, same, 1);
  network.input = b.quantize_input(stem_conv, 0);
  network.weight = b.quantize_weight(stem_conv, true);
  const int stem = b.node(Op::relu, {stem_conv});
  network.stem = b.quantize_output(stem);
  same.groups = 4;
  const int branch = b.conv(stem, 16, 16, same, 3);
  network.branch = b.quantize_output(branch);
  const int relu = b.node(Op::relu, {b.node(Op::add, {branch, stem})});
  network.sum = b.quantize_output(relu);
  network.graph = b.finish(relu, 16, 10);
  return network;
}

EncodingTable full_table(const Network& network) {
  EncodingTable table(network.graph.quantizers.size());
  table[network.input] = {encoding(-2, 2)};
  table[network.weight] = EncodingList(16, encoding(-0.7, 0.7));
  table[network.stem] = {encoding(0, 5)};
  table[network.branch] = {encoding(-6, 6)};
  table[network.sum] = {encoding(0, 8)};
  return table;
}

TEST(Executor, ConcurrentCallsGiveTheBitsOfSequentialOnes) {
  const Network network = make_network();
  for (const auto& executor :
       {test::make_float(network.graph), test::make_simulated(network.graph, full_table(network))}) {
    const auto images = test::images_for(network.graph, 8, 3);
    const auto alone = test::logits_of(*executor, network.graph, images, 8);
    std::vector<std::vector<float>> together(4);
    {
      std::vector<std::jthread> threads;
      for (auto& logits : together)
        threads.emplace_back([&] { logits = test::logits_of(*executor, network.graph, images, 8); });
    }
    for (const auto& logits : together) EXPECT_EQ(logits, alone);
  }
}

TEST(Executor, FirstCallsMayBeConcurrent) {
  const Network network = make_network();
  const auto images = test::images_for(network.graph, 4, 3);
  const auto expected = test::logits_of(*test::make_float(network.graph), network.graph, images, 4);
  const auto executor = test::make_float(network.graph);
  std::vector<std::vector<float>> results(3);
  {
    std::vector<std::jthread> threads;
    for (auto& logits : results)
      threads.emplace_back([&] { logits = test::logits_of(*executor, network.graph, images, 4); });
  }
  for (const auto& logits : results) EXPECT_EQ(logits, expected);
}

TEST(Executor, AnImagesLogitsDoNotDependOnItsNeighboursInABatch) {
  const Network network = make_network();
  const auto executor = test::make_simulated(network.graph, full_table(network));
  auto first = test::images_for(network.graph, 8, 3), second = test::images_for(network.graph, 8, 4);
  const std::size_t pixels = first.size() / 8;
  std::copy_n(first.begin(), pixels, second.begin() + static_cast<std::ptrdiff_t>(5 * pixels));
  const auto a = test::logits_of(*executor, network.graph, first, 8);
  const auto b = test::logits_of(*executor, network.graph, second, 8);
  EXPECT_TRUE(std::equal(a.begin(), a.begin() + 10, b.begin() + 50));
}

TEST(Executor, InputIsNotChanged) {
  const Network network = make_network();
  const auto images = test::images_for(network.graph, 2, 3);
  const auto copy = images;  // NOLINT(performance-unnecessary-copy-initialization): what it was before
  test::logits_of(*test::make_simulated(network.graph, full_table(network)), network.graph, images, 2);
  EXPECT_EQ(images, copy);
}

TEST(Executor, GraphMayGoAwayAfterConstruction) {
  auto network = std::make_unique<Network>(make_network());
  const auto images = test::images_for(network->graph, 2, 3);
  const auto expected = test::logits_of(*test::make_float(network->graph), network->graph, images, 2);
  const auto executor = test::make_float(network->graph);
  network.reset();
  std::vector<float> logits(20);
  executor->infer(images, 2, logits);
  EXPECT_EQ(logits, expected);
}

TEST(FloatExecutor, IgnoresQuantizers) {
  Network network = make_network();
  const auto images = test::images_for(network.graph, 2, 3);
  const auto with = make_executor(network.graph, full_table(network), {"float", "cpu"});
  EXPECT_EQ(test::logits_of(*with, network.graph, images, 2),
            test::logits_of(*test::make_float(network.graph), network.graph, images, 2));
}

TEST(SimulatedExecutor, WithoutEncodingsEqualsFloat) {
  const Network network = make_network();
  const auto images = test::images_for(network.graph, 2, 3);
  const auto quantized = test::make_simulated(network.graph, EncodingTable(network.graph.quantizers.size()));
  EXPECT_THAT(test::logits_of(*quantized, network.graph, images, 2),
              testing::Pointwise(testing::FloatNear(1e-5f),
                                 test::logits_of(*test::make_float(network.graph), network.graph, images, 2)));
}

TEST(SimulatedExecutor, QuantizesAnOutputExactlyAsTheKernelDoes) {
  test::GraphBuilder b({3, 8, 8});
  const int relu = b.node(Op::relu, {0});
  const int quantizer = b.quantize_output(relu);
  const Graph graph = b.finish_flat(relu, 3 * 8 * 8);
  auto images = test::images_for(graph, 2, 7);
  images[0] = -0.0f;
  images[1] = std::numeric_limits<float>::infinity();
  images[2] = -std::numeric_limits<float>::infinity();
  images[3] = std::numeric_limits<float>::denorm_min();
  for (const NumericsMode mode : {NumericsMode::aimet_1_24, NumericsMode::aimet_torch_2})
    for (const Encoding& e : {encoding(0, 1.5), encoding(-0.5, 1.5), encoding(-1, 1), encoding(0, 1.5, 4)}) {
      EncodingTable table(1);
      table[static_cast<std::size_t>(quantizer)] = {e};
      std::vector<float> expected = images;
      for (float& value : expected) value = std::max(value, 0.0f);
      quantize_dequantize(expected, expected, make_qdq(e, mode));
      EXPECT_EQ(test::logits_of(*test::make_simulated(graph, table, mode), graph, images, 2), expected)
          << mode_name(mode) << " " << e.min << " … " << e.max;
    }
}

TEST(SimulatedExecutor, Relu6BeforeAWiderRangeStillClampsAtSix) {
  for (const double max : {4.0, 6.0, 9.0}) {
    test::GraphBuilder b({1, 1, 4});
    const int relu6 = b.node(Op::relu6, {0});
    b.quantize_output(relu6);
    const Graph graph = b.finish_flat(relu6, 4);
    const auto logits =
        test::logits_of(*test::make_simulated(graph, {{encoding(0, max)}}), graph, {-3, 2, 6.2f, 100}, 1);
    const float top = static_cast<float>(std::min(max, 6.0));
    EXPECT_EQ(logits[0], 0.0f);
    EXPECT_NEAR(logits[2], top, max / 510);
    EXPECT_NEAR(logits[3], top, max / 510);
  }
}

// oneDNN fuses no ReLU6 behind a sum.
TEST(FloatExecutor, ClampsASumAtSix) {
  test::GraphBuilder b({3, 8, 8});
  const Window window{.kernel = {3, 3}, .stride = {1, 1}, .padding = {1, 1, 1, 1}, .dilation = {1, 1}};
  const int conv1 = b.conv(0, 3, 4, window, 1);
  const int conv2 = b.conv(conv1, 4, 4, window, 5);
  const int sum = b.node(Op::add, {conv2, conv1});
  const Graph plain = test::GraphBuilder(b).finish_flat(sum, 256);
  const Graph clamped = b.finish_flat(b.node(Op::relu6, {sum}), 256);
  const auto images = test::images_for(plain, 2, 9);
  std::vector<float> expected = test::logits_of(*test::make_float(plain), plain, images, 2);
  for (float& value : expected) value = std::clamp(value, 0.0f, 6.0f);
  EXPECT_THAT(test::logits_of(*test::make_float(clamped), clamped, images, 2),
              testing::Pointwise(testing::FloatNear(1e-5f), expected));
  EXPECT_THAT(expected, testing::Contains(6.0f));
}

TEST(SimulatedExecutor, QuantizesOneConsumersInputOnly) {
  test::GraphBuilder b({2, 4, 4});
  const int pass = b.node(Op::dropout, {0});
  const int sum = b.node(Op::add, {pass, pass});
  const int quantizer = b.quantize_input(sum, 1);
  const Graph graph = b.finish_flat(sum, 32);
  const auto images = test::images_for(graph, 1, 9);
  EncodingTable table(1);
  table[static_cast<std::size_t>(quantizer)] = {encoding(-1, 1, 4)};
  std::vector<float> expected = images;
  quantize_dequantize(expected, expected, make_qdq(table[0][0], NumericsMode::aimet_torch_2));
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += images[i];
  EXPECT_EQ(test::logits_of(*test::make_simulated(graph, table), graph, images, 1), expected);
}

/// A network of one filter whose encodings differ from slice to slice.
struct SlicedNetwork {
  Graph graph;
  EncodingTable table{1};
};

SlicedNetwork sliced_network(Op op, std::vector<std::int64_t> shape, int channel_axis, int block_size, int slices) {
  test::GraphBuilder b({4, 6, 6});
  const int filter = b.node(op, {0}, Window{.kernel = {2, 3}, .stride = {1, 1}, .padding = {}, .dilation = {1, 1}});
  b.at(filter).weight = test::random_tensor(std::move(shape), 31, 0.3f);
  b.quantize_weight(filter, true, channel_axis, block_size);
  SlicedNetwork network{b.finish(filter, 3, 5)};
  for (int i = 0; i < slices; ++i) network.table[0].push_back(encoding(-0.1 * (i + 1), 0.12 * (i + 1), 4));
  return network;
}

/// The simulated network's logits are those of the float one with weights that `slice_of` (an element's encoding)
/// rounds.
template <class SliceOf>
void expect_rounded_weights(SlicedNetwork network, const SliceOf& slice_of) {
  const auto images = test::images_for(network.graph, 2, 3);
  const auto logits = test::logits_of(*test::make_simulated(network.graph, network.table), network.graph, images, 2);
  Tensor& weight = network.graph.nodes[1].weight;
  std::vector<float> values(weight.values().begin(), weight.values().end());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Encoding& e = network.table[0].at(slice_of(i));
    const double code = std::clamp(std::nearbyint(values[i] / e.scale), e.offset, e.offset + 15);
    values[i] = static_cast<float>(code * e.scale);
  }
  weight = Tensor(weight.shape(), values);
  const auto expected = test::logits_of(*test::make_float(network.graph), network.graph, images, 2);
  EXPECT_THAT(logits, testing::Pointwise(testing::FloatNear(1e-5f), expected));
}

TEST(SimulatedExecutor, ChannelsOfATransposedConvolutionLieOnAxis1) {
  expect_rounded_weights(sliced_network(Op::conv_transpose, {4, 3, 2, 3}, 1, 0, 3),
                         [](std::size_t i) { return i / 6 % 3; });
}

TEST(SimulatedExecutor, BlocksOfInputChannelsHaveTheirOwnEncodings) {
  expect_rounded_weights(sliced_network(Op::conv, {3, 4, 2, 3}, 0, 2, 6),
                         [](std::size_t i) { return i / 24 * 2 + i / 12 % 2; });
  expect_rounded_weights(sliced_network(Op::conv_transpose, {4, 3, 2, 3}, 1, 2, 6),
                         [](std::size_t i) { return i / 36 * 3 + i / 6 % 3; });
}

TEST(SimulatedExecutor, HalfPrecisionRoundsWeightsAndActivations) {
  test::GraphBuilder b({1, 1, 1});
  const int conv = b.conv(0, 1, 1, Window{}, 1, false);
  b.at(conv).weight = Tensor({1, 1, 1, 1}, std::vector<float>{1.0f + 0x1p-12f});  // rounds to 1
  b.quantize_weight(conv, false);
  b.quantize_output(conv);
  const Graph graph = b.finish_flat(conv, 1);
  const EncodingTable table(2, EncodingList{float16_encoding});
  const auto result = [&](float x, NumericsMode mode) {
    return test::logits_of(*test::make_simulated(graph, table, mode), graph, {x}, 1)[0];
  };
  for (const auto mode : {NumericsMode::aimet_1_24, NumericsMode::aimet_torch_2}) {
    EXPECT_EQ(result(3.0f + 0x1p-10f, mode), 3.0f);  // a tie goes to the even neighbour
    EXPECT_EQ(result(3.0f + 0x1.8p-9f, mode), 3.0f + 0x1p-8f);
    EXPECT_EQ(result(-2, mode), -2);
  }
  EXPECT_EQ(result(1e6f, NumericsMode::aimet_torch_2), 65504);
  EXPECT_EQ(result(1e6f, NumericsMode::aimet_1_24), std::numeric_limits<float>::infinity());
}

TEST(SimulatedExecutor, QuantizesWeightsPerChannelOnce) {
  Network network = make_network();
  EncodingTable table(network.graph.quantizers.size());
  for (int channel = 0; channel < 16; ++channel)
    table[network.weight].push_back(encoding(-0.1 * (channel + 1), 0.1 * (channel + 1), 4));
  Node& conv = network.graph.nodes[1];
  std::vector<float> values(conv.weight.values().begin(), conv.weight.values().end());
  quantize_dequantize_slices(values, TensorSlices(conv.weight.shape(), {.channel_axis = 0}), table[network.weight],
                             NumericsMode::aimet_torch_2);
  const auto images = test::images_for(network.graph, 2, 3);
  const auto logits = test::logits_of(*test::make_simulated(network.graph, table), network.graph, images, 2);

  conv.weight = Tensor(conv.weight.shape(), values);
  const auto expected = test::logits_of(*test::make_float(network.graph), network.graph, images, 2);
  EXPECT_THAT(logits, testing::Pointwise(testing::FloatNear(1e-5f), expected));
}

template <class Body>
std::string message_of(Body&& body) {
  try {
    body();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no UsageError";
}

TEST(SimulatedExecutor, EncodingsThatDoNotFitAreNamed) {
  const Network network = make_network();
  EXPECT_THAT(message_of([&] { test::make_simulated(network.graph, {}); }),
              HasSubstr("5 quantizers, got encodings for 0"));
  EncodingTable table = full_table(network);
  table[network.weight].pop_back();
  EXPECT_THAT(message_of([&] { test::make_simulated(network.graph, table); }),
              HasSubstr(network.graph.quantizers[static_cast<std::size_t>(network.weight)].key() +
                        " needs 16 encoding(s), got 15"));
  table = full_table(network);
  table[network.stem].push_back(encoding(0, 1));
  EXPECT_THAT(message_of([&] { test::make_simulated(network.graph, table); }), HasSubstr("takes one encoding, got 2"));
}

TEST(ExecutorOptions, UnknownKindAndDeviceAreUsageErrors) {
  const Network network = make_network();
  EXPECT_THAT(message_of([&] { make_executor(network.graph, {}, {"flaot", "cpu"}); }),
              HasSubstr("unknown executor 'flaot'; known: float, integer, simulated, simulated-exact"));
  EXPECT_THAT(message_of([&] { make_executor(network.graph, {}, {"float", "gpu"}); }), HasSubstr("cuda:N"));
  EXPECT_THAT(message_of([&] { make_executor(network.graph, {}, {"float", "cuda:-1"}); }), HasSubstr("cuda:N"));
}

TEST(ExecutorOptions, AutoTakesWhatIsThereAndSaysSo) {
  const Network network = make_network();
  const std::string device = make_executor(network.graph, {}, {"float", "auto"})->device();
  if (device != "cpu") GTEST_SKIP() << "a GPU is here: " << device;
  EXPECT_THAT(message_of([&] { make_executor(network.graph, {}, {"float", "cuda"}); }),
              HasSubstr("device 'cuda' is not there"));
}

TEST(ExecutorOptions, GpuAgreesWithCpu) {
  const Network network = make_network();
  if (make_executor(network.graph, {}, {"float", "auto"})->device() == "cpu") GTEST_SKIP() << "no GPU here";
  const auto images = test::images_for(network.graph, 4, 3);
  const auto on_gpu = make_executor(network.graph, {}, {"float", "cuda"});
  EXPECT_THAT(test::logits_of(*on_gpu, network.graph, images, 4),
              testing::Pointwise(testing::FloatNear(1e-4f),
                                 test::logits_of(*test::make_float(network.graph), network.graph, images, 4)));
}

TEST(Executor, EnvironmentNamesWhatCanChangeABit) {
  const std::string environment = test::make_float(make_network().graph)->environment();
  for (const char* key : {"libtorch=2.", "onednn=", "mkl=", "aten=", "cpu=", "isa="})
    EXPECT_THAT(environment, HasSubstr(key));
  EXPECT_EQ(environment, test::make_float(make_network().graph)->environment());
}

TEST(Executor, WrongSpanSizesAreInternalErrors) {
  const Network network = make_network();
  const auto executor = test::make_float(network.graph);
  std::vector<float> images(10), logits(10);
  EXPECT_THROW(executor->infer(images, 1, logits), InternalError);
  images = test::images_for(network.graph, 1, 1);
  logits.resize(9);
  EXPECT_THROW(executor->infer(images, 1, logits), InternalError);
}

}  // namespace
}  // namespace qeval
