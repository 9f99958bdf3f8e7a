#include "stages/quant/placement/quantizer_groups.h"

#include <algorithm>

#include "pipeline/base/did_you_mean.h"
#include "pipeline/base/errors.h"
#include "stages/quant/files/encodings_file.h"

namespace qeval {
namespace {

template <class NodeType, class Visit>
void for_each_quantizer(NodeType& node, Visit&& visit) {
  visit(node.output_quantizer);
  visit(node.weight_quantizer);
  visit(node.bias_quantizer);
  for (auto& quantizer : node.input_quantizers) visit(quantizer);
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void add_new(std::vector<std::string>& names, const std::vector<std::string>& more) {
  for (const std::string& name : more)
    if (!contains(names, name)) names.push_back(name);
}

/// The module of the quantizer, then those of its aliases, each once.
std::vector<std::string> modules_of(const Quantizer& quantizer) {
  std::vector<std::string> modules{quantizer.module};
  for (const std::string& alias : quantizer.aliases) add_new(modules, {module_of_side(alias)});
  return modules;
}

std::vector<std::string> quantized_modules(const Graph& graph) {
  std::vector<std::string> names;
  for (const Quantizer& quantizer : graph.quantizers) add_new(names, modules_of(quantizer));
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// The remark about a quantizer that goes off; empty if all its modules are named.
std::string off_with(const Quantizer& quantizer, const std::vector<std::string>& modules) {
  std::vector<std::string> named, others;
  for (const std::string& module : modules_of(quantizer))
    (contains(modules, module) ? named : others).push_back(module);
  if (others.empty()) return "";
  return "quantization.disable: disabling " + joined(named) + " also disables the activation quantizer of " +
         joined(others) + ": they share it";
}

}  // namespace

const char* group_kind_name(GroupKind kind) { return kind == GroupKind::weights ? "weights" : "activations"; }

std::vector<QuantizerGroup> quantizer_groups(const Graph& graph, const EncodingTable& encodings) {
  std::vector<QuantizerGroup> groups;
  for (std::size_t i = 0; i < graph.quantizers.size(); ++i) {
    const Quantizer& quantizer = graph.quantizers[i];
    if (encodings[i].empty() || quantizer.number) continue;
    const GroupKind kind = quantizer.role == QuantizerRole::param ? GroupKind::weights : GroupKind::activations;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const QuantizerGroup& g) { return g.module == quantizer.module && g.kind == kind; });
    if (group == groups.end()) group = groups.insert(groups.end(), QuantizerGroup{quantizer.module, kind, {}, 0});
    group->quantizers.push_back(static_cast<int>(i));
    add_new(group->shared_with, modules_of(quantizer));
  }
  for (QuantizerGroup& group : groups) {
    std::erase(group.shared_with, group.module);
    group.first_node = first_changed_node(graph, group.quantizers);
  }
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

void check_has_quantizers(const Graph& graph, const std::string& module) {
  const auto known = quantized_modules(graph);
  if (!contains(known, module))
    throw UsageError("quantization.disable: no module '" + module + "' has quantizers" + did_you_mean(module, known) +
                     " (`qeval plan JOB --quantizers` lists them)");
}

RemovedQuantizers remove_quantizers(Graph& graph, const std::vector<std::string>& modules) {
  for (const std::string& module : modules) check_has_quantizers(graph, module);
  std::vector<Quantizer> kept;
  RemovedQuantizers removed;
  std::string identity = "disable";
  for (const Quantizer& quantizer : graph.quantizers) {
    const auto names = modules_of(quantizer);
    const bool off = std::any_of(names.begin(), names.end(), [&](const auto& name) { return contains(modules, name); });
    removed.new_index.push_back(off ? -1 : static_cast<int>(kept.size()));
    if (!off) {
      kept.push_back(quantizer);
      continue;
    }
    identity += " " + quantizer.key();
    std::string remark = off_with(quantizer, modules);
    if (!remark.empty()) removed.remarks.push_back(std::move(remark));
  }
  for (Node& node : graph.nodes)
    for_each_quantizer(node, [&](int& q) {
      if (q >= 0) q = removed.new_index[static_cast<std::size_t>(q)];
    });
  graph.quantizers = std::move(kept);
  if (!modules.empty()) graph.passes.push_back(identity);
  return removed;
}

}  // namespace qeval
