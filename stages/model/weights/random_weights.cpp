#include "stages/model/weights/random_weights.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "stages/model/signal_statistics.h"
#include "stages/model/weights/random_numbers.h"

namespace qeval {
namespace {

// E[x²] of photographs normalized with ImageNet's mean and deviation per pixel.
constexpr double input_variance = 1.35;
// Last batch norm of a residual branch. Small, so that what the estimate gets wrong does not build up over 33 blocks.
constexpr double branch_gamma = 0.2;
constexpr double bias_deviation = 0.1;
constexpr double logit_deviation = 2.5;
// Of a convolution that makes the logits: the ReLU and the average behind it leave about a sixth.
constexpr double class_map_deviation = 15;
// Filters with fewer taps than this keep their mean: removing it would leave an edge detector.
constexpr std::int64_t centred_taps = 32;

class WeightFiller {
 public:
  WeightFiller(Graph& graph, std::uint64_t seed)
      : graph_(graph), consumers_(consumers(graph)), random_(seed), statistics_(graph.nodes.size()) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
      if (!graph.nodes[i].weight.shape().empty()) last_layer_ = static_cast<int>(i);
  }

  void run() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) statistics_[i] = fill(static_cast<int>(i));
  }

 private:
  const SignalStatistics& input(const Node& node, std::size_t which = 0) const {
    return statistics_[static_cast<std::size_t>(node.inputs[which])];
  }

  SignalStatistics fill(int index) {
    Node& node = graph_.nodes[static_cast<std::size_t>(index)];
    switch (node.op) {
      case Op::input: {
        const auto channels = static_cast<std::size_t>(graph_.input_shape[0]);
        return {std::vector<double>(channels, 0.0), std::vector<double>(channels, input_variance)};
      }
      case Op::conv: return fill_conv(index, node);
      case Op::linear: return fill_linear(index, node);
      case Op::batch_norm: return fill_batch_norm(index, node);
      case Op::layer_norm: return fill_layer_norm(node);
      case Op::layer_scale: return fill_layer_scale(node);
      default: break;
    }
    std::vector<const SignalStatistics*> inputs;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) inputs.push_back(&input(node, i));
    return statistics_behind(node, inputs);
  }

  /// Normal weights. A centred filter does not see what all its inputs have in common: the mean that rectified signals
  /// have, and any error of the estimate in it.
  void fill_filter(std::span<float> filter, double deviation, bool centred) {
    draws_.resize(filter.size());
    double total = 0;
    for (double& draw : draws_) total += draw = random_.normal();
    const double shift = centred ? total / static_cast<double>(filter.size()) : 0.0;
    for (std::size_t i = 0; i < filter.size(); ++i) filter[i] = static_cast<float>((draws_[i] - shift) * deviation);
  }

  /// Variance 2/taps (He et al.).
  std::vector<float> filters(std::int64_t outputs, std::int64_t taps, bool centred) {
    std::vector<float> weights(static_cast<std::size_t>(outputs * taps));
    const double deviation = std::sqrt(2.0 / static_cast<double>(taps));
    for (std::int64_t o = 0; o < outputs; ++o)
      fill_filter({weights.data() + o * taps, static_cast<std::size_t>(taps)}, deviation, centred);
    return weights;
  }

  SignalStatistics fill_conv(int index, Node& node) {
    const std::int64_t outputs = node.weight.size(0), inputs = node.weight.size(1);
    const std::int64_t area = node.weight.size(2) * node.weight.size(3), taps = inputs * area;
    // Most of an image is what neighbouring pixels have in common: the stem must see it.
    const bool centred = taps >= centred_taps && node.inputs[0] != 0;
    node.weight = Tensor(node.weight.shape(), filters(outputs, taps, centred));
    const std::span<const float> weights = node.weight.values();
    const SignalStatistics& in = input(node);
    SignalStatistics out{std::vector<double>(static_cast<std::size_t>(outputs)),
                         std::vector<double>(static_cast<std::size_t>(outputs))};
    for (std::int64_t o = 0; o < outputs; ++o) {
      const std::int64_t first = o / (outputs / node.window.groups) * inputs;
      for (std::int64_t i = 0; i < inputs; ++i) {
        double total = 0, squares = 0;
        for (const float weight :
             weights.subspan(static_cast<std::size_t>(o * taps + i * area), static_cast<std::size_t>(area))) {
          total += weight;
          squares += static_cast<double>(weight) * weight;
        }
        out.mean[static_cast<std::size_t>(o)] += total * in.mean[static_cast<std::size_t>(first + i)];
        out.variance[static_cast<std::size_t>(o)] += squares * in.variance[static_cast<std::size_t>(first + i)];
      }
    }
    if (!node.bias.shape().empty()) fill_conv_bias(index, node, out);
    return out;
  }

  /// Where no batch norm follows, the layer itself brings its outputs to mean 0 and a fixed deviation.
  void fill_conv_bias(int index, Node& node, SignalStatistics& out) {
    const std::vector<int>& users = consumers_[static_cast<std::size_t>(index)];
    const bool normalized = users.size() == 1 && graph_.nodes[static_cast<std::size_t>(users[0])].op == Op::batch_norm;
    const std::span<const float> values = node.weight.values();
    std::vector<float> weights(values.begin(), values.end()), biases(out.mean.size());
    const std::size_t taps = weights.size() / biases.size();
    const double deviation = index == last_layer_ ? class_map_deviation : 1.0;
    for (std::size_t o = 0; o < biases.size(); ++o) {
      const double wanted = bias_deviation * random_.normal();
      const double factor = normalized ? 1.0 : deviation / std::sqrt(std::max(out.variance[o], 1e-12));
      for (std::size_t t = 0; t < taps; ++t) weights[o * taps + t] *= static_cast<float>(factor);
      biases[o] = static_cast<float>(normalized ? wanted : wanted - out.mean[o] * factor);
      out.mean[o] = out.mean[o] * factor + biases[o];
      out.variance[o] *= factor * factor;
    }
    node.weight = Tensor(node.weight.shape(), std::move(weights));
    node.bias = Tensor(node.bias.shape(), std::move(biases));
  }

  /// Logits of about the same deviation whatever the width, centred so that no class wins on every image. A layer
  /// inside the network gets deviation 1.
  SignalStatistics fill_linear(int index, Node& node) {
    const double deviation = index == last_layer_ ? logit_deviation : 1.0;
    const std::int64_t outputs = node.weight.size(0), inputs = node.weight.size(1);
    const SignalStatistics in = repeated_to(input(node), static_cast<std::size_t>(inputs));
    double total_variance = 1e-12;
    for (const double variance : in.variance) total_variance += variance;
    const double scale = deviation / std::sqrt(total_variance);
    std::vector<float> weights(static_cast<std::size_t>(outputs * inputs));
    std::vector<float> biases(static_cast<std::size_t>(outputs));
    for (std::int64_t o = 0; o < outputs; ++o) {
      double mean = 0;
      const std::span<float> row(weights.data() + o * inputs, static_cast<std::size_t>(inputs));
      fill_filter(row, scale, true);
      for (std::size_t i = 0; i < row.size(); ++i) mean += row[i] * in.mean[i];
      biases[static_cast<std::size_t>(o)] = static_cast<float>(-mean);
    }
    node.weight = Tensor(node.weight.shape(), std::move(weights));
    node.bias = Tensor(node.bias.shape(), std::move(biases));
    const auto count = static_cast<std::size_t>(outputs);
    return {std::vector<double>(count, 0.0), std::vector<double>(count, deviation * deviation)};
  }

  /// The batch norm at the end of a residual branch; the one of a downsampling shortcut beside it is not.
  bool ends_branch(int index) const {
    const std::vector<int>& users = consumers_[static_cast<std::size_t>(index)];
    if (users.size() != 1) return false;
    const Node& user = graph_.nodes[static_cast<std::size_t>(users[0])];
    return user.op == Op::add && user.inputs[0] == index;
  }

  SignalStatistics fill_batch_norm(int index, Node& node) {
    const SignalStatistics& in = input(node);
    const std::size_t channels = in.mean.size();
    const double typical_gamma = ends_branch(index) ? branch_gamma : 1.0;
    std::vector<float> gamma(channels), beta(channels), mean(channels), variance(channels);
    SignalStatistics out;
    for (std::size_t c = 0; c < channels; ++c) {
      gamma[c] = static_cast<float>(typical_gamma * (0.75 + 0.5 * random_.uniform()));
      beta[c] = static_cast<float>(0.1 * typical_gamma * random_.normal());
      mean[c] = static_cast<float>(in.mean[c]);
      variance[c] = static_cast<float>(std::max(in.variance[c], 1e-3));
      out.mean.push_back(beta[c]);
      out.variance.push_back(static_cast<double>(gamma[c]) * gamma[c]);
    }
    node.weight = Tensor(node.weight.shape(), std::move(gamma));
    node.bias = Tensor(node.bias.shape(), std::move(beta));
    node.mean = Tensor(node.mean.shape(), std::move(mean));
    node.variance = Tensor(node.variance.shape(), std::move(variance));
    return out;
  }

  /// γ around 1, β around 0.
  void draw_affine(Node& node) {
    std::vector<float> gamma(static_cast<std::size_t>(node.weight.numel())), beta(gamma.size());
    for (std::size_t c = 0; c < gamma.size(); ++c) {
      gamma[c] = static_cast<float>(0.75 + 0.5 * random_.uniform());
      beta[c] = static_cast<float>(bias_deviation * random_.normal());
    }
    node.weight = Tensor(node.weight.shape(), std::move(gamma));
    node.bias = Tensor(node.bias.shape(), std::move(beta));
  }

  /// One deviation for all channels of a position: differences between channels stay.
  SignalStatistics fill_layer_norm(Node& node) {
    draw_affine(node);
    SignalStatistics out = input(node);
    const double channels = static_cast<double>(out.mean.size());
    double mean = 0, power = 0;
    for (const double m : out.mean) mean += m / channels;
    for (std::size_t c = 0; c < out.mean.size(); ++c)
      power += (out.variance[c] + (out.mean[c] - mean) * (out.mean[c] - mean)) / channels;
    const double deviation = std::sqrt(std::max(power, 1e-12));
    for (std::size_t c = 0; c < out.mean.size(); ++c) {
      const double gamma = node.weight.values()[c];
      out.mean[c] = (out.mean[c] - mean) / deviation * gamma + node.bias.values()[c];
      out.variance[c] *= gamma * gamma / (deviation * deviation);
    }
    return out;
  }

  SignalStatistics fill_layer_scale(Node& node) {
    SignalStatistics out = input(node);
    std::vector<float> factors(out.mean.size());
    for (std::size_t c = 0; c < factors.size(); ++c) {
      factors[c] = static_cast<float>(branch_gamma * (0.75 + 0.5 * random_.uniform()));
      out.mean[c] *= factors[c];
      out.variance[c] *= static_cast<double>(factors[c]) * factors[c];
    }
    node.weight = Tensor(node.weight.shape(), std::move(factors));
    return out;
  }

  Graph& graph_;
  std::vector<std::vector<int>> consumers_;
  RandomNumbers random_;
  std::vector<double> draws_;  ///< scratch of fill_filter
  std::vector<SignalStatistics> statistics_;
  int last_layer_ = -1;  ///< the last node with weights
};

}  // namespace

void fill_with_random_weights(Graph& graph, std::uint64_t seed) { WeightFiller(graph, seed).run(); }

}  // namespace qeval
