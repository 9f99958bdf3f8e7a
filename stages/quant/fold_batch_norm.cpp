#include "stages/quant/fold_batch_norm.h"

#include <cmath>
#include <set>
#include <utility>

#include "stages/model/node_shapes.h"
#include "stages/model/remove_nodes.h"
#include "stages/quant/arithmetic/mkl_sqrt.h"

namespace qeval {
namespace {

/// aimet-onnx takes numpy's root, the generations on PyTorch torch.sqrt's.
float deviation(float variance, NumericsMode mode) {
  return mode == NumericsMode::aimet_onnx_2 ? std::sqrt(variance) : mkl_sqrt(variance);
}

/// All arithmetic in f32 and in the mode's order of operations, so that folded weights agree to the bit.
void fold_into(Node& conv, const Node& norm, NumericsMode mode) {
  const auto channels = static_cast<std::size_t>(conv.weight.size(0));
  const std::size_t taps = conv.weight.values().size() / channels;
  std::vector<float> weights(conv.weight.values().begin(), conv.weight.values().end());
  std::vector<float> biases(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    const float sigma = deviation(norm.variance.values()[c] + norm.epsilon, mode);
    const float gamma = norm.weight.values()[c];
    const float scale = is_before_2(mode) ? gamma * (1.0f / sigma) : gamma / sigma;
    for (std::size_t t = 0; t < taps; ++t) weights[c * taps + t] *= scale;
    const float bias = conv.bias.defined() ? conv.bias.values()[c] : 0.0f;
    biases[c] = norm.bias.values()[c] - (norm.mean.values()[c] - bias) * scale;
  }
  conv.weight = Tensor(conv.weight.shape(), std::move(weights));
  conv.bias = Tensor({static_cast<std::int64_t>(channels)}, std::move(biases));
  conv.onnx_output = norm.onnx_output;
}

/// γ/σ and β − μγ/σ, of statistics 0 and 1. Source: 2.42, aimet_torch _base/batch_norm_fold.py,
/// convert_batchnorm_parameters; aimet_onnx batch_norm_fold.py, _update_standalone_batchnorm_ops.
void take_statistics_in(Node& norm) {
  const auto channels = static_cast<std::size_t>(norm.weight.size(0));
  std::vector<float> weights(channels), biases(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    weights[c] = norm.weight.values()[c] * (1.0f / std::sqrt(norm.variance.values()[c] + norm.epsilon));
    biases[c] = norm.bias.values()[c] - norm.mean.values()[c] * weights[c];
  }
  norm.weight = Tensor(norm.weight.shape(), std::move(weights));
  norm.bias = Tensor(norm.bias.shape(), std::move(biases));
  norm.mean = Tensor(norm.mean.shape(), std::vector<float>(channels, 0.0f));
  norm.variance = Tensor(norm.variance.shape(), std::vector<float>(channels, 1.0f));
  norm.epsilon = 0;
}

/// Of the norms that are left. Returns how many.
int take_all_statistics_in(Graph& graph, NumericsMode mode) {
  int converted = 0;
  for (Node& node : graph.nodes) {
    if (is_before_2(mode) || node.op != Op::batch_norm || node.from_constants) continue;
    take_statistics_in(node);
    ++converted;
  }
  return converted;
}

}  // namespace

std::vector<int> foldable_producers(const Graph& graph) {
  const std::vector<std::vector<int>> users = consumers(graph);
  const std::vector<Shape> shapes = node_shapes(graph);
  std::vector<int> producers(graph.nodes.size(), -1);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].op != Op::batch_norm) continue;
    const auto producer = static_cast<std::size_t>(graph.nodes[i].inputs[0]);
    const Op op = graph.nodes[producer].op;
    const bool same_axis = op == Op::conv || (op == Op::linear && last_axis_is_channels(shapes[producer]));
    if (same_axis && users[producer].size() == 1) producers[i] = static_cast<int>(producer);
  }
  return producers;
}

std::vector<FoldedPair> fold_batch_norm(Graph& graph, NumericsMode mode, std::vector<std::string>* left) {
  const std::vector<int> producers = foldable_producers(graph);
  std::vector<FoldedPair> pairs;
  std::set<int> removed;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& norm = graph.nodes[i];
    if (norm.op != Op::batch_norm) continue;
    const int producer = producers[i];
    if (producer < 0) {
      if (left) left->push_back(norm.name);
      continue;
    }
    Node& conv = graph.nodes[static_cast<std::size_t>(producer)];
    fold_into(conv, norm, mode);
    pairs.push_back({conv.name, norm.name, norm.weight, norm.bias});
    removed.insert(static_cast<int>(i));
  }
  remove_nodes(graph, removed);
  std::string pass =
      std::string("fold_batch_norm/3 arithmetic=") + mode_name(mode) + " folded=" + std::to_string(pairs.size());
  // Only where it counts, so that the keys of other stored runs stay as they are.
  if (const int converted = take_all_statistics_in(graph, mode); converted > 0)
    pass += " converted=" + std::to_string(converted);
  graph.passes.push_back(std::move(pass));
  return pairs;
}

}  // namespace qeval
