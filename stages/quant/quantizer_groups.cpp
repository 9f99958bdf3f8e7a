#include "stages/quant/quantizer_groups.h"

#include <algorithm>

#include "pipeline/did_you_mean.h"
#include "pipeline/errors.h"

namespace qeval {
namespace {

template <class NodeType, class Visit>
void for_each_quantizer(NodeType& node, Visit&& visit) {
  visit(node.output_quantizer);
  visit(node.weight_quantizer);
  visit(node.bias_quantizer);
  for (auto& quantizer : node.input_quantizers) visit(quantizer);
}

std::vector<std::string> quantized_modules(const Graph& graph) {
  std::vector<std::string> names;
  for (const Quantizer& quantizer : graph.quantizers)
    if (std::find(names.begin(), names.end(), quantizer.module) == names.end()) names.push_back(quantizer.module);
  return names;
}

}  // namespace

const char* group_kind_name(GroupKind kind) { return kind == GroupKind::weights ? "weights" : "activations"; }

std::vector<QuantizerGroup> quantizer_groups(const Graph& graph, const EncodingTable& encodings) {
  std::vector<QuantizerGroup> groups;
  for (std::size_t i = 0; i < graph.quantizers.size(); ++i) {
    if (encodings[i].empty()) continue;
    const Quantizer& quantizer = graph.quantizers[i];
    const GroupKind kind = quantizer.role == QuantizerRole::param ? GroupKind::weights : GroupKind::activations;
    auto group = std::find_if(groups.begin(), groups.end(), [&](const QuantizerGroup& g) {
      return g.module == quantizer.module && g.kind == kind;
    });
    if (group == groups.end()) group = groups.insert(groups.end(), QuantizerGroup{quantizer.module, kind, {}, 0});
    group->quantizers.push_back(static_cast<int>(i));
  }
  for (QuantizerGroup& group : groups) group.first_node = first_changed_node(graph, group.quantizers);
  std::stable_sort(groups.begin(), groups.end(), [](const QuantizerGroup& a, const QuantizerGroup& b) {
    return a.first_node != b.first_node ? a.first_node < b.first_node : a.kind < b.kind;
  });
  return groups;
}

int first_changed_node(const Graph& graph, const QuantizerIndices& quantizers) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    bool uses = false;
    for_each_quantizer(graph.nodes[i], [&](int q) {
      uses = uses || (q >= 0 && std::find(quantizers.begin(), quantizers.end(), q) != quantizers.end());
    });
    if (uses) return static_cast<int>(i);
  }
  throw InternalError("a group of quantizers that no node uses");
}

std::vector<int> remove_quantizers(Graph& graph, const std::vector<std::string>& modules) {
  const auto known = quantized_modules(graph);
  for (const std::string& module : modules)
    if (std::find(known.begin(), known.end(), module) == known.end())
      throw UsageError("quantization.disable: no module '" + module + "' has quantizers" +
                       did_you_mean(module, known) + " (`qeval plan JOB --quantizers` lists them)");
  std::vector<Quantizer> kept;
  std::vector<int> new_index;
  std::string identity = "disable";
  for (const Quantizer& quantizer : graph.quantizers) {
    const bool off = std::find(modules.begin(), modules.end(), quantizer.module) != modules.end();
    new_index.push_back(off ? -1 : static_cast<int>(kept.size()));
    if (off)
      identity += " " + quantizer.key();
    else
      kept.push_back(quantizer);
  }
  for (Node& node : graph.nodes)
    for_each_quantizer(node, [&](int& q) {
      if (q >= 0) q = new_index[static_cast<std::size_t>(q)];
    });
  graph.quantizers = std::move(kept);
  if (!modules.empty()) graph.passes.push_back(identity);
  return new_index;
}

}  // namespace qeval
