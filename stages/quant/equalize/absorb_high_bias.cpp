#include "stages/quant/equalize/absorb_high_bias.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace qeval {
namespace {

std::vector<float> excess(const FoldedPair& norm, bool relu) {
  std::vector<float> result(norm.beta.values().begin(), norm.beta.values().end());
  if (!relu) return result;
  for (std::size_t c = 0; c < result.size(); ++c)
    result[c] = std::max(0.0f, result[c] - 3.0f * std::abs(norm.gamma.values()[c]));
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

void add(Tensor& tensor, const std::vector<float>& change, float sign) {
  std::vector<float> values(tensor.values().begin(), tensor.values().end());
  for (std::size_t c = 0; c < values.size(); ++c) values[c] += sign * change[c];
  tensor = Tensor(tensor.shape(), std::move(values));
}

}  // namespace

bool absorb_high_bias(Graph& graph, const ScaledJoint& joint, std::vector<FoldedPair>& folded) {
  Node& first = graph.nodes[static_cast<std::size_t>(joint.first)];
  Node& second = graph.nodes[static_cast<std::size_t>(joint.second)];
  FoldedPair* const norm = folded_into(folded, first.name);
  if (norm == nullptr || !first.bias.defined() || !second.bias.defined()) return false;
  const std::vector<float> moved = excess(*norm, joint.relu);
  add(first.bias, moved, -1.0f);
  add(norm->beta, moved, -1.0f);
  add(second.bias, response(second, moved), 1.0f);
  return true;
}

}  // namespace qeval
