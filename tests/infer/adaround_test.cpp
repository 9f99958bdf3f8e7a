// AdaRound of layers in a network: gradients against differences, a layer's whole course against live AIMET, and what
// it wins.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/run_in_parallel.h"
#include "stages/flow/layer_learning.h"
#include "stages/infer/executor_library.h"
#include "stages/quant/bias_correction/correctable_layers.h"
#include "stages/quant/calibration.h"
#include "tests/infer/graph_fixture.h"
#include "tests/infer/oracle_networks.h"

namespace qeval::test {
namespace {

const ExecutorOptions options{"simulated", "cpu", NumericsMode::aimet_torch_2};

std::vector<std::size_t> all_of(std::size_t count) {
  std::vector<std::size_t> list(count);
  for (std::size_t i = 0; i < count; ++i) list[i] = i;
  return list;
}

/// A network of one layer with a quantized weight and maybe an activation behind it.
struct OneLayer {
  Graph graph;
  std::size_t layer = 0;
  std::array<std::int64_t, 2> positions{1, 1};  ///< of its output
};

OneLayer one_layer(Op op, std::vector<std::int64_t> weight, const Window& window, Op activation,
                   std::array<int, 3> input = {4, 6, 6}) {
  GraphBuilder b(input);
  OneLayer network;
  const int layer = b.node(op, {op == Op::linear ? b.node(Op::flatten, {0}) : 0}, window);
  b.at(layer).weight = random_tensor(weight, 31, 0.3f);
  b.at(layer).bias = random_tensor({weight[op == Op::conv_transpose ? 1 : 0]}, 32, 0.3f);
  b.quantize_weight(layer, false);
  network.layer = static_cast<std::size_t>(layer);
  const int last = activation == Op::input ? layer : b.node(activation, {layer});
  network.graph = b.finish_flat(last, 5);
  return network;
}

std::unique_ptr<LayerData> data_of(const OneLayer& network, std::size_t images) {
  const EncodingTable table{{encoding(-0.7, 0.7, 3)}};
  const auto executor = make_layerwise_executor(network.graph, table, 2, layerwise_bytes, options);
  const int half = static_cast<int>(images / 2);
  executor->admit(0, images_for(network.graph, half, 3), half);
  executor->admit(1, images_for(network.graph, static_cast<int>(images) - half, 4), static_cast<int>(images) - half);
  for (std::size_t number = 0; number < 2; ++number) executor->gather(number, network.layer);
  return executor->layer_data(network.layer);
}

/// Mean over images and positions of the sum over channels of squared differences, from logits: finish_flat adds
/// nothing.
double loss(const OneLayer& network, const Tensor& weight, std::size_t images, double positions) {
  Graph changed = network.graph;
  changed.nodes[network.layer].weight = weight;
  double sum = 0;
  const int half = static_cast<int>(images / 2);
  for (const unsigned seed : {3u, 4u}) {
    const int n = seed == 3 ? half : static_cast<int>(images) - half;
    const auto input = images_for(changed, n, seed);
    const auto a = logits_of(*make_float(network.graph), network.graph, input, n);
    const auto b = logits_of(*make_float(changed), changed, input, n);
    for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(double{b[i]} - a[i], 2);
  }
  return sum / (static_cast<double>(images) * positions);
}

/// The gradient is right if the loss changes along it, and along other directions, as it says.
void expect_gradient(OneLayer network, std::size_t outputs, double positions) {
  network.graph.num_classes = static_cast<int>(outputs);
  constexpr std::size_t images = 7;
  const auto data = data_of(network, images);
  ASSERT_EQ(data->images(), images);
  const Tensor& weight = network.graph.nodes[network.layer].weight;
  const auto count = static_cast<std::size_t>(weight.numel());
  const auto offsets = numbers(weight.numel(), 77);
  std::vector<float> at(count), gradient(count);
  for (std::size_t i = 0; i < count; ++i) at[i] = weight.values()[i] + 0.05f * offsets[i];
  data->output_gradient(at, all_of(images), images, gradient);
  for (const unsigned seed : {1u, 2u, 3u}) {
    const auto direction = numbers(weight.numel(), seed);
    const float width = 3e-4f;
    std::vector<float> plus = at, minus = at;
    double wanted = 0;
    for (std::size_t i = 0; i < count; ++i) {
      plus[i] += width * direction[i];
      minus[i] -= width * direction[i];
      wanted += double{gradient[i]} * direction[i];
    }
    const double found = (loss(network, Tensor(weight.shape(), plus), images, positions) -
                          loss(network, Tensor(weight.shape(), minus), images, positions)) /
                         (2 * width);
    EXPECT_NEAR(wanted, found, 0.01 * std::abs(found) + 1e-3) << op_name(network.graph.nodes[network.layer].op) << seed;
  }
  // Parts of the images add up to all of them.
  std::vector<float> first(count), second(count);
  const auto all = all_of(images);
  data->output_gradient(at, std::span(all).first(3), images, first);
  data->output_gradient(at, std::span(all).subspan(3), images, second);
  for (std::size_t i = 0; i < count; ++i)
    EXPECT_NEAR(first[i] + second[i], gradient[i], 1e-5 + 1e-4 * std::abs(gradient[i]));
}

TEST(LayerGradient, OfConvolutions) {
  const Window plain{.kernel = {3, 3}, .stride = {1, 1}, .padding = {1, 1, 1, 1}};
  expect_gradient(one_layer(Op::conv, {5, 4, 3, 3}, plain, Op::input), 5 * 36, 36);
  const Window grouped{.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1, 1, 1}, .groups = 2};
  expect_gradient(one_layer(Op::conv, {6, 2, 3, 3}, grouped, Op::relu), 6 * 9, 9);
  const Window depthwise{.kernel = {3, 3}, .stride = {1, 1}, .padding = {1, 1, 1, 1}, .groups = 4};
  expect_gradient(one_layer(Op::conv, {4, 1, 3, 3}, depthwise, Op::relu6), 4 * 36, 36);
  const Window uneven{.kernel = {3, 2}, .stride = {1, 1}, .padding = {0, 1, 1, 0}, .dilation = {2, 1}};
  expect_gradient(one_layer(Op::conv, {3, 4, 3, 2}, uneven, Op::input), 3 * 3 * 6, 18);
}

TEST(LayerGradient, OfALinearLayerAndATransposedConvolution) {
  expect_gradient(one_layer(Op::linear, {9, 144}, {}, Op::relu), 9, 1);
  const Window window{.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 0, 1, 1}, .output_padding = {1, 0}};
  expect_gradient(one_layer(Op::conv_transpose, {4, 3, 3, 3}, window, Op::input), 3 * 13 * 11, 13 * 11);
}

