#include "stages/infer/integer/step_list.h"

#include <algorithm>
#include <utility>

#include "stages/infer/integer/integer_convolution.h"
#include "stages/infer/integer/integer_ends.h"
#include "stages/infer/integer/integer_movement.h"
#include "stages/infer/integer/integer_norm.h"
#include "stages/infer/integer/integer_pairs.h"
#include "stages/infer/integer/integer_pools.h"

namespace qeval {

void StepList::add(std::unique_ptr<IntegerStep> step, std::vector<int> reads, int writes) {
  steps_.push_back(std::move(step));
  uses_.push_back({std::move(reads), writes});
}

void StepList::add_layer(IntegerLayer layer) {
  std::vector<int> reads{layer.input.number};
  if (layer.summand) reads.push_back(layer.summand->number);
  const int writes = layer.output.number;
  if (!builds_) return;
  steps_.emplace_back(std::move(layer));
  uses_.push_back({std::move(reads), writes});
}

void StepList::add_sum(const IntegerSum& sum) {
  steps_.emplace_back(sum);
  uses_.push_back({{sum.a.number, sum.b.number}, sum.to.number});
}

/// A layer whose codes nobody but a sum reads adds the other summand itself, where the sum would be: its codes need no
/// memory then.
bool StepList::fuse_sum(std::size_t at, const Codes& of_layer, const Codes& other) {
  const int slot = of_layer.slot.number;
  std::size_t readings = 0, written = at;
  for (std::size_t i = 0; i < uses_.size(); ++i) {
    if (!steps_[i]) continue;
    readings += static_cast<std::size_t>(std::ranges::count(uses_[i].reads, slot));
    if (uses_[i].writes == slot) written = i;
  }
  auto* layer = std::get_if<IntegerLayer>(&*steps_[written]);
  if (readings != 1 || !layer || layer->summand || !layer->has_whole_quads()) return false;
  const IntegerSum sum = std::get<IntegerSum>(*steps_[at]);
  IntegerLayer fused = std::move(*layer);
  fused.middle = MiddleGrid{fused.limits, of_layer.meaning};
  fused.summand = other.slot;
  fused.summand_meaning = other.meaning;
  fused.output = sum.to;
  fused.limits = sum.limits;
  fused.grid = sum.grid;
  uses_[at].reads = {fused.input.number, other.slot.number};
  steps_[at] = std::move(fused);
  steps_[written].reset();
  return true;
}

void StepList::fuse_sums() {
  for (std::size_t at = 0; at < steps_.size(); ++at) {
    const auto* sum = steps_[at] ? std::get_if<IntegerSum>(&*steps_[at]) : nullptr;
    if (!sum) continue;
    const Codes a{sum->a, sum->a_meaning}, b{sum->b, sum->b_meaning};
    if (!fuse_sum(at, a, b)) fuse_sum(at, b, a);
  }
}

std::unique_ptr<IntegerStep> StepList::built(PlannedStep step) const {
  if (auto* layer = std::get_if<IntegerLayer>(&step)) return make_integer_layer(std::move(*layer), limit_);
  if (const auto* sum = std::get_if<IntegerSum>(&step)) return make_integer_sum(*sum);
  return std::move(std::get<std::unique_ptr<IntegerStep>>(step));
}

void StepList::drop_fused() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (!steps_[i]) continue;
    if (kept != i) {
      steps_[kept] = std::move(steps_[i]);
      uses_[kept] = std::move(uses_[i]);
    }
    ++kept;
  }
  steps_.resize(kept);
  uses_.resize(kept);
}

NetworkSplit StepList::split(std::size_t cache_bytes) const {
  std::vector<std::size_t> weight_bytes;
  for (const auto& step : steps_) {
    const auto* layer = std::get_if<IntegerLayer>(&*step);
    weight_bytes.push_back(layer ? layer->weight->size() : 0);
  }
  return split_network(uses_, weight_bytes, shapes_, cache_bytes);
}

/// Steps first … last − 1. `given`: the slot that is there beforehand; −1: none.
NetworkPart StepList::part(std::size_t first, std::size_t last, int given) {
  NetworkPart result;
  std::vector<SlotUse> uses;
  if (given >= 0) uses.push_back({{}, given});
  for (std::size_t i = first; i < last; ++i) {
    result.steps.push_back(built(std::move(*steps_[i])));
    uses.push_back(uses_[i]);
  }
  result.buffers = assign_buffers(uses, static_cast<int>(shapes_.size()));
  return result;
}

