#include "stages/quant/placement/shared_quantizers.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace qeval {
namespace {

bool hands_over(const Node& node) { return node.op == Op::relu || node.op == Op::concat; }

/// Modules that 2.42 sees through.
bool module_rearranges(Op op) { return op == Op::permute || op == Op::channel_shuffle || op == Op::reshape; }

/// Calls without a module that it sees through; it knows no padding and no pool here.
bool call_rearranges(Op op) { return op == Op::flatten || op == Op::permute || op == Op::slice || op == Op::reshape; }

class Sharing {
 public:
  Sharing(Graph& graph, QuantizerOwner owner)
      : graph_(graph), owner_(owner), users_(consumers(graph)), holder_(graph.quantizers.size()) {
    std::iota(holder_.begin(), holder_.end(), 0);
  }

  void run() {
    for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node) {
      if (!hands_over(*node) || node->output_quantizer < 0) continue;
      for (std::size_t i = 0; i < node->inputs.size(); ++i)
        hand_to(node->inputs[i], *node, i, holder(node->output_quantizer));
    }
    rebuild();
  }

 private:
  int& holder(int quantizer) { return holder_[static_cast<std::size_t>(quantizer)]; }
  const std::string& owner(const Node& node) const { return owner_of(node, owner_); }
  bool has_fixed_end(int quantizer) const {
    const Quantizer& q = graph_.quantizers[static_cast<std::size_t>(quantizer)];
    return q.fixed_min || q.fixed_max;
  }

  /// `value` is input `slot` of `reader`.
  void hand_to(int value, Node& reader, std::size_t slot, int quantizer) {
    if (users_[static_cast<std::size_t>(value)].size() > 1 && has_fixed_end(quantizer)) return;
    Node& producer = graph_.nodes[static_cast<std::size_t>(value)];
    if (producer.op == Op::input) return hand_to_input(reader, slot, quantizer);
    if (producer.output_quantizer >= 0) holder(producer.output_quantizer) = quantizer;
    if (!(owner(producer).empty() ? call_rearranges(producer.op) : module_rearranges(producer.op))) return;
    for (std::size_t i = 0; i < producer.inputs.size(); ++i) hand_to(producer.inputs[i], producer, i, quantizer);
  }

  void hand_to_input(Node& reader, std::size_t slot, int quantizer) {
    if (owner(reader).empty()) return;
    if (reader.input_quantizers[slot] >= 0) {
      holder(reader.input_quantizers[slot]) = quantizer;
      return;
    }
    Quantizer input = graph_.quantizers[static_cast<std::size_t>(quantizer)];
    input.role = QuantizerRole::input;
    input.module = owner(reader);
    reader.input_quantizers[slot] = static_cast<int>(graph_.quantizers.size());
    graph_.quantizers.push_back(std::move(input));
    holder_.push_back(quantizer);
  }

  /// In the order of their first call, which also names them; the settings are the holder's.
  void rebuild() {
    const std::vector<Quantizer> before = std::exchange(graph_.quantizers, {});
    std::vector<int> made(before.size(), -1);
    const auto visit = [&](int& index) {
      if (index < 0) return;
      const Quantizer& own = before[static_cast<std::size_t>(index)];
      const auto held_by = static_cast<std::size_t>(holder(index));
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

  int add(const Quantizer& named, const Quantizer& settings) {
    Quantizer quantizer = settings;
    quantizer.role = named.role;
    quantizer.module = named.module;
    quantizer.aliases.clear();
    quantizer.tensors.clear();
    quantizer.call_sites = 0;
    graph_.quantizers.push_back(std::move(quantizer));
    return static_cast<int>(graph_.quantizers.size()) - 1;
  }

  void feed(Quantizer& quantizer, const Quantizer& own) {
    ++quantizer.call_sites;
    for (const std::string& tensor : own.tensors)
      if (std::find(quantizer.tensors.begin(), quantizer.tensors.end(), tensor) == quantizer.tensors.end())
        quantizer.tensors.push_back(tensor);
    const auto keys = quantizer.keys();
    if (std::find(keys.begin(), keys.end(), own.key()) != keys.end()) return;
    quantizer.aliases.push_back(own.key());
  }

  Graph& graph_;
  const QuantizerOwner owner_;
  const std::vector<std::vector<int>> users_;
  std::vector<int> holder_;  ///< by the placed quantizers' index: whose quantizer stands there now
};

}  // namespace

void share_quantizers_across_grids(Graph& graph, QuantizerOwner owner) { Sharing(graph, owner).run(); }

}  // namespace qeval
