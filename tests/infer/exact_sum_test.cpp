// Executor kind "simulated-exact": layers that sum whole numbers.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "stages/infer/executor_library.h"
#include "stages/quant/arithmetic/exact_sums.h"
#include "tests/infer/graph_fixture.h"

namespace qeval {
namespace {

using test::encoding;

constexpr int channels = 48;

struct Net {
  Graph graph;
  EncodingTable table;
  int last = 0;  ///< the convolution that reads all channels
};

/// Two convolutions with everything between them quantized; the second one adds up 9 · 48 products.
Net make_net(bool per_channel, bool bias = true) {
  Window window;
  window.kernel = {3, 3};
  window.padding = {1, 1, 1, 1};
  test::GraphBuilder b({3, 12, 12});
  const int first = b.conv(0, 3, channels, window, 11);
  const int input = b.quantize_input(first, 0), first_weight = b.quantize_weight(first, false);
  const int relu = b.node(Op::relu, {first});
  const int middle = b.quantize_output(relu);
  Window padding;
  padding.padding = {2, 0, 0, 1};
  Net net;
  net.last = b.conv(b.node(Op::pad, {relu}, padding), channels, 5, window, 12, bias);
  const int weight = b.quantize_weight(net.last, per_channel);
  net.graph = b.finish_flat(b.node(Op::relu6, {net.last}), 5 * 14 * 13);
  net.table.resize(net.graph.quantizers.size());
  const auto set = [&](int quantizer, EncodingList list) {
    net.table[static_cast<std::size_t>(quantizer)] = std::move(list);
  };
  set(input, {encoding(-2.1, 1.9)});
  set(first_weight, {encoding(-0.61, 0.6)});
  set(middle, {encoding(0, 7.3)});
  EncodingList list{encoding(-0.59, 0.6), encoding(-0.3, 0.6), encoding(-0.6, 0.6), encoding(-0.5, 0.5),
                    encoding(-1, 1)};
  if (!per_channel) list.resize(1);
  set(weight, list);
  return net;
}

std::vector<float> logits(const Net& net, const char* kind, const std::vector<float>& images, int n) {
  return test::logits_of(*make_executor(net.graph, net.table, {kind, "cpu", NumericsMode::aimet_torch_2}), net.graph,
                         images, n);
}

/// The channels between the two convolutions in another order: the same network, whose sums run in that order.
Net with_channels_reordered(Net net) {
  std::vector<int> order(channels);
  std::iota(order.begin(), order.end(), 0);
  std::rotate(order.begin(), order.begin() + 17, order.end());
  std::reverse(order.begin(), order.begin() + 20);
  Node& first = net.graph.nodes[1];
  Node& last = net.graph.nodes[static_cast<std::size_t>(net.last)];
  std::vector<float> weight, bias, read(last.weight.values().size());
  for (std::size_t i = 0; i < channels; ++i) {
    const auto from = static_cast<std::size_t>(order[i]);
    const auto row = first.weight.values().subspan(from * 27, 27);
    weight.insert(weight.end(), row.begin(), row.end());
    bias.push_back(first.bias.values()[from]);
    for (std::size_t out = 0; out < 5; ++out)
      std::copy_n(last.weight.values().begin() + static_cast<std::ptrdiff_t>((out * channels + from) * 9), 9,
                  read.begin() + static_cast<std::ptrdiff_t>((out * channels + i) * 9));
  }
  first.weight = Tensor(first.weight.shape(), std::move(weight));
  first.bias = Tensor(first.bias.shape(), std::move(bias));
  last.weight = Tensor(last.weight.shape(), std::move(read));
  return net;
}

TEST(ExactSum, BitsDoNotDependOnTheOrderOfSums) {
  for (const bool per_channel : {false, true}) {
    const Net net = make_net(per_channel), reordered = with_channels_reordered(net);
    const auto images = test::images_for(net.graph, 4, 3);
    EXPECT_EQ(logits(net, exact_executor_kind, images, 4), logits(reordered, exact_executor_kind, images, 4));
    // The test would show nothing if products in floats did not care either.
    EXPECT_NE(logits(net, "simulated", images, 4), logits(reordered, "simulated", images, 4));
  }
}

TEST(ExactSum, BitsDoNotDependOnTheBatchSize) {
  const Net net = make_net(true);
  const auto images = test::images_for(net.graph, 4, 3);
  std::vector<float> one_by_one;
  const std::size_t size = images.size() / 4;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::vector<float> image(images.begin() + static_cast<std::ptrdiff_t>(i * size),
                                   images.begin() + static_cast<std::ptrdiff_t>((i + 1) * size));
    const auto row = logits(net, exact_executor_kind, image, 1);
    one_by_one.insert(one_by_one.end(), row.begin(), row.end());
  }
  EXPECT_EQ(logits(net, exact_executor_kind, images, 4), one_by_one);
}

/// All but a few, behind codes that the last bits of a sum moved by one: by that step of the input at most twice.
void expect_near_but_for_moved_codes(const std::vector<float>& a, const std::vector<float>& b) {
  constexpr float largest_weight = 1, step = 7.3f / 255;
  ASSERT_EQ(a.size(), b.size());
  std::size_t moved = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const float difference = std::abs(a[i] - b[i]);
    moved += difference > 1e-4f;
    EXPECT_LE(difference, 2 * step * largest_weight + 1e-4f) << i;
  }
  EXPECT_LE(moved, a.size() / 50);
}