// tools/oracle/adaround_trajectory.py, aimet-torch 2.42: a convolution and its ReLU behind a quantized one, all six
// images in every iteration. (Behind exact inputs the first gradients would be rounding noise, of which Adam makes
// whole steps.)
TEST(AdaRound, GoesAimetsWay) {
  const Window window{.kernel = {3, 3}, .stride = {1, 1}, .padding = {1, 1, 1, 1}};
  GraphBuilder b({4, 5, 5});
  const int first = b.node(Op::conv, {0}, {});
  b.at(first).weight = random_tensor({4, 4, 1, 1}, 4, 0.3f);
  b.quantize_weight(first, false);
  const int conv = b.node(Op::conv, {first}, window);
  b.at(conv).weight = random_tensor({5, 4, 3, 3}, 2, 0.3f);
  b.at(conv).bias = random_tensor({5}, 3);
  b.quantize_weight(conv, true);
  const Graph graph = b.finish_flat(b.node(Op::relu, {conv}), 125);
  const Tensor &weight_before = graph.nodes[1].weight, &weight = graph.nodes[2].weight;
  const QuantizerSettings settings_of_weights{.bits = 3, .symmetric = true};
  const EncodingList before = compute_weight_encodings(weight_before.values(), TensorSlices({4, 4, 1, 1}, {}),
                                                       QuantScheme::tf, options.mode, settings_of_weights);
  const TensorSlices slices(weight.shape(), {.channel_axis = 0});
  const EncodingList encodings =
      compute_weight_encodings(weight.values(), slices, QuantScheme::tf, options.mode, settings_of_weights);
  const std::vector<double> scales{0.17909224331378937, 0.18785296380519867, 0.19730651378631592, 0.1975407898426056,
                                   0.18916426599025726};
  for (std::size_t c = 0; c < 5; ++c) EXPECT_EQ(encodings[c].scale, scales[c]) << c;

  const auto executor = make_layerwise_executor(graph, {before, encodings}, 1, layerwise_bytes, options);
  executor->admit(0, numbers(6 * 100, 1), 6);
  executor->gather(0, 2);
  const auto data = executor->layer_data(2);
  SoftRounding rounding(weight.values(), slices, encodings, options.mode);
  const AdaRoundSettings settings{.iterations = 400};
  std::vector<float> soft(180), gradient(180);
  for (int iteration = 0; iteration < settings.iterations; ++iteration) {
    if (iteration == 300) {
      const std::vector<double> alpha{0.1480955, -2.412813, -0.03072775, -1.436406, 0.5926058,
                                      1.48875,   1.373797,  -0.1809399,  -1.37261,  0.005229494,
                                      1.669845,  -1.612989, 0.1896213,   2.009578,  2.408338};
      for (std::size_t i = 0; i < alpha.size(); ++i) EXPECT_NEAR(rounding.alpha()[12 * i], alpha[i], 1e-5) << i;
    }
    rounding.soft_weights(soft);
    data->output_gradient(soft, all_of(6), 6, gradient);
    rounding.step(gradient, settings, iteration);
  }
  const auto up = rounding.directions(),
             nearest = SoftRounding(weight.values(), slices, encodings, options.mode).directions();
  std::size_t count = 0, checksum = 0, different = 0;
  for (std::size_t i = 0; i < 180; ++i) {
    const bool is_up = up[i / 8] >> (i % 8) & 1;
    count += is_up;
    checksum += is_up ? i + 1 : 0;
    different += is_up != (nearest[i / 8] >> (i % 8) & 1);
  }
  EXPECT_EQ(count, 90u);
  EXPECT_EQ(different, 18u);
  EXPECT_EQ(checksum, 7774u);
}

