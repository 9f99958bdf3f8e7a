// Pools, and operators that move values.
#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "stages/infer/integer/integer_movement.h"
#include "stages/infer/integer/integer_planner.h"
#include "stages/infer/integer/integer_pools.h"
#include "stages/infer/integer/window_coverage.h"
#include "stages/quant/arithmetic/exact_sums.h"

namespace qeval {
namespace {

bool means_the_same(const CodeMeaning& a, const CodeMeaning& b) {
  const QdqParameters &x = a.grid, &y = b.grid;
  return x.min == y.min && x.max == y.max && x.scale == y.scale && x.offset == y.offset && x.levels == y.levels &&
         a.limits == b.limits;
}

std::vector<int> up_to(int count) {
  std::vector<int> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

/// Everything where it is.
Selection whole(const CodeShape& shape) { return {up_to(shape.channels), up_to(shape.height), up_to(shape.width)}; }

}  // namespace

Value IntegerPlanner::max_pool() {
  const Value from = input(0);
  const auto* codes = std::get_if<Codes>(&from.is);
  if (!codes) return floats("its input has no codes");
  if (!all_meet(node_->window, from.shape, shape_)) return floats("a window lies outside the image");
  const Slot to = steps_.new_slot(shape_);
  steps_.add(make_integer_max_pool(codes->slot, to, node_->window), {codes->slot.number}, to.number);
  return value(Codes{to, codes->meaning});
}

Value IntegerPlanner::mean() {
  const Value from = input(0);
  const auto* codes = std::get_if<Codes>(&from.is);
  if (!codes || !exact_sums(graph_, *node_, encodings_, mode_))
    return floats("its input is on no grid of whole numbers whose sum stays below 2^24");
  if (node_->op != Op::avg_pool) return value(MeanValue{*codes, std::nullopt, {}});
  if (!node_->window.count_include_pad && !all_meet(node_->window, from.shape, shape_))
    return floats("a window lies outside the image");
  return value(MeanValue{*codes, node_->window, {}});
}

/// Every value becomes a feature, or the features get other names.
Value IntegerPlanner::flat() {
  Value from = input(0);
  auto* codes = std::get_if<Codes>(&from.is);
  if (from.shape.pixels() == 1 && shape_.pixels() == 1) {
    if (codes) codes->slot.shape = shape_;
    from.shape = shape_;
    return from;
  }
  if (shape_ == from.shape) return from;
  if (output_shape().size() != 1) return floats("its output is no row of features");
  if (!codes) return floats("its input has no codes");
  const Slot to = steps_.new_slot(shape_);
  steps_.add(make_integer_flatten(codes->slot, to), {codes->slot.number}, to.number);
  return value(Codes{to, codes->meaning});
}

Value IntegerPlanner::padded() {
  const Value from = input(0);
  const auto* codes = std::get_if<Codes>(&from.is);
  if (!codes || !codes->meaning.on_grid()) return floats("its input is on no quantizer's grid");
  const Slot to = steps_.new_slot(shape_);
  const std::uint8_t zero = codes->meaning.zero_code();
  const auto& padding = node_->window.padding;
  steps_.add(node_->op == Op::pad ? make_integer_pad(codes->slot, to, padding[0], padding[2], zero)
                                  : make_integer_subsample(codes->slot, to, zero),
             {codes->slot.number}, to.number);
  return value(Codes{to, codes->meaning});
}

Value IntegerPlanner::concat() {
  ConcatValue result;
  if (node_->axis != 1) return floats("it joins along another axis than the channels");
  for (std::size_t i = 0; i < node_->inputs.size(); ++i) {
    const Value from = input(i);
    const auto* codes = std::get_if<Codes>(&from.is);
    if (!codes) return floats("its inputs have no codes");
    result.parts.push_back(*codes);
  }
  const CodeMeaning meaning = result.parts.front().meaning;
  const bool stays = std::all_of(result.parts.begin(), result.parts.end(),
                                 [&](const Codes& part) { return means_the_same(part.meaning, meaning); });
  const Value joined = value(std::move(result));
  return stays && !is_on(node_->output_quantizer, encodings_) ? value(steps_.codes(joined, meaning)) : joined;
}

/// Codes stay where they are.
Value IntegerPlanner::permuted() {
  Value from = input(0);
  const std::vector<int> to_last{0, 2, 3, 1}, back{0, 3, 1, 2};
  if (node_->axes != (channels_last_ ? back : to_last)) return floats("it moves other axes than the channels");
  from.channels_last = !channels_last_;
  return from;
}

Value IntegerPlanner::shuffled() {
  Selection selection = whole(shape_);
  const int groups = node_->window.groups, size = shape_.channels / groups;
  for (int i = 0; i < shape_.channels; ++i)
    selection.channels[static_cast<std::size_t>(i)] = i % groups * size + i / groups;
  return selected(std::move(selection));
}

/// slice and gather.
Value IntegerPlanner::picked() {
  const std::size_t axis = static_cast<std::size_t>(node_->axis) - 1;
  std::vector<int> positions = node_->positions;
  if (node_->op == Op::slice) {
    positions.assign(static_cast<std::size_t>(output_shape()[axis]), 0);
    for (std::size_t i = 0; i < positions.size(); ++i) positions[i] = node_->first + static_cast<int>(i) * node_->step;
  }
  Selection selection = whole(shape_);
  (axis == 0 ? selection.channels : axis == 1 ? selection.rows : selection.columns) = std::move(positions);
  return selected(std::move(selection));
}

Value IntegerPlanner::selected(Selection selection) {
  const Value from = input(0);
  const auto* codes = std::get_if<Codes>(&from.is);
  if (!codes) return floats("its input has no codes");
  const Slot to = steps_.new_slot(shape_);
  steps_.add(make_integer_selection(codes->slot, to, std::move(selection)), {codes->slot.number}, to.number);
  return value(Codes{to, codes->meaning});
}

}  // namespace qeval