TEST(ExactSum, AgreesWithProductsInFloats) {
  for (const bool per_channel : {false, true})
    for (const bool bias : {false, true}) {
      const Net net = make_net(per_channel, bias);
      const auto images = test::images_for(net.graph, 4, 3);
      expect_near_but_for_moved_codes(logits(net, exact_executor_kind, images, 4), logits(net, "simulated", images, 4));
    }
}

const Node& last(const Net& net) { return net.graph.nodes[static_cast<std::size_t>(net.last)]; }

TEST(ExactSums, CodesAndUnitsGiveTheQuantizedWeightBack) {
  const Net net = make_net(true);
  const auto sums = exact_sums(net.graph, last(net), net.table, NumericsMode::aimet_torch_2);
  ASSERT_TRUE(sums.has_value());
  EXPECT_EQ(sums->input_scale, static_cast<float>(7.3 / 255));
  ASSERT_EQ(sums->scales.size(), 5u);
  const EncodingList& list = net.table[static_cast<std::size_t>(last(net).weight_quantizer)];
  const std::size_t run = channels * 9;
  for (std::size_t i = 0; i < sums->weight.values().size(); ++i) {
    const Encoding& e = list[i / run];
    const double clamped =
        std::clamp<double>(last(net).weight.values()[i], e.offset * e.scale, (e.offset + 255) * e.scale);
    EXPECT_EQ(sums->weight.values()[i], std::rint(sums->weight.values()[i]));
    EXPECT_NEAR(sums->weight.values()[i] * e.scale, clamped, 0.5001 * e.scale);
  }
}

TEST(ExactSums, LayersOffTheGridAreLeftAsTheyAre) {
  const Net net = make_net(false);
  const auto without = [&](int quantizer) {
    Net changed = net;
    changed.table[static_cast<std::size_t>(quantizer)].clear();
    return exact_sums(changed.graph, last(changed), changed.table, NumericsMode::aimet_torch_2).has_value();
  };
  EXPECT_FALSE(without(last(net).weight_quantizer));
  EXPECT_FALSE(without(net.graph.nodes[2].output_quantizer));
}

TEST(ExactSums, LayersWhoseSumsCouldExceed32BitsAreLeftAsTheyAre) {
  Net net = make_net(false);
  const auto sums_of_bits = [&](int bits) {
    net.table[static_cast<std::size_t>(net.graph.nodes[2].output_quantizer)] = {encoding(0, 7.3, bits)};
    return exact_sums(net.graph, last(net), net.table, NumericsMode::aimet_torch_2);
  };
  ASSERT_TRUE(sums_of_bits(8) && sums_of_bits(16));
  EXPECT_FALSE(sums_of_bits(8)->wide);
  EXPECT_TRUE(sums_of_bits(16)->wide);         // 65,535 · Σ|j| is above 2^24,
  EXPECT_FALSE(sums_of_bits(18).has_value());  // 262,143 · Σ|j| above 2^31
}