// Four bits per channel leave Lite0 nothing; 20 long steps a layer, instead of AIMET's 15,000 short ones, bring most of
// it back. Measured on 300 photos, activations in float: 3 and 251.
TEST(AdaRoundLite0, LearnsMostOfWhatFourBitsLose) {
  const OracleNetwork lite0 = efficientnet_lite0();
  QEVAL_REQUIRE_LITE0();
  constexpr std::size_t batches = 6, batch = 16;
  const auto images = sample_images(300);
  QuantRecipe recipe = oracle_recipe(QuantScheme::tf_enhanced, true);
  recipe.param_bits = 4;
  Graph graph = lite0.folded();
  place_quantizers(graph, recipe);
  EncodingTable table = encodings_without_images(graph, recipe);
  const auto right = [&](const Graph& network) {
    const auto executor = make_executor(network, table, options);
    return count_top1(lite0.classified(*executor, network, images), images);
  };
  const int nearest = right(graph);

  const auto executor = make_layerwise_executor(graph, table, batches, layerwise_bytes, options);
  run_in_parallel(batches, 2, [&](std::size_t number) {
    executor->admit(number, load_images(images, number * batch, batch, lite0.preprocessor), batch);
  });
  const LayerWork work{*executor, batches, 2, [] { return true; }};
  for (const std::size_t layer : correctable_layers(graph, [](int) { return true; }).nodes) {
    Node& node = graph.nodes[layer];
    const auto data = gathered_layer_data(work, layer);
    const auto& encodings = table[static_cast<std::size_t>(node.weight_quantizer)];
    const TensorSlices slices(node.weight.shape(), {.channel_axis = 0});
    const auto weights = static_cast<std::size_t>(node.weight.numel());
    const AdaRoundSettings settings{.iterations = 20, .learning_rate = 0.1};
    const auto up =
        learn_rounding(SoftRounding(node.weight.values(), slices, encodings, options.mode), settings, data->images(),
                       layer, output_gradient_in_parts(*data, weights, 2), [](int) { return true; });
    node.weight = rounded_weights(node.weight, slices, encodings, options.mode, *up);
    executor->replace(layer, node.weight, node.bias);
  }
  const int learned = right(graph);
  RecordProperty("nearest", nearest);
  RecordProperty("learned", learned);
  EXPECT_LT(nearest, 30);
  EXPECT_GT(learned, 200);
}

}  // namespace
}  // namespace qeval::test
