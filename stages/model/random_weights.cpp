#include "stages/model/random_weights.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "stages/model/random_numbers.h"

namespace qeval {
namespace {

/// Per channel, over images and positions.
struct Statistics {
  std::vector<double> mean, variance;
};

// E[x²] of photographs normalized with ImageNet's mean and deviation per pixel.
constexpr double kInputVariance = 1.35;
// Last batch norm of a residual branch. Small, so that what the estimate gets wrong does not build up over 33 blocks.
constexpr double kBranchGamma = 0.2;
// Contrast differs between images and places, so signals have heavier tails than a normal distribution and keep more
// variance when rectified (measured on photographs through resnext101_32x8d).
constexpr double kHeavyTails = 1.09;
constexpr double kLogitDeviation = 2.5;
// Averaging k positions of a feature map leaves more than 1/k of the variance: neighbours are alike.
constexpr double kPooledVariance = 0.1;
// Filters with fewer taps than this keep their mean: removing it would leave an edge detector.
constexpr std::int64_t kCentredTaps = 32;

/// E and Var of max(0, X), X normal.
void rectify(double& mean, double& variance) {
  const double deviation = std::sqrt(variance);
  if (deviation < 1e-12) {
    mean = std::max(mean, 0.0);
    return;
  }
  const double t = mean / deviation;
  const double density = 0.3989422804014327 * portable_exp(-0.5 * std::min(t * t, 1000.0));
  // Normal distribution function, Abramowitz and Stegun 26.2.17 (absolute error below 7.5e-8).
  const double k = 1 / (1 + 0.2316419 * std::abs(t));
  const double tail = density * k *
                      (0.319381530 + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))));
  const double below = t >= 0 ? 1 - tail : tail;
  const double first = mean * below + deviation * density;
  const double second = (mean * mean + variance) * below + mean * deviation * density;
  mean = first;
  variance = kHeavyTails * std::max(second - first * first, 0.0);
}

class WeightFiller {
 public:
  WeightFiller(Graph& graph, std::uint64_t seed)
      : graph_(graph), consumers_(consumers(graph)), random_(seed), statistics_(graph.nodes.size()) {}

