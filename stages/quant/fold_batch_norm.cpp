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
  graph.passes.push_back(std::string("fold_batch_norm/3 arithmetic=") + mode_name(mode) +
                         " folded=" + std::to_string(pairs.size()));
  return pairs;
}

}  // namespace qeval
