#include "stages/quant/equalize/absorb_high_bias.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace qeval {
namespace {

std::vector<float> excess(const FoldedPair& norm, const ScaledJoint& joint) {
  std::vector<float> result(joint.scales.size());
  for (std::size_t c = 0; c < result.size(); ++c) {
    const float beta = norm.beta.values()[c] / joint.scales[c];
    const float gamma = norm.gamma.values()[c] / joint.scales[c];
    result[c] = joint.relu ? std::max(0.0f, beta - 3.0f * std::abs(gamma)) : beta;
  }
  return result;
}

/// Σ over taps, and over input channels unless the convolution is depthwise, in double: a sum over a thousand channels.
std::vector<float> response(const Node& conv, const std::vector<float>& input) {
  const auto outputs = static_cast<std::size_t>(conv.weight.size(0));
  const auto inputs = static_cast<std::size_t>(conv.weight.size(1));
  const std::size_t taps = conv.weight.values().size() / (outputs * inputs);
  std::vector<float> result(outputs);
  for (std::size_t o = 0; o < outputs; ++o) {
    double sum = 0;
    for (std::size_t i = 0; i < inputs * taps; ++i)
      sum += double{conv.weight.values()[o * inputs * taps + i]} * input[conv.window.groups == 1 ? i / taps : o];
    result[o] = static_cast<float>(sum);
  }
  return result;
}

void add_to_bias(Node& conv, const std::vector<float>& change, float sign) {
  std::vector<float> values(conv.bias.values().begin(), conv.bias.values().end());
  for (std::size_t c = 0; c < values.size(); ++c) values[c] += sign * change[c];
  conv.bias = Tensor(conv.bias.shape(), std::move(values));
}

}  // namespace

bool absorb_high_bias(Graph& graph, const ScaledJoint& joint, const std::vector<FoldedPair>& folded) {
  Node& first = graph.nodes[static_cast<std::size_t>(joint.first)];
  Node& second = graph.nodes[static_cast<std::size_t>(joint.second)];
  const auto norm =
      std::find_if(folded.begin(), folded.end(), [&](const FoldedPair& pair) { return pair.conv == first.name; });
  if (norm == folded.end() || !first.bias.defined() || !second.bias.defined()) return false;
  const std::vector<float> moved = excess(*norm, joint);
  add_to_bias(first, moved, -1.0f);
  add_to_bias(second, response(second, moved), 1.0f);
  return true;
}

}  // namespace qeval
