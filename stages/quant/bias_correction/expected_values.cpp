#include "stages/quant/bias_correction/expected_values.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stages/quant/bias_correction/clipped_normal.h"

namespace qeval {
namespace {

ExpectedValues unknown_behind(std::string what) { return {{}, false, std::move(what)}; }

ExpectedValues from_norm(const Tensor& gamma, const Tensor& beta) {
  ExpectedValues result;
  result.normal = true;
  result.channels.mean.assign(beta.values().begin(), beta.values().end());
  for (const float g : gamma.values()) result.channels.variance.push_back(double{g} * g);
  return result;
}

ExpectedValues clipped(ExpectedValues in, double low, double high, const Node& node) {
  if (!in.normal) return unknown_behind(std::string(op_name(node.op)) + " of a sum or an average");
  SignalStatistics& channels = in.channels;
  for (std::size_t c = 0; c < channels.mean.size(); ++c)
    channels.mean[c] = clipped_normal_mean(channels.mean[c], std::sqrt(channels.variance[c]), low, high);
  in.normal = false;
  return in;
}

bool averages_padding(const Window& window) {
  return window.count_include_pad && window.padding != std::array<int, 4>{0, 0, 0, 0};
}

/// Nodes whose result consists of their inputs' values, moved, or of zeros.
bool only_moves(const Node& node) {
  switch (node.op) {
    case Op::dropout:
    case Op::flatten:
    case Op::pad:
    case Op::channel_shuffle:
    case Op::subsample_pad_channels: return true;
    case Op::concat: return node.axis == 1;
    case Op::slice: return node.axis == 1 && node.step == 1;
    case Op::reshape: return node.shape.size() == 1;  // another way to say flatten
    default: return false;
  }
}

/// Nodes whose result has the mean that the inputs' means give, however they depend on each other.
bool is_linear(const Node& node, std::span<const SignalStatistics* const> inputs) {
  switch (node.op) {
    case Op::add: return inputs.size() == 2 && inputs[0]->mean.size() == inputs[1]->mean.size();
    case Op::global_avg_pool: return true;
    case Op::avg_pool: return !averages_padding(node.window);
    case Op::reduce_mean: return node.axes == std::vector<int>{2, 3};
    default: return false;
  }
}

class Propagation {
 public:
  Propagation(const Graph& graph, const std::vector<FoldedPair>& folded) : graph_(graph), folded_(folded) {}

  std::vector<ExpectedValues> run() {
    for (const Node& node : graph_.nodes) values_.push_back(behind(node));
    return std::move(values_);
  }

 private:
  ExpectedValues behind(const Node& node) const {
    switch (node.op) {
      case Op::input: return unknown_behind("the network's input");
      case Op::batch_norm: return from_norm(node.weight, node.bias);
      case Op::conv:
      case Op::conv_transpose:
      case Op::linear: return behind_layer(node);
      default: return behind_inputs(node);
    }
  }

  ExpectedValues behind_layer(const Node& node) const {
    const FoldedPair* const norm = folded_into(folded_, node.name);
    if (norm == nullptr) return unknown_behind(std::string(op_name(node.op)) + " without batch norm");
    return from_norm(norm->gamma, norm->beta);
  }

  ExpectedValues behind_inputs(const Node& node) const {
    std::vector<const SignalStatistics*> inputs;
    bool normal = true;
    for (const int input : node.inputs) {
      const ExpectedValues& in = values_[static_cast<std::size_t>(input)];
      if (!in.unknown.empty()) return in;
      inputs.push_back(&in.channels);
      normal = normal && in.normal;
    }
    const ExpectedValues& first = values_[static_cast<std::size_t>(node.inputs[0])];
    if (node.op == Op::relu) return clipped(first, 0, std::numeric_limits<double>::infinity(), node);
    if (node.op == Op::relu6) return clipped(first, 0, 6, node);
    if (node.op == Op::clip) return clipped(first, node.alpha, node.beta, node);
    if (only_moves(node)) return {statistics_behind(node, inputs), normal, ""};
    if (is_linear(node, inputs)) return {statistics_behind(node, inputs), false, ""};
    return unknown_behind(op_name(node.op));
  }

  const Graph& graph_;
  const std::vector<FoldedPair>& folded_;
  std::vector<ExpectedValues> values_;
};

}  // namespace

std::vector<ExpectedValues> expected_values(const Graph& graph, const std::vector<FoldedPair>& folded) {
  return Propagation(graph, folded).run();
}

}  // namespace qeval
