#include "stages/quant/equalize/equalize.h"

#include <algorithm>
#include <utility>

#include "stages/quant/equalize/absorb_high_bias.h"
#include "stages/quant/equalize/replace_relu6.h"
#include "stages/quant/equalize/scale_pairs.h"

namespace qeval {
namespace {

std::string sets_text(const std::vector<std::vector<std::string>>& sets, const char* inside, const char* between) {
  std::vector<std::string> texts;
  for (const auto& names : sets) texts.push_back(joined(names, inside));
  return joined(texts, between);
}

Tensor divided(const Tensor& tensor, const std::vector<float>& divisors) {
  std::vector<float> values(tensor.values().begin(), tensor.values().end());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] /= divisors[i];
  return Tensor(tensor.shape(), std::move(values));
}

std::vector<ScaledJoint> scale(Graph& graph, const ScalingSet& set, std::vector<FoldedPair>& folded) {
  const std::vector<std::vector<float>> scales = scale_pairs(graph, set);
  std::vector<ScaledJoint> joints;
  for (std::size_t i = 0; i < scales.size(); ++i) {
    joints.push_back({set.convs[i], set.convs[i + 1], set.relu_after[i]});
    FoldedPair* const norm = folded_into(folded, graph.nodes[static_cast<std::size_t>(set.convs[i])].name);
    if (norm == nullptr) continue;
    norm->gamma = divided(norm->gamma, scales[i]);
    norm->beta = divided(norm->beta, scales[i]);
  }
  return joints;
}

}  // namespace

Equalization equalize(Graph& graph, std::vector<FoldedPair> folded, NumericsMode mode) {
  Equalization result;
  if (mode == NumericsMode::aimet_torch_2)
    result.kept_relu6 = static_cast<int>(
        std::count_if(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) { return node.op == Op::relu6; }));
  else
    result.replaced_relu6 = replace_relu6(graph);
  ScalingPlan plan = find_pairs(graph);
  result.left = std::move(plan.left);
  std::vector<ScaledJoint> joints;
  for (const ScalingSet& set : plan.sets) {
    for (const ScaledJoint& joint : scale(graph, set, folded)) joints.push_back(joint);
    auto& names = result.scaled.emplace_back();
    for (const int conv : set.convs) names.push_back(graph.nodes[static_cast<std::size_t>(conv)].name);
  }
  // Only now: a chain's next set would scale the biases that absorption moved.
  for (const ScaledJoint& joint : joints) result.absorbed += absorb_high_bias(graph, joint, folded);
  result.folded = std::move(folded);
  graph.passes.push_back("equalize/2 relu6=" + std::to_string(result.replaced_relu6) + " absorbed=" +
                         std::to_string(result.absorbed) + " scaled=" + sets_text(result.scaled, ">", ","));
  return result;
}

std::vector<std::string> Equalization::remarks() const {
  std::vector<std::string> lines;
  if (replaced_relu6 > 0) lines.push_back("equalize: " + std::to_string(replaced_relu6) + " ReLU6 became ReLU");
  if (kept_relu6 > 0)
    lines.push_back("equalize: " + std::to_string(kept_relu6) +
                    " ReLU6 stay, as in aimet-torch since 2.4, and no scale passes them; other modes make them ReLU");
  std::string done = "equalize: " + std::to_string(scaled.size()) +
                     " sets of convolutions scaled, high biases absorbed at " + std::to_string(absorbed) + " joints";
  if (!scaled.empty()) done += ": " + sets_text(scaled, " > ", ", ");
  lines.push_back(std::move(done));
  for (std::string& line : left_alone_remarks("equalize", left)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace qeval
