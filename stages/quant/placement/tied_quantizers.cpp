#include "stages/quant/placement/tied_quantizers.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "stages/quant/placement/quantizer_holders.h"

namespace qeval {
namespace {

using FixedRange = std::pair<std::optional<double>, std::optional<double>>;

FixedRange fixed_range(const Quantizer& quantizer) { return {quantizer.fixed_min, quantizer.fixed_max}; }
bool is_fixed(const Quantizer& quantizer) { return quantizer.fixed_min || quantizer.fixed_max; }

void fix(Quantizer& quantizer, const FixedRange& range) {
  quantizer.fixed_min = range.first;
  quantizer.fixed_max = range.second;
}

class Ties {
 public:
  Ties(Graph& graph, const QuantsimRules& rules)
      : graph_(graph), rules_(rules), users_(consumers(graph)), holders_(graph) {}

  bool run() {
    const int count = static_cast<int>(graph_.nodes.size());
    for (int i = count; i-- > 0;)
      if (node(i).op == Op::concat && node(i).output_quantizer >= 0) tie_inputs(i);
    for (int i = 0; i < count; ++i)
      if ((node(i).op == Op::relu || node(i).op == Op::avg_pool) && node(i).output_quantizer >= 0) tie_output(i);
    holders_.apply();
    return met_;
  }

 private:
  /// Where a value's quantizer stands, and the operators from there to the value.
  struct Source {
    int value = -1;
    std::vector<int> places;  ///< of quantizers; several of the network's input, one per reader; none: no quantizer
    std::vector<int> path;
  };

  const Node& node(int index) const { return graph_.nodes[static_cast<std::size_t>(index)]; }
  const std::vector<int>& users(int value) const { return users_[static_cast<std::size_t>(value)]; }
  Quantizer& at(const Source& source) { return holders_.settings(holders_.at(source.places.front())); }

  bool moves_values(const Node& n) const {
    const auto& types = rules_.pass_through;
    return std::find(types.begin(), types.end(), operator_type(n)) != types.end();
  }

  Source source_of(int value) const {
    Source source;
    for (int v = value;; v = node(v).inputs[0]) {
      source.places = places_at(v);
      source.value = v;
      if (!source.places.empty()) return source;
      if (node(v).op == Op::input || !moves_values(node(v))) return {value, {}, {}};
      source.path.push_back(v);
    }
  }

  std::vector<int> places_at(int value) const {
    if (node(value).output_quantizer >= 0) return {node(value).output_quantizer};
    std::vector<int> places;
    if (node(value).op != Op::input) return places;
    for (const int user : users(value))
      for (std::size_t slot = 0; slot < node(user).inputs.size(); ++slot)
        if (node(user).inputs[slot] == value && node(user).input_quantizers[slot] >= 0)
          places.push_back(node(user).input_quantizers[slot]);
    return places;
  }

  /// Readers of what is quantized there, but for the operators on the way.
  std::size_t readers(const Source& source) const {
    std::set<int> all(users(source.value).begin(), users(source.value).end());
    for (const int on_the_way : source.path) all.insert(users(on_the_way).begin(), users(on_the_way).end());
    for (const int on_the_way : source.path) all.erase(on_the_way);
    return all.size();
  }

  void tie_inputs(int concat) {
    std::vector<Source> alone;
    std::set<FixedRange> ranges;
    std::vector<int> open{concat};
    while (!open.empty()) {
      const int current = open.back();
      open.pop_back();
      if (!visited_.insert(current).second) continue;
      for (const int input : node(current).inputs) {
        Source source = source_of(input);
        if (!source.places.empty()) ranges.insert(fixed_range(at(source)));
        if (readers(source) > 1) continue;
        if (!source.places.empty()) alone.push_back(std::move(source));
        if (node(input).op == Op::concat || moves_values(node(input))) open.push_back(input);
      }
    }
    met_ = met_ || !ranges.empty();
    give(concat, alone, ranges);
  }

  void give(int concat, const std::vector<Source>& sources, const std::set<FixedRange>& ranges) {
    const int own = holders_.at(node(concat).output_quantizer);
    if (ranges.size() == 1) fix(holders_.settings(own), *ranges.begin());
    for (const Source& source : sources)
      if (ranges.size() == 1 || !is_fixed(at(source)))
        for (const int place : source.places) holders_.give(place, own);
  }

  void tie_output(int index) {
    const Source source = source_of(node(index).inputs[0]);
    if (source.places.empty()) return;
    met_ = true;
    Quantizer& before = at(source);
    const Quantizer behind = holders_.settings(holders_.at(node(index).output_quantizer));
    const bool conflict = is_fixed(behind) && fixed_range(behind) != fixed_range(before);
    if (conflict && !read_once(source)) return;
    before.bits = std::min(before.bits, behind.bits);
    before.symmetric = before.symmetric || behind.symmetric;
    if (!is_fixed(before)) fix(before, fixed_range(behind));
    holders_.give(node(index).output_quantizer, holders_.at(source.places.front()));
  }

  bool read_once(const Source& source) const {
    return users(source.value).size() == 1 &&
           std::all_of(source.path.begin(), source.path.end(), [&](int step) { return users(step).size() == 1; });
  }

  Graph& graph_;
  const QuantsimRules& rules_;
  const std::vector<std::vector<int>> users_;
  QuantizerHolders holders_;
  std::set<int> visited_;  ///< concatenations and what moves values before them
  bool met_ = false;
};

}  // namespace

bool tie_quantizers(Graph& graph, const QuantsimRules& rules) { return Ties(graph, rules).run(); }

}  // namespace qeval
