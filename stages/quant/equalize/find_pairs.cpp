#include "stages/quant/equalize/find_pairs.h"

#include <map>
#include <set>

namespace qeval {
namespace {

enum class ConvKind { plain, depthwise, unsupported };

/// What a convolution's output leads to.
struct Link {
  int next = -1;  ///< the next convolution of the chain, −1 = the chain ends here
  bool relu = false;
  std::string end;  ///< why it ends
};

class PairFinder {
 public:
  explicit PairFinder(const Graph& graph) : graph_(graph), users_(consumers(graph)) {
    for (const Node& node : graph.nodes)
      if (node.op == Op::conv) ++calls_[node.module];
  }

  ScalingPlan find() {
    std::set<int> continued;
    for (const int conv : convs()) {
      links_[conv] = follow(conv);
      continued.insert(links_[conv].next);
    }
    for (const int conv : convs())
      if (continued.count(conv) == 0) split(chain_from(conv));
    explain_rest();
    return std::move(plan_);
  }

 private:
  const Node& node(int index) const { return graph_.nodes[static_cast<std::size_t>(index)]; }

  std::vector<int> convs() const {
    std::vector<int> result;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
      if (graph_.nodes[i].op == Op::conv) result.push_back(static_cast<int>(i));
    return result;
  }

  /// Weights that several calls share cannot follow the scale of one of them.
  bool is_shared(const Node& conv) const { return !conv.module.empty() && calls_.at(conv.module) > 1; }

  ConvKind kind(int index) const {
    const Node& conv = node(index);
    if (is_shared(conv)) return ConvKind::unsupported;
    const std::int64_t groups = conv.window.groups;
    if (groups == 1) return ConvKind::plain;
    return groups == conv.weight.size(0) && conv.weight.size(1) == 1 ? ConvKind::depthwise : ConvKind::unsupported;
  }

  Link follow(int conv) const {
    Link link;
    for (int at = conv;;) {
      const std::vector<int>& readers = users_[static_cast<std::size_t>(at)];
      if (readers.size() != 1) {
        link.end = readers.empty() ? "is the network's output" : "is read by several nodes";
        return link;
      }
      at = readers[0];
      if (node(at).op == Op::conv) {
        link.next = at;
        return link;
      }
      const bool rectifies = node(at).op == Op::relu || node(at).op == Op::prelu;
      if (!rectifies && node(at).op != Op::pad) {
        link.end = std::string("leads to ") + op_name(node(at).op);
        return link;
      }
      link.relu = link.relu || rectifies;
    }
  }

  std::vector<int> chain_from(int conv) const {
    std::vector<int> chain;
    for (int at = conv; at >= 0; at = links_.at(at).next) chain.push_back(at);
    return chain;
  }

  /// How many convolutions of the chain, from `first` on, are scaled together; 0 = none.
  std::size_t set_length(const std::vector<int>& chain, std::size_t first) const {
    const auto is = [&](std::size_t i, ConvKind wanted) { return i < chain.size() && kind(chain[i]) == wanted; };
    if (is(first, ConvKind::unsupported)) return 0;
    if (is(first + 1, ConvKind::plain)) return 2;
    const bool triple =
        is(first, ConvKind::plain) && is(first + 1, ConvKind::depthwise) && is(first + 2, ConvKind::plain);
    return triple ? 3 : 0;
  }

  void split(const std::vector<int>& chain) {
    for (std::size_t first = 0; first < chain.size();) {
      const std::size_t length = set_length(chain, first);
      if (length == 0) {
        ++first;
        continue;
      }
      ScalingSet set;
      for (std::size_t i = first; i < first + length; ++i) set.convs.push_back(chain[i]);
      for (std::size_t i = first; i + 1 < first + length; ++i) set.relu_after.push_back(links_.at(chain[i]).relu);
      plan_.sets.push_back(std::move(set));
      // The last one of a set begins the next.
      first += length - 1;
    }
  }

  std::string reason(int index) const {
    const Node& conv = node(index);
    if (is_shared(conv)) return "module called several times";
    if (kind(index) == ConvKind::unsupported) return "grouped convolution";
    const Link& link = links_.at(index);
    if (link.next < 0) return "output " + link.end;
    if (kind(link.next) == ConvKind::unsupported) return "next is " + reason(link.next);
    return "next is a depthwise convolution that no plain one follows";
  }

  void explain_rest() {
    std::set<int> scaled;
    for (const ScalingSet& set : plan_.sets) scaled.insert(set.convs.begin(), set.convs.end() - 1);
    for (const int conv : convs())
      if (scaled.count(conv) == 0) plan_.left.push_back({node(conv).name, reason(conv)});
  }

  const Graph& graph_;
  const std::vector<std::vector<int>> users_;
  std::map<std::string, int> calls_;
  std::map<int, Link> links_;
  ScalingPlan plan_;
};

}  // namespace

ScalingPlan find_pairs(const Graph& graph) { return PairFinder(graph).find(); }

}  // namespace qeval
