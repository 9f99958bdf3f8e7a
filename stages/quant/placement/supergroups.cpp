#include "stages/quant/placement/supergroups.h"

#include <algorithm>
#include <utility>

#include "stages/quant/fold_batch_norm.h"

namespace qeval {
namespace {

using Chain = std::vector<std::string>;
using Nodes = std::vector<int>;

class Search {
 public:
  Search(const Graph& graph, const QuantsimRules& rules)
      : graph_(graph),
        rules_(rules),
        users_(consumers(graph)),
        folds_into_(foldable_producers(graph)),
        taken_(graph.nodes.size(), false) {}

  void find(const Chain& chain) {
    for (int first = 0; first < static_cast<int>(graph_.nodes.size()); ++first) {
      if (looked_through(first)) continue;
      for (Nodes& match : matches(first, chain, 0)) {
        if (std::any_of(match.begin(), match.end(), [&](int node) { return is_taken(node); })) continue;
        for (const int node : match) taken_[static_cast<std::size_t>(node)] = true;
        found_.push_back(std::move(match));
      }
    }
  }

  std::vector<Nodes> take_found() { return std::move(found_); }

 private:
  const Nodes& users(int node) const { return users_[static_cast<std::size_t>(node)]; }
  bool is_taken(int node) const { return taken_[static_cast<std::size_t>(node)]; }
  bool looked_through(int node) const { return folds_into_[static_cast<std::size_t>(node)] >= 0; }

  bool fits(int index, const Chain& chain, std::size_t position) const {
    const Node& node = graph_.nodes[static_cast<std::size_t>(index)];
    if (operator_type(node) != chain[position]) return false;
    return position > 0 || rules_.depthwise_in_supergroups || node.op != Op::conv || !is_depthwise(node);
  }

  /// All ways in which the chain goes on from `position` at this node.
  std::vector<Nodes> matches(int node, const Chain& chain, std::size_t position) const {
    std::vector<Nodes> result;
    const auto go_on = [&](std::size_t next) {
      for (const int user : users(node))
        for (Nodes& rest : matches(user, chain, next)) result.push_back(std::move(rest));
    };
    if (looked_through(node)) {
      go_on(position);
    } else if (fits(node, chain, position)) {
      if (position + 1 == chain.size())
        result.emplace_back();
      else if (users(node).size() == 1)
        go_on(position + 1);
      for (Nodes& match : result) match.insert(match.begin(), node);
    }
    return result;
  }

  const Graph& graph_;
  const QuantsimRules& rules_;
  const std::vector<Nodes> users_;
  const std::vector<int> folds_into_;  ///< foldable_producers
  std::vector<bool> taken_;
  std::vector<Nodes> found_;
};

}  // namespace

std::vector<Nodes> find_supergroups(const Graph& graph, const std::vector<Chain>& chains, const QuantsimRules& rules) {
  std::vector<Chain> longest_first = chains;
  std::stable_sort(longest_first.begin(), longest_first.end(),
                   [](const Chain& a, const Chain& b) { return a.size() > b.size(); });
  Search search(graph, rules);
  for (const Chain& chain : longest_first) search.find(chain);
  return search.take_found();
}

}  // namespace qeval
