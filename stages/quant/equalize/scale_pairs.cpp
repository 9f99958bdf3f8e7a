#include "stages/quant/equalize/scale_pairs.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "stages/quant/equalize/numpy_cube_root.h"

namespace qeval {
namespace {

using Channels = std::vector<float>;

std::size_t length(const Tensor& tensor, int axis) { return static_cast<std::size_t>(tensor.size(axis)); }

/// Largest |weight| per output channel.
Channels output_ranges(const Tensor& weight) {
  const std::size_t row = weight.values().size() / length(weight, 0);
  Channels ranges(length(weight, 0), 0.0f);
  for (std::size_t i = 0; i < weight.values().size(); ++i)
    ranges[i / row] = std::max(ranges[i / row], std::abs(weight.values()[i]));
  return ranges;
}

/// The input channel that element i of a one-group convolution's weight reads.
std::size_t input_channel(const Tensor& weight, std::size_t i) {
  const std::size_t taps = weight.values().size() / (length(weight, 0) * length(weight, 1));
  return i / taps % length(weight, 1);
}

/// Largest |weight| per input channel of a one-group convolution.
Channels input_ranges(const Tensor& weight) {
  Channels ranges(length(weight, 1), 0.0f);
  for (std::size_t i = 0; i < weight.values().size(); ++i) {
    float& range = ranges[input_channel(weight, i)];
    range = std::max(range, std::abs(weight.values()[i]));
  }
  return ranges;
}

float usable(float scale) { return std::isfinite(scale) && scale != 0.0f ? scale : 1.0f; }

Tensor mapped(const Tensor& tensor, const std::function<float(float, std::size_t)>& change) {
  std::vector<float> values(tensor.values().begin(), tensor.values().end());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = change(values[i], i);
  return Tensor(tensor.shape(), std::move(values));
}

/// Divides the output channels of weight and bias. A reciprocal first, then a product, as AIMET does.
void divide_outputs(Node& conv, const Channels& scales) {
  const std::size_t row = conv.weight.values().size() / scales.size();
  conv.weight = mapped(conv.weight, [&](float w, std::size_t i) { return w * (1.0f / scales[i / row]); });
  if (conv.bias.defined())
    conv.bias = mapped(conv.bias, [&](float b, std::size_t i) { return b * (1.0f / scales[i]); });
}

void multiply_inputs(Node& conv, const Channels& scales) {
  conv.weight = mapped(conv.weight, [&](float w, std::size_t i) { return w * scales[input_channel(conv.weight, i)]; });
}

void multiply_depthwise_inputs(Node& conv, const Channels& scales) {
  const std::size_t row = conv.weight.values().size() / scales.size();
  conv.weight = mapped(conv.weight, [&](float w, std::size_t i) { return w * scales[i / row]; });
}

std::vector<Channels> scale_two(Node& first, Node& second) {
  const Channels r1 = output_ranges(first.weight), r2 = input_ranges(second.weight);
  Channels scales(r1.size());
  for (std::size_t c = 0; c < scales.size(); ++c) scales[c] = usable(r1[c] / std::sqrt(r1[c] * r2[c]));
  divide_outputs(first, scales);
  multiply_inputs(second, scales);
  return {scales};
}

std::vector<Channels> scale_three(Node& first, Node& depthwise, Node& last) {
  const Channels r1 = output_ranges(first.weight), r2 = output_ranges(depthwise.weight), r3 = input_ranges(last.weight);
  Channels before(r1.size()), after(r1.size());
  for (std::size_t c = 0; c < r1.size(); ++c) {
    const float mean = numpy_cube_root(r1[c] * r2[c] * r3[c]);
    before[c] = usable(r1[c] / mean);
    after[c] = usable(mean / r3[c]);
  }
  divide_outputs(first, before);
  multiply_depthwise_inputs(depthwise, before);
  divide_outputs(depthwise, after);
  multiply_inputs(last, after);
  return {before, after};
}

}  // namespace

std::vector<std::vector<float>> scale_pairs(Graph& graph, const ScalingSet& set) {
  const auto conv = [&](std::size_t i) -> Node& { return graph.nodes[static_cast<std::size_t>(set.convs[i])]; };
  return set.convs.size() == 3 ? scale_three(conv(0), conv(1), conv(2)) : scale_two(conv(0), conv(1));
}

}  // namespace qeval
