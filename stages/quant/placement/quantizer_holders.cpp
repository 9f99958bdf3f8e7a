#include "stages/quant/placement/quantizer_holders.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace qeval {
namespace {

void add_new(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace

QuantizerHolders::QuantizerHolders(Graph& graph) : graph_(graph), holder_(graph.quantizers.size()) {
  std::iota(holder_.begin(), holder_.end(), 0);
}

int QuantizerHolders::add_place(Quantizer named, int quantizer) {
  graph_.quantizers.push_back(std::move(named));
  holder_.push_back(quantizer);
  return static_cast<int>(holder_.size()) - 1;
}

void QuantizerHolders::apply() {
  const std::vector<Quantizer> before = std::exchange(graph_.quantizers, {});
  std::vector<int> made(before.size(), -1);
  const auto visit = [&](int& index) {
    if (index < 0) return;
    const Quantizer& own = before[static_cast<std::size_t>(index)];
    const auto held_by = static_cast<std::size_t>(at(index));
    if (made[held_by] < 0) made[held_by] = add(own, before[held_by]);
    index = made[held_by];
    feed(graph_.quantizers[static_cast<std::size_t>(index)], own);
  };
  for (Node& node : graph_.nodes) {
    for (int& input : node.input_quantizers) visit(input);
    visit(node.weight_quantizer);
    visit(node.bias_quantizer);
    visit(node.output_quantizer);
  }
}

int QuantizerHolders::add(const Quantizer& named, const Quantizer& settings) {
  Quantizer quantizer = settings;
  quantizer.role = named.role;
  quantizer.module = named.module;
  quantizer.aliases.clear();
  quantizer.tensors.clear();
  quantizer.call_sites = 0;
  graph_.quantizers.push_back(std::move(quantizer));
  return static_cast<int>(graph_.quantizers.size()) - 1;
}

void QuantizerHolders::feed(Quantizer& quantizer, const Quantizer& own) const {
  ++quantizer.call_sites;
  for (const std::string& tensor : own.tensors) add_new(quantizer.tensors, tensor);
  for (const std::string& key : own.keys())
    if (key != quantizer.key()) add_new(quantizer.aliases, key);
}

}  // namespace qeval