  void run() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) statistics_[i] = fill(static_cast<int>(i));
  }

 private:
  const Statistics& input(const Node& node, std::size_t which = 0) const {
    return statistics_[static_cast<std::size_t>(node.inputs[which])];
  }

  Statistics fill(int index) {
    Node& node = graph_.nodes[static_cast<std::size_t>(index)];
    switch (node.op) {
      case Op::input: {
        const auto channels = static_cast<std::size_t>(graph_.input_shape[0]);
        return {std::vector<double>(channels, 0.0), std::vector<double>(channels, kInputVariance)};
      }
      case Op::conv: return fill_conv(node);
      case Op::linear: return fill_linear(node);
      case Op::batch_norm: return fill_batch_norm(index, node);
      case Op::relu:
      case Op::relu6: return rectified(input(node));
      case Op::add: return sum(input(node, 0), input(node, 1));
      case Op::max_pool: return maximum(input(node));
      case Op::avg_pool:
      case Op::global_avg_pool: return pooled(input(node));
      case Op::subsample_pad_channels: return channels_padded(node, input(node));
      case Op::flatten:
      case Op::pad:
      case Op::dropout: break;
    }
    return input(node);
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

  Statistics fill_conv(Node& node) {
    const std::int64_t outputs = node.weight.size(0), inputs = node.weight.size(1);
    const std::int64_t area = node.weight.size(2) * node.weight.size(3), taps = inputs * area;
    // Most of an image is what neighbouring pixels have in common: the stem must see it.
    const bool centred = taps >= kCentredTaps && node.inputs[0] != 0;
    node.weight = Tensor(node.weight.shape(), filters(outputs, taps, centred));
    const std::span<const float> weights = node.weight.values();
    const Statistics& in = input(node);
    Statistics out{std::vector<double>(static_cast<std::size_t>(outputs)),
                   std::vector<double>(static_cast<std::size_t>(outputs))};
    for (std::int64_t o = 0; o < outputs; ++o) {
      const std::int64_t first = o / (outputs / node.window.groups) * inputs;
      for (std::int64_t i = 0; i < inputs; ++i) {
        double total = 0, squares = 0;
        for (const float weight : weights.subspan(static_cast<std::size_t>(o * taps + i * area),
                                                  static_cast<std::size_t>(area))) {
          total += weight;
          squares += static_cast<double>(weight) * weight;
        }
        out.mean[static_cast<std::size_t>(o)] += total * in.mean[static_cast<std::size_t>(first + i)];
        out.variance[static_cast<std::size_t>(o)] += squares * in.variance[static_cast<std::size_t>(first + i)];
      }
    }
    return out;
  }

  /// Logits of about the same deviation whatever the width, centred so that no class wins on every image.
  Statistics fill_linear(Node& node) {
    const std::int64_t outputs = node.weight.size(0), inputs = node.weight.size(1);
    const Statistics& in = input(node);
    double total_variance = 1e-12;
    for (const double variance : in.variance) total_variance += variance;
    const double scale = kLogitDeviation / std::sqrt(total_variance);
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
    return {std::vector<double>(count, 0.0), std::vector<double>(count, kLogitDeviation * kLogitDeviation)};
  }

  /// The batch norm at the end of a residual branch; the one of a downsampling shortcut beside it is not.
  bool ends_branch(int index) const {
    const std::vector<int>& users = consumers_[static_cast<std::size_t>(index)];
    if (users.size() != 1) return false;
    const Node& user = graph_.nodes[static_cast<std::size_t>(users[0])];
    return user.op == Op::add && user.inputs[0] == index;
  }

  Statistics fill_batch_norm(int index, Node& node) {
    const Statistics& in = input(node);
    const std::size_t channels = in.mean.size();
    const double typical_gamma = ends_branch(index) ? kBranchGamma : 1.0;
    std::vector<float> gamma(channels), beta(channels), mean(channels), variance(channels);
    Statistics out;
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

  static Statistics rectified(Statistics in) {
    for (std::size_t c = 0; c < in.mean.size(); ++c) rectify(in.mean[c], in.variance[c]);
    return in;
  }

  static Statistics sum(Statistics a, const Statistics& b) {
    for (std::size_t c = 0; c < a.mean.size(); ++c) {
      a.mean[c] += b.mean[c];
      a.variance[c] += b.variance[c];
    }
    return a;
  }

  /// The largest of a few alike neighbours lies about one deviation above their mean.
  static Statistics maximum(Statistics in) {
    for (std::size_t c = 0; c < in.mean.size(); ++c) in.mean[c] += std::sqrt(in.variance[c]);
    return in;
  }

  static Statistics pooled(Statistics in) {
    for (double& variance : in.variance) variance *= kPooledVariance;
    return in;
  }

  static Statistics channels_padded(const Node& node, const Statistics& in) {
    const auto channels = static_cast<std::size_t>(node.out_channels);
    const std::size_t before = (channels - in.mean.size()) / 2;
    Statistics out{std::vector<double>(channels, 0.0), std::vector<double>(channels, 0.0)};
    std::copy(in.mean.begin(), in.mean.end(), out.mean.begin() + static_cast<std::ptrdiff_t>(before));
    std::copy(in.variance.begin(), in.variance.end(), out.variance.begin() + static_cast<std::ptrdiff_t>(before));
    return out;
  }

  Graph& graph_;
  std::vector<std::vector<int>> consumers_;
  RandomNumbers random_;
  std::vector<double> draws_;  ///< scratch of fill_filter
  std::vector<Statistics> statistics_;
};

}  // namespace

void fill_with_random_weights(Graph& graph, std::uint64_t seed) { WeightFiller(graph, seed).run(); }

}  // namespace qeval
