// Every kind of executor on a device that is not this CPU gives the CPU's bits. A tensor that is read without being
// copied ends these tests with SIGSEGV, an operation on tensors of two devices with an error.
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "stages/infer/float_executor.h"
#include "stages/infer/layerwise.h"
#include "stages/infer/memory_order.h"
#include "stages/infer/simulated_executor.h"
#include "stages/infer/simulated_sensitivity.h"
#include "stages/model/node_shapes.h"
#include "stages/quant/arithmetic/exact_sums.h"
#include "tests/infer/far_device.h"
#include "tests/infer/graph_fixture.h"

namespace qeval::test {
namespace {

constexpr int n = 2;
const Window same{.kernel = {3, 3}, .padding = {1, 1, 1, 1}};
const Window uneven{.kernel = {3, 3}, .stride = {2, 2}, .padding = {0, 1, 0, 1}};

std::unique_ptr<Executor> make_on(const at::Device& device, const Graph& graph, const EncodingTable& table,
                                  const ExecutorOptions& options) {
  if (options.kind == "float") return make_float_executor(graph, device, memory_order(options));
  return make_simulated_executor(graph, {table, options.mode, options.kind == exact_executor_kind}, device,
                                 memory_order(options));
}

/// The logits on the device, after seeing that it was asked.
std::vector<float> far_logits(const Graph& graph, const EncodingTable& table, const ExecutorOptions& options,
                              const std::vector<float>& images) {
  const std::size_t before = far_calls();
  const auto executor = make_on(far_device, graph, table, options);
  EXPECT_EQ(executor->device(), "privateuseone:0");
  std::vector<float> logits = logits_of(*executor, graph, images, n);
  EXPECT_GT(far_calls(), before);
  return logits;
}

void expect_the_cpus_bits(const Graph& graph, const EncodingTable& table, const ExecutorOptions& options) {
  const auto images = images_for(graph, n, 5);
  const auto expected = logits_of(*make_on(at::kCPU, graph, table, options), graph, images, n);
  EXPECT_EQ(far_logits(graph, table, options, images), expected);
}

/// Adds one operator behind the input, [6, 9, 11]; returns its node.
using AddOperator = std::function<int(GraphBuilder&, Op)>;

int plain(GraphBuilder& b, Op op) { return b.node(op, {0}); }
/// Of values above 0.
int of_positive(GraphBuilder& b, Op op) { return b.node(op, {b.node(Op::sigmoid, {0})}); }
int binary(GraphBuilder& b, Op op) { return b.node(op, {b.node(Op::relu, {0}), 0}); }

AddOperator windowed(const Window& window) {
  return [window](GraphBuilder& b, Op op) { return b.node(op, {0}, window); };
}

/// With a weight, a bias where `with_bias`, and what `set` says.
AddOperator weighted(
    const std::vector<std::int64_t>& shape, bool with_bias, const std::function<void(Node&)>& set = [](Node&) {}) {
  return [=](GraphBuilder& b, Op op) {
    const int index = b.node(op, {0}, op == Op::conv_transpose ? uneven : Window{});
    Node& node = b.at(index);
    node.weight = random_tensor(shape, 31, 0.5f);
    if (with_bias) node.bias = random_tensor({op == Op::conv_transpose ? shape[1] : shape[0]}, 32);
    set(node);
    return index;
  };
}

AddOperator with(const std::function<void(Node&)>& set) {
  return [=](GraphBuilder& b, Op op) {
    const int index = b.node(op, {0});
    set(b.at(index));
    return index;
  };
}

void set_statistics(Node& node) {
  node.mean = random_tensor({6}, 33);
  node.variance = Tensor({6}, {0.5f, 1.0f, 1.5f, 2.0f, 2.5f, 3.0f});
}

/// With activations behind them, which oneDNN applies on the CPU in one go with the convolution.
int convolutions(GraphBuilder& b, Op) {
  Window grouped = same;
  grouped.groups = 2;
  const int first = b.node(Op::relu6, {b.conv(0, 6, 8, same, 1)});
  return b.node(Op::relu, {b.conv(b.conv(first, 8, 8, grouped, 3), 8, 4, uneven, 5)});
}

// NOLINTNEXTLINE(readability-function-size): a table
const std::map<Op, AddOperator>& operators() {
  static const std::map<Op, AddOperator> table{
      {Op::conv, convolutions},
      {Op::linear, weighted({5, 11}, true)},
      {Op::batch_norm, weighted({6}, true, set_statistics)},
      {Op::relu, plain},
      {Op::relu6, plain},
      {Op::add, binary},
      {Op::max_pool, windowed(uneven)},
      {Op::avg_pool, windowed(uneven)},
      {Op::global_avg_pool, plain},
      {Op::flatten, plain},
      {Op::pad, windowed({.padding = {1, 2, 3, 4}})},
      {Op::subsample_pad_channels, with([](Node& node) { node.out_channels = 12; })},
      {Op::dropout, plain},
      {Op::sigmoid, plain},
      {Op::hard_sigmoid, plain},
      {Op::hard_swish, plain},
      {Op::silu, plain},
      {Op::gelu, plain},
      {Op::mul, binary},
      {Op::layer_scale, weighted({6, 1, 1}, false)},
      {Op::layer_norm, weighted({11}, true, [](Node& node) { node.axis = 3; })},
      {Op::concat, binary},
      {Op::slice, with([](Node& node) { node.first = 2, node.last = 5; })},
      {Op::permute, with([](Node& node) { node.axes = {0, 2, 3, 1}; })},
      {Op::channel_shuffle, [](GraphBuilder& b, Op op) { return b.node(op, {0}, {.groups = 2}); }},
      {Op::conv_transpose, weighted({6, 4, 3, 3}, true)},
      {Op::leaky_relu, with([](Node& node) { node.alpha = 0.1f; })},
      {Op::prelu, weighted({6}, false)},
      {Op::softmax, plain},
      {Op::clip, with([](Node& node) { node.alpha = -0.5f, node.beta = 1.25f; })},
      {Op::reduce_mean, with([](Node& node) { node.axes = {2}; })},
      {Op::reshape, with([](Node& node) { node.shape = {9, 66}; })},
      {Op::gelu_tanh, plain},
      {Op::log_softmax, plain},
      {Op::reduce_sum, with([](Node& node) { node.axes = {1}; })},
      {Op::reduce_max, with([](Node& node) { node.axes = {1, 3}; })},
      {Op::gather, with([](Node& node) { node.positions = {2, 0, 5}; })},
      {Op::where, with([](Node& node) {
         node.weight = Tensor({6, 1, 1}, {1, 0, 1, 1, 0, 0});
         node.bias = random_tensor({6, 9, 1}, 34);
       })},
      {Op::local_response_norm,
       with([](Node& node) { node.window.kernel[0] = 3, node.alpha = 0.5f, node.beta = 0.75f, node.epsilon = 1; })},
      {Op::tanh, plain},
      {Op::elu, with([](Node& node) { node.alpha = 0.7f; })},
      {Op::sqrt, of_positive},
      {Op::erf, plain},
      {Op::exp, plain},
      {Op::log, of_positive},
      {Op::abs, plain},
      {Op::reciprocal, of_positive},
      {Op::softplus, plain},
      {Op::mish, plain},
      {Op::sub, binary},
      {Op::div, [](GraphBuilder& b, Op op) { return b.node(op, {0, b.node(Op::sigmoid, {0})}); }},
      {Op::minimum, binary},
      {Op::maximum, binary},
      {Op::pow, [](GraphBuilder& b, Op op) { return b.node(op, {b.node(Op::sigmoid, {0}), 0}); }},
      {Op::pad_axes, with([](Node& node) { node.pads = {1, 0, 1, 2, 3, 1}, node.pad_mode = PadMode::reflect; })},
      {Op::quantize_dequantize, with([](Node& node) { node.grid = {0.013f, 100, 0, 255}; })}};
  return table;
}

Graph one_operator(Op op) {
  GraphBuilder b({6, 9, 11});
  Graph graph = b.finish_flat(operators().at(op)(b, op), 0);
  graph.num_classes = static_cast<int>(node_shapes(graph).back().at(0));
  return graph;
}

TEST(FarExecutor, GivesTheCpusBitsForEveryOperator) {
  for (int number = 1; number <= static_cast<int>(Op::quantize_dequantize); ++number) {
    const Op op = static_cast<Op>(number);
    SCOPED_TRACE(op_name(op));
    ASSERT_TRUE(operators().contains(op)) << "an operator without a case";
    expect_the_cpus_bits(one_operator(op), {}, {"float"});
  }
}

/// Behind a grid, means and functions are computed from whole numbers, batch norms in any case.
TEST(FarExecutor, GivesTheCpusBitsForEveryOperatorOnWholeNumbers) {
  for (const auto& [op, add] : operators()) {
    SCOPED_TRACE(op_name(op));
    GraphBuilder b({6, 9, 11});
    b.quantize_output(0);
    Graph graph = b.finish_flat(add(b, op), 0);
    graph.num_classes = static_cast<int>(node_shapes(graph).back().at(0));
    expect_the_cpus_bits(graph, {{encoding(-1.7, 1.9)}}, {exact_executor_kind});
  }
}

struct Network {
  Graph graph;
  EncodingTable table;
  std::vector<QuantizerIndices> groups;
};

/// A residual network in which every activation and every weight of a convolution is quantized.
Network make_network() {
  GraphBuilder b({3, 12, 12});
  b.quantize_output(0);
  const int stem = b.conv(0, 3, 8, same, 1);
  b.quantize_weight(stem, true);
  const int relu = b.node(Op::relu, {stem});
  b.quantize_output(relu);
  const int branch = b.conv(relu, 8, 8, same, 3);
  b.quantize_weight(branch, false);
  b.quantize_output(branch);
  const int sum = b.node(Op::relu6, {b.node(Op::add, {branch, relu})});
  b.quantize_output(sum);
  Network network{b.finish(sum, 8, 10), {}, {}};
  for (const Quantizer& quantizer : network.graph.quantizers)
    network.table.push_back(quantizer.role == QuantizerRole::param
                                ? EncodingList(quantizer.per_channel ? 8 : 1, encoding(-0.5, 0.6))
                                : EncodingList{encoding(-1.3, 4.1)});
  for (const QuantizerGroup& group : quantizer_groups(network.graph, network.table))
    network.groups.push_back(group.quantizers);
  return network;
}

TEST(FarExecutor, GivesTheCpusBitsForEveryKindAndMode) {
  const Network network = make_network();
  for (const char* kind : {"float", "simulated", exact_executor_kind})
    for (const NumericsMode mode : {NumericsMode::aimet_1_24, NumericsMode::aimet_1_31, NumericsMode::aimet_2024,
                                    NumericsMode::aimet_onnx_2, NumericsMode::aimet_torch_2}) {
      SCOPED_TRACE(std::string(kind) + ", " + mode_name(mode));
      expect_the_cpus_bits(network.graph, network.table, {.kind = kind, .mode = mode});
    }
}

TEST(FarExecutor, NamesTheNodeWhoseOutputIsNotFinite) {
  Network network = make_network();
  network.graph.nodes[1].bias = Tensor({8}, {0, 0, 0, 0, 0, std::numeric_limits<float>::infinity(), 0, 0});
  const auto far = make_on(far_device, network.graph, network.table, {.kind = "float"});
  EXPECT_EQ(far->first_not_finite(images_for(network.graph, n, 5), n, 1), network.graph.nodes[1].name);
}

TEST(FarExecutor, ShowsObserversTheCpusValues) {
  const Network network = make_network();
  std::vector<int> call_sites;
  for (const Quantizer& quantizer : network.graph.quantizers)
    call_sites.push_back(quantizer.role == QuantizerRole::param ? 0 : 1);
  const auto observed = [&](const at::Device& device) {
    EncodingTable parameters = network.table;
    for (std::size_t q = 0; q < call_sites.size(); ++q)
      if (call_sites[q] > 0) parameters[q].clear();
    ObserverBank bank(call_sites, QuantScheme::tf_enhanced, NumericsMode::aimet_torch_2);
    const auto executor =
        make_on(device, network.graph, parameters, {.kind = "simulated", .mode = NumericsMode::aimet_torch_2});
    for (int batch = 0; batch < 3; ++batch)
      executor->observe(images_for(network.graph, n, 40 + static_cast<unsigned>(batch)), n, batch, bank);
    return bank.take_snapshot(2);
  };
  EXPECT_EQ(observed(far_device), observed(at::kCPU));
}

TEST(FarSensitivity, GivesTheCpusBits) {
  const Network network = make_network();
  const auto images = images_for(network.graph, n, 77);
  for (const bool exact : {false, true})
    for (const SensitivityMode mode : {SensitivityMode::only_one_on, SensitivityMode::all_but_one}) {
      const ParameterQuantization all{network.table, NumericsMode::aimet_torch_2, exact};
      const auto measured = [&](const at::Device& device) {
        const auto executor =
            make_simulated_sensitivity(network.graph, all, network.groups, mode, device, at::MemoryFormat::Contiguous);
        return executor->measure(images, n);
      };
      const SensitivityBatch far = measured(far_device), near = measured(at::kCPU);
      EXPECT_EQ(far.float_logits, near.float_logits);
      EXPECT_EQ(far.quantized_logits, near.quantized_logits);
      ASSERT_EQ(far.groups.size(), 6u);
      for (std::size_t g = 0; g < far.groups.size(); ++g) {
        SCOPED_TRACE(g);
        EXPECT_EQ(far.groups[g].logits, near.groups[g].logits);
        EXPECT_EQ(far.groups[g].signal, near.groups[g].signal);
        EXPECT_EQ(far.groups[g].local_noise, near.groups[g].local_noise);
        EXPECT_EQ(far.groups[g].cumulative_noise, near.groups[g].cumulative_noise);
      }
    }
}

/// What is learned of a layer: the shift of its output, and the gradient of its weight.
struct Learned {
  OutputShift shift;
  std::vector<float> gradient;
};

Learned learned(const Network& network, const at::Device& device, std::size_t layer) {
  const auto executor = make_layerwise(network.graph, network.table, NumericsMode::aimet_torch_2, 1, layerwise_bytes,
                                       device, at::MemoryFormat::Contiguous);
  executor->admit(0, images_for(network.graph, n, 9), n);
  Learned result{executor->output_shift(0, layer), {}};
  executor->gather(0, layer);
  const Tensor& weight = network.graph.nodes[layer].weight;
  result.gradient.resize(weight.values().size());
  const std::vector<float> rounded(weight.values().size(), 0.25f);
  executor->layer_data(layer)->output_gradient(rounded, std::vector<std::size_t>{0, 1}, n, result.gradient);
  return result;
}

TEST(FarLayerwise, LearnsTheCpusBits) {
  const Network network = make_network();
  int layers = 0;
  for (std::size_t i = 0; i < network.graph.nodes.size(); ++i) {
    const Op op = network.graph.nodes[i].op;
    if (op != Op::conv && op != Op::linear) continue;
    SCOPED_TRACE(network.graph.nodes[i].name);
    const Learned far = learned(network, far_device, i), near = learned(network, at::kCPU, i);
    EXPECT_EQ(far.shift.sums, near.shift.sums);
    EXPECT_EQ(far.gradient, near.gradient);
    ++layers;
  }
  EXPECT_EQ(layers, 3);
}

}  // namespace
}  // namespace qeval::test
