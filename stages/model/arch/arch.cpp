#include "stages/model/arch/arch.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "pipeline/base/did_you_mean.h"
#include "pipeline/base/errors.h"
#include "stages/model/arch/family.h"
#include "stages/model/weights/attach_weights.h"
#include "stages/model/weights/random_weights.h"

namespace qeval {
namespace {

/// Every architecture. A new family adds its line here.
constexpr std::vector<ArchEntry> (*families[])() = {
    resnet_family,       cifar_resnet_family, efficientnet_lite_family, efficientnet_family, mobilenet_v2_family,
    mobilenet_v3_family, regnet_family,       densenet_family,          squeezenet_family,   shufflenet_v2_family,
    vgg_family,          mnasnet_family,      convnext_family,
};

std::vector<ArchEntry> all_entries() {
  std::vector<ArchEntry> entries;
  for (const auto family : families) {
    const std::vector<ArchEntry> members = family();
    entries.insert(entries.end(), members.begin(), members.end());
  }
  return entries;
}

const ArchEntry& find_entry(const std::string& arch) {
  static const std::vector<ArchEntry> entries = all_entries();
  for (const ArchEntry& entry : entries)
    if (entry.name == arch) return entry;
  throw UsageError("unknown architecture '" + arch + "'" + did_you_mean(arch, arch_names()));
}

ArchSettings settle(const ArchEntry& entry, const ArchParameters& parameters) {
  std::vector<std::string> known;
  for (const auto& parameter : entry.defaults) known.push_back(parameter.first);
  std::map<std::string, std::string> values = entry.defaults;
  for (const auto& [key, value] : parameters) {
    if (values.count(key) == 0)
      throw ArchParameterError(
          key, "", "architecture '" + entry.name + "' has no parameter '" + key + "'" + did_you_mean(key, known));
    values[key] = value;
  }
  return ArchSettings(entry.name, std::move(values));
}

/// The graph with shaped but empty tensors.
Graph empty_graph(const std::string& arch, const ArchParameters& parameters) {
  const ArchEntry& entry = find_entry(arch);
  return entry.build(settle(entry, parameters));
}

/// The system gives memory to the pages that are looked at only.
std::shared_ptr<const float> untouched_zeros(std::size_t count) {
  const std::shared_ptr<void> block(std::calloc(count, sizeof(float)), std::free);
  if (!block) throw std::bad_alloc();
  return {block, static_cast<const float*>(block.get())};
}

}  // namespace

std::vector<std::string> arch_names() {
  std::vector<std::string> names;
  for (const ArchEntry& entry : all_entries()) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  return names;
}

ArchParameters arch_defaults(const std::string& arch) { return find_entry(arch).defaults; }

std::vector<ParameterSpec> arch_parameters(const std::string& arch, const ArchParameters& parameters) {
  Graph graph = empty_graph(arch, parameters);
  std::vector<ParameterSpec> specs;
  for (Node& node : graph.nodes)
    for_each_parameter(node, [&](const std::string& name, Tensor& tensor) { specs.push_back({name, tensor.shape()}); });
  return specs;
}

Graph build_structure(const std::string& arch, const ArchParameters& parameters) {
  Graph graph = empty_graph(arch, parameters);
  std::int64_t most = 1;
  for (Node& node : graph.nodes)
    for_each_parameter(node, [&](const std::string&, Tensor& tensor) { most = std::max(most, tensor.numel()); });
  const std::shared_ptr<const float> zeros = untouched_zeros(static_cast<std::size_t>(most));
  for (Node& node : graph.nodes)
    for_each_parameter(node, [&](const std::string&, Tensor& tensor) { tensor = Tensor(tensor.shape(), zeros); });
  return graph;
}

Graph build_graph(const std::string& arch, const ArchParameters& parameters, const StateDict& state,
                  std::string* remark) {
  Graph graph = empty_graph(arch, parameters);
  std::string renamed = attach_weights(graph, state.tensors);
  if (remark) *remark = std::move(renamed);
  return graph;
}

std::map<std::string, Tensor> random_weights(const std::string& arch, const ArchParameters& parameters,
                                             std::uint64_t seed) {
  Graph graph = empty_graph(arch, parameters);
  fill_with_random_weights(graph, seed);
  std::map<std::string, Tensor> tensors;
  for (Node& node : graph.nodes)
    for_each_parameter(node, [&](const std::string& name, Tensor& tensor) { tensors.emplace(name, tensor); });
  return tensors;
}

}  // namespace qeval
