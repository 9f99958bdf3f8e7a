#include "stages/quant/placement/shared_quantizers.h"

#include <utility>

#include "stages/quant/placement/quantizer_holders.h"

namespace qeval {
namespace {

bool hands_over(const Node& node) { return node.op == Op::relu || node.op == Op::concat; }

/// Modules that 2.42 sees through.
bool module_rearranges(Op op) { return op == Op::permute || op == Op::channel_shuffle || op == Op::reshape; }

/// Calls without a module that it sees through; it knows no padding and no pool here.
bool call_rearranges(Op op) { return op == Op::flatten || op == Op::slice || module_rearranges(op); }

class Sharing {
 public:
  Sharing(Graph& graph, QuantizerOwner owner)
      : graph_(graph), owner_(owner), users_(consumers(graph)), holders_(graph) {}

  void run() {
    for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node) {
      if (!hands_over(*node) || node->output_quantizer < 0) continue;
      for (std::size_t i = 0; i < node->inputs.size(); ++i)
        hand_to(node->inputs[i], *node, i, holders_.at(node->output_quantizer));
    }
    holders_.apply();
  }

 private:
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
    if (producer.output_quantizer >= 0) holders_.give(producer.output_quantizer, quantizer);
    if (!(owner(producer).empty() ? call_rearranges(producer.op) : module_rearranges(producer.op))) return;
    for (std::size_t i = 0; i < producer.inputs.size(); ++i) hand_to(producer.inputs[i], producer, i, quantizer);
  }

  void hand_to_input(Node& reader, std::size_t slot, int quantizer) {
    if (owner(reader).empty()) return;
    if (reader.input_quantizers[slot] >= 0) {
      holders_.give(reader.input_quantizers[slot], quantizer);
      return;
    }
    Quantizer input = graph_.quantizers[static_cast<std::size_t>(quantizer)];
    input.role = QuantizerRole::input;
    input.module = owner(reader);
    reader.input_quantizers[slot] = holders_.add_place(std::move(input), quantizer);
  }

  Graph& graph_;
  const QuantizerOwner owner_;
  const std::vector<std::vector<int>> users_;
  QuantizerHolders holders_;
};

}  // namespace

void share_quantizers_across_grids(Graph& graph, QuantizerOwner owner) { Sharing(graph, owner).run(); }

}  // namespace qeval
