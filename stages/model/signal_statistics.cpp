#include "stages/model/signal_statistics.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "stages/model/weights/random_numbers.h"

namespace qeval {
namespace {

// Contrast differs between images and places, so signals have heavier tails than a normal distribution and keep more
// variance when rectified (measured on photographs through resnext101_32x8d).
constexpr double heavy_tails = 1.09;
// Averaging k positions of a feature map leaves more than 1/k of the variance: neighbours are alike.
constexpr double pooled_variance = 0.1;

/// Standard normal density and distribution function; Abramowitz and Stegun 26.2.17 (absolute error below 7.5e-8).
struct Normal {
  explicit Normal(double t) {
    density = 0.3989422804014327 * portable_exp(-0.5 * std::min(t * t, 1000.0));
    const double k = 1 / (1 + 0.2316419 * std::abs(t));
    const double tail =
        density * k * (0.319381530 + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))));
    below = t >= 0 ? 1 - tail : tail;
  }
  double density, below;
};

/// E and Var of max(0, X), X normal.
void rectify(double& mean, double& variance) {
  const double deviation = std::sqrt(variance);
  if (deviation < 1e-12) {
    mean = std::max(mean, 0.0);
    return;
  }
  const Normal normal(mean / deviation);
  const double first = mean * normal.below + deviation * normal.density;
  const double second = (mean * mean + variance) * normal.below + mean * deviation * normal.density;
  mean = first;
  variance = heavy_tails * std::max(second - first * first, 0.0);
}

double logistic(double x) { return 1 / (1 + portable_exp(std::clamp(-x, -500.0, 500.0))); }
double hard_logistic(double x) { return std::clamp(x + 3, 0.0, 6.0) / 6; }

double activation_value(Op op, double x) {
  switch (op) {
    case Op::sigmoid: return logistic(x);
    case Op::hard_sigmoid: return hard_logistic(x);
    case Op::hard_swish: return x * hard_logistic(x);
    case Op::silu: return x * logistic(x);
    case Op::gelu: return x * Normal(x).below;
    default: return x;
  }
}

/// E and Var of f(X), X normal, by the trapezoidal rule over ±4 deviations.
void through_activation(Op op, double& mean, double& variance) {
  constexpr int half = 16;
  static const auto weights = [] {
    std::array<double, 2 * half + 1> densities{};
    for (int i = -half; i <= half; ++i) densities[static_cast<std::size_t>(i + half)] = Normal(i * 0.25).density;
    return densities;
  }();
  const double deviation = std::sqrt(variance);
  double total = 0, first = 0, second = 0;
  for (int i = -half; i <= half; ++i) {
    const double weight = weights[static_cast<std::size_t>(i + half)];
    const double value = activation_value(op, mean + deviation * i * 0.25);
    total += weight;
    first += weight * value;
    second += weight * value * value;
  }
  mean = first / total;
  variance = std::max(second / total - mean * mean, 0.0);
}

SignalStatistics activated(SignalStatistics in, Op op) {
  for (std::size_t c = 0; c < in.mean.size(); ++c)
    if (op == Op::relu || op == Op::relu6)
      rectify(in.mean[c], in.variance[c]);
    else
      through_activation(op, in.mean[c], in.variance[c]);
  return in;
}

SignalStatistics sum(SignalStatistics a, const SignalStatistics& b) {
  for (std::size_t c = 0; c < a.mean.size(); ++c) {
    a.mean[c] += b.mean[c];
    a.variance[c] += b.variance[c];
  }
  return a;
}

/// Of independent factors.
SignalStatistics product(SignalStatistics a, const SignalStatistics& b) {
  for (std::size_t c = 0; c < a.mean.size(); ++c) {
    const double first = a.mean[c] * b.mean[c];
    const double second = (a.variance[c] + a.mean[c] * a.mean[c]) * (b.variance[c] + b.mean[c] * b.mean[c]);
    a.mean[c] = first;
    a.variance[c] = std::max(second - first * first, 0.0);
  }
  return a;
}

/// The largest of a few alike neighbours lies about one deviation above their mean.
SignalStatistics maximum(SignalStatistics in) {
  for (std::size_t c = 0; c < in.mean.size(); ++c) in.mean[c] += std::sqrt(in.variance[c]);
  return in;
}

/// `independent`: what averaging leaves of the part that neighbours do not share.
SignalStatistics averaged(SignalStatistics in, double independent) {
  for (double& variance : in.variance) variance *= pooled_variance + (1 - pooled_variance) * independent;
  return in;
}

SignalStatistics channels_padded(const Node& node, const SignalStatistics& in) {
  const auto channels = static_cast<std::size_t>(node.out_channels);
  const std::size_t before = (channels - in.mean.size()) / 2;
  SignalStatistics out{std::vector<double>(channels, 0.0), std::vector<double>(channels, 0.0)};
  std::copy(in.mean.begin(), in.mean.end(), out.mean.begin() + static_cast<std::ptrdiff_t>(before));
  std::copy(in.variance.begin(), in.variance.end(), out.variance.begin() + static_cast<std::ptrdiff_t>(before));
  return out;
}

SignalStatistics joined(std::span<const SignalStatistics* const> inputs) {
  SignalStatistics out;
  for (const SignalStatistics* in : inputs) {
    out.mean.insert(out.mean.end(), in->mean.begin(), in->mean.end());
    out.variance.insert(out.variance.end(), in->variance.begin(), in->variance.end());
  }
  return out;
}

SignalStatistics sliced(const SignalStatistics& in, int first, int last) {
  const auto end = std::min<std::ptrdiff_t>(last, static_cast<std::ptrdiff_t>(in.mean.size()));
  return {{in.mean.begin() + first, in.mean.begin() + end}, {in.variance.begin() + first, in.variance.begin() + end}};
}

SignalStatistics shuffled(const SignalStatistics& in, int groups) {
  SignalStatistics out = in;
  const auto count = static_cast<std::size_t>(groups), size = in.mean.size() / count;
  for (std::size_t c = 0; c < in.mean.size(); ++c) {
    const std::size_t target = c % size * count + c / size;
    out.mean[target] = in.mean[c];
    out.variance[target] = in.variance[c];
  }
  return out;
}

}  // namespace

SignalStatistics statistics_behind(const Node& node, std::span<const SignalStatistics* const> inputs) {
  const SignalStatistics& in = *inputs[0];
  switch (node.op) {
    case Op::relu:
    case Op::relu6:
    case Op::sigmoid:
    case Op::hard_sigmoid:
    case Op::hard_swish:
    case Op::silu:
    case Op::gelu: return activated(in, node.op);
    case Op::add: return sum(in, *inputs[1]);
    case Op::mul: return product(in, *inputs[1]);
    case Op::max_pool: return maximum(in);
    case Op::avg_pool: return averaged(in, 1.0 / (node.window.kernel[0] * node.window.kernel[1]));
    case Op::global_avg_pool: return averaged(in, 0);
    case Op::subsample_pad_channels: return channels_padded(node, in);
    case Op::concat: return joined(inputs);
    case Op::slice: return sliced(in, node.first, node.last);
    case Op::channel_shuffle: return shuffled(in, node.window.groups);
    default: return in;
  }
}

SignalStatistics repeated_to(const SignalStatistics& in, std::size_t count) {
  const std::size_t times = count / in.mean.size();
  SignalStatistics out;
  for (std::size_t c = 0; c < in.mean.size(); ++c) {
    out.mean.insert(out.mean.end(), times, in.mean[c]);
    out.variance.insert(out.variance.end(), times, in.variance[c]);
  }
  return out;
}

}  // namespace qeval