/// One layer of `inputs` features with codes and weights of random size; both are large.
struct LongLayer {
  static constexpr int inputs = 4000, outputs = 6;
  static constexpr float input_scale = 0.01f, weight_scale = 0.003f;
  std::vector<int> codes, weights;
  Graph graph;
  EncodingTable table;

  LongLayer() {
    std::mt19937 random(5);
    for (int i = 0; i < inputs; ++i) codes.push_back(200 + static_cast<int>(random() % 56));
    std::vector<float> weight;
    for (int i = 0; i < inputs * outputs; ++i) {
      weights.push_back(90 + static_cast<int>(random() % 38));
      weight.push_back(static_cast<float>(weights.back()) * weight_scale);
    }
    test::GraphBuilder b({inputs, 1, 1});
    b.quantize_output(0);
    const int linear = b.node(Op::linear, {b.node(Op::flatten, {0})});
    b.at(linear).weight = Tensor({outputs, inputs}, weight);
    b.quantize_weight(linear, false);
    graph = b.finish_flat(linear, outputs);
    const double x = input_scale, w = weight_scale;
    table = {{{0, 255 * x, x, 0, 8, false}}, {{-128 * w, 127 * w, w, -128, 8, true}}};
  }

  std::vector<float> image() const {
    std::vector<float> values;
    for (const int code : codes) values.push_back(static_cast<float>(code) * input_scale);
    return values;
  }
  std::vector<float> expected() const {
    std::vector<float> logits;
    for (int o = 0; o < outputs; ++o) {
      std::int64_t sum = 0;
      for (int i = 0; i < inputs; ++i)
        sum += codes[static_cast<std::size_t>(i)] * weights[static_cast<std::size_t>(o * inputs + i)];
      EXPECT_GT(sum, 1 << 26);
      logits.push_back(static_cast<float>(sum) * (input_scale * weight_scale));
    }
    return logits;
  }
};

TEST(ExactSum, SumsAbove24BitsAreRoundedOnce) {
  const LongLayer net;
  for (const char* kind : {exact_executor_kind, integer_executor_kind})
    EXPECT_EQ(test::logits_of(*make_executor(net.graph, net.table, {kind, "cpu", NumericsMode::aimet_torch_2}),
                              net.graph, net.image(), 1),
              net.expected())
        << kind;
}

TEST(ExactSum, MeansOfWindowsAreSumsOfWholeNumbers) {
  Window window;
  window.kernel = {3, 2};
  window.stride = {2, 2};
  window.padding = {1, 1, 0, 0};
  test::GraphBuilder b({2, 5, 6});
  b.quantize_output(0);
  const int pool = b.node(Op::avg_pool, {0}, window);
  const Graph graph = b.finish_flat(pool, 2 * 3 * 3);
  const EncodingTable table{{encoding(-1.1, 1.4)}};
  const auto images = test::images_for(graph, 1, 8);
  const Encoding& grid = table[0].front();
  const auto scale = static_cast<float>(grid.scale);
  const auto whole = [&](int channel, int y, int x) {
    if (y < 0 || y >= 5) return 0;
    const float value = images[static_cast<std::size_t>((channel * 5 + y) * 6 + x)];
    const float code = std::clamp(std::rint(value * (1 / scale)) - static_cast<float>(grid.offset), 0.0f, 255.0f);
    return static_cast<int>(code + static_cast<float>(grid.offset));
  };
  std::vector<float> expected;
  for (int c = 0; c < 2; ++c)
    for (int y = 0; y < 3; ++y)
      for (int x = 0; x < 3; ++x) {
        int sum = 0;
        for (int i = 0; i < 3; ++i)
          for (int j = 0; j < 2; ++j) sum += whole(c, 2 * y + i - 1, 2 * x + j);
        expected.push_back(static_cast<float>(sum) / 6.0f * scale);
      }
  const auto executor = make_executor(graph, table, {exact_executor_kind, "cpu", NumericsMode::aimet_torch_2});
  EXPECT_EQ(test::logits_of(*executor, graph, images, 1), expected);
}

}  // namespace
}  // namespace qeval