std::vector<NetworkPart> StepList::build(std::size_t cache_bytes) {
  fuse_sums();
  drop_fused();
  const NetworkSplit at = split(cache_bytes);
  std::vector<NetworkPart> parts;
  if (at.steps > 0) {
    parts.push_back(part(0, at.steps, -1));
    parts.back().images = at.images;
    if (at.handover >= 0) parts.back().handover = {at.handover, shapes_[static_cast<std::size_t>(at.handover)]};
  }
  if (at.steps < steps_.size()) parts.push_back(part(at.steps, steps_.size(), at.handover));
  return parts;
}

Codes StepList::codes(const Value& value, const CodeMeaning& meaning) {
  return std::visit([&](const auto& is) { return codes_of(is, value.shape, meaning); }, value.is);
}

Codes StepList::codes_of(const FloatValue&, const CodeShape& shape, const CodeMeaning& meaning) {
  return {new_slot(shape), meaning};
}

Codes StepList::codes_of(const Codes& from, const CodeShape& shape, const CodeMeaning& meaning) {
  return recoded(from, shape, meaning, recoding(from.meaning, meaning.grid));
}

Codes StepList::codes_of(const ImageValue&, const CodeShape& shape, const CodeMeaning& meaning) {
  const Slot to = new_slot(shape);
  add(make_integer_input(to, meaning.grid), {}, to.number);
  return {to, meaning};
}

Codes StepList::codes_of(const LayerValue& value, const CodeShape& shape, const CodeMeaning& meaning) {
  IntegerLayer layer = value.layer;
  layer.output = new_slot(shape);
  layer.grid = meaning.grid;
  const Slot to = layer.output;
  add_layer(std::move(layer));
  return {to, meaning};
}

Codes StepList::codes_of(const SumValue& sum, const CodeShape& shape, const CodeMeaning& meaning) {
  const Slot to = new_slot(shape);
  add_sum({sum.a.slot, sum.b.slot, to, sum.a.meaning, sum.b.meaning, sum.limits, meaning.grid});
  return {to, meaning};
}

Codes StepList::codes_of(const PairValue& pair, const CodeShape& shape, const CodeMeaning& meaning) {
  const Slot to = new_slot(shape);
  add(make_integer_pair(
          {pair.op, pair.a.slot, pair.b.slot, to, pair.a.meaning, pair.b.meaning, pair.limits, meaning.grid}),
      {pair.a.slot.number, pair.b.slot.number}, to.number);
  return {to, meaning};
}

Codes StepList::codes_of(const MeanValue& mean, const CodeShape& shape, const CodeMeaning& meaning) {
  const Slot to = new_slot(shape);
  const IntegerMean step{mean.of.slot, to, mean.of.meaning.grid, mean.limits, meaning.grid};
  add(mean.window ? make_integer_window_mean(step, *mean.window) : make_integer_mean(step), {mean.of.slot.number},
      to.number);
  return {to, meaning};
}

Codes StepList::codes_of(const NormValue& norm, const CodeShape& shape, const CodeMeaning& meaning) {
  const Slot to = new_slot(shape);
  add(make_integer_layer_norm({norm.of.slot, to, norm.of.meaning.grid, norm.norm, norm.limits, meaning.grid}),
      {norm.of.slot.number}, to.number);
  return {to, meaning};
}

Codes StepList::codes_of(const ConcatValue& concat, const CodeShape& shape, const CodeMeaning& meaning) {
  std::vector<Slot> parts;
  std::vector<int> reads;
  for (const Codes& part : concat.parts) {
    parts.push_back(codes_of(part, part.slot.shape, meaning).slot);
    reads.push_back(parts.back().number);
  }
  const Slot to = new_slot(shape);
  add(make_integer_concat(std::move(parts), to), std::move(reads), to.number);
  return {to, meaning};
}

Codes StepList::codes_of(const MappedValue& mapped, const CodeShape& shape, const CodeMeaning& meaning) {
  std::vector<CodeMap> maps;
  maps.reserve(mapped.values.size());
  for (const auto& values : mapped.values) maps.push_back(codes_of_values(values, meaning.grid));
  if (maps.size() == 1) return recoded(mapped.of, shape, meaning, maps.front());
  const Slot to = new_slot(shape);
  add(make_channel_recoding(mapped.of.slot, to, std::move(maps)), {mapped.of.slot.number}, to.number);
  return {to, meaning};
}

/// Codes that keep their numbers stay where they are.
Codes StepList::recoded(const Codes& from, const CodeShape& shape, const CodeMeaning& meaning, const CodeMap& map) {
  bool same = true;
  for (int code = 0; code <= static_cast<int>(from.meaning.grid.levels); ++code)
    same = same && map[static_cast<std::size_t>(code)] == code;
  if (same) return {from.slot, meaning};
  const Slot to = new_slot(shape);
  add(make_recoding(from.slot, to, map), {from.slot.number}, to.number);
  return {to, meaning};
}

}  // namespace qeval
