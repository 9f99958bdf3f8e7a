#include "stages/infer/integer/step_list.h"

#include <utility>

#include "stages/infer/integer/integer_convolution.h"
#include "stages/infer/integer/integer_elementwise.h"
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
  add(make_integer_layer(std::move(layer), limit_), std::move(reads), writes);
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
  add(make_integer_sum({sum.a.slot, sum.b.slot, to, sum.a.meaning, sum.b.meaning, sum.limits, meaning.grid}),
      {sum.a.slot.number, sum.b.slot.number}, to.number);
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
