#include "stages/quant/files/aimet_number_grid.h"

#include <cmath>

namespace qeval {
namespace {

using Json = EncodingsDocument::Json;
using Pointer = EncodingsDocument::Pointer;

constexpr const char* block_scales = "per_block_int_scale";
constexpr const char* channel_scales = "per_channel_float_scale";

/// The sizes of lists of lists, by the first of each depth.
std::vector<std::int64_t> sizes_of(const Json& value) {
  std::vector<std::int64_t> sizes;
  for (const Json* first = &value; first->is_array(); first = &first->front()) {
    sizes.push_back(static_cast<std::int64_t>(first->size()));
    if (first->empty()) break;
  }
  return sizes;
}

/// Appends the numbers below `value`, which stands at `depth`.
void append(const EncodingsDocument& file, const Pointer& where, const Json& value, std::size_t depth,
            NumberGrid& grid) {
  if (depth == grid.sizes.size()) {
    if (value.is_array()) file.fail(where, "a number is expected, as beside it");
    grid.values.push_back(file.number(where, value));
    return;
  }
  if (value.is_array() && value.empty()) file.fail(where, "a number or a list of numbers is expected");
  if (!value.is_array() || static_cast<std::int64_t>(value.size()) != grid.sizes[depth])
    file.fail(where, "a list of " + std::to_string(grid.sizes[depth]) + " is expected, as beside it");
  for (std::size_t i = 0; i < value.size(); ++i) append(file, where / i, value[i], depth + 1, grid);
}

/// The element of `small` for element `number` of a grid of `sizes`; an axis of one element stands for all.
double broadcast(const NumberGrid& small, const std::vector<std::int64_t>& sizes, std::size_t number) {
  if (small.sizes.empty()) return small.values.front();
  std::size_t at = 0, stride = 1;
  for (std::size_t axis = sizes.size(); axis-- > 0;) {
    const auto size = static_cast<std::size_t>(sizes[axis]), own = static_cast<std::size_t>(small.sizes[axis]);
    if (own != 1) at += number % size * stride;
    number /= size;
    stride *= own;
  }
  return small.values[at];
}

void check_broadcasts(const EncodingsDocument& file, const Pointer& where, const NumberGrid& small,
                      const std::vector<std::int64_t>& sizes) {
  bool fits = small.sizes.empty() || small.sizes.size() == sizes.size();
  for (std::size_t axis = 0; fits && axis < small.sizes.size(); ++axis)
    fits = small.sizes[axis] == 1 || small.sizes[axis] == sizes[axis];
  if (!fits) file.fail(where, "its sizes do not fit those of the numbers that it scales");
}

NumberGrid read_whole_grid(const EncodingsDocument& file, const Pointer& where, const Json& value) {
  NumberGrid grid = read_number_grid(file, where, value);
  for (std::size_t i = 0; i < grid.values.size(); ++i)
    if (grid.values[i] != std::round(grid.values[i]))
      file.fail(element_of_grid(where, grid.sizes, i), "is no whole number; other scales of scales are not supported");
  return grid;
}

/// A list along one axis as a grid of as many axes as `sizes` has.
NumberGrid along_axis(const EncodingsDocument& file, const Pointer& where, NumberGrid list, const Json& object,
                      const std::vector<std::int64_t>& sizes) {
  if (list.sizes.size() != 1) return list;
  const auto axis = object.find("axis");
  const int found =
      axis != object.end() && axis->is_number_integer() ? axis_from_front(axis->get<std::int64_t>(), sizes.size()) : -1;
  if (found < 0) file.fail(where / "axis", "the axis of x_scale is expected, a whole number");
  const std::int64_t length = list.sizes.front();
  list.sizes.assign(sizes.size(), 1);
  list.sizes[static_cast<std::size_t>(found)] = length;
  return list;
}

/// 2.1.0: x and its own encoding.
NumberGrid read_quantized_scales(const EncodingsDocument& file, const Pointer& where, const Json& object) {
  if (const auto blocks = object.find("block_size"); blocks != object.end() && !blocks->is_null())
    file.fail(where / "block_size", "scales that are quantized per block are not supported");
  NumberGrid scales = read_whole_grid(file, where / "x", file.member(where, object, "x"));
  const auto part = [&](const char* name) {
    NumberGrid grid = along_axis(file, where, read_number_grid(file, where / name, file.member(where, object, name)),
                                 object, scales.sizes);
    check_broadcasts(file, where / name, grid, scales.sizes);
    return grid;
  };
  const NumberGrid factors = part("x_scale");
  const auto zero = object.find("x_zero_point");
  const bool shifted = zero != object.end() && !zero->is_null();
  const NumberGrid zeros = shifted ? part("x_zero_point") : NumberGrid{};
  for (std::size_t i = 0; i < scales.values.size(); ++i)
    scales.values[i] = grouped_scale(scales.values[i] - (shifted ? broadcast(zeros, scales.sizes, i) : 0),
                                     broadcast(factors, scales.sizes, i));
  return scales;
}

}  // namespace

NumberGrid read_number_grid(const EncodingsDocument& file, const Pointer& where, const Json& value) {
  NumberGrid grid{sizes_of(value), {}};
  append(file, where, value, 0, grid);
  return grid;
}

std::vector<std::int64_t> place_in_grid(std::int64_t number, const std::vector<std::int64_t>& sizes) {
  std::vector<std::int64_t> place(sizes.size());
  for (std::size_t axis = sizes.size(); axis-- > 0; number /= sizes[axis]) place[axis] = number % sizes[axis];
  return place;
}

int read_block_size(const EncodingsDocument& file, const Pointer& where, const Json& entry) {
  const Json& size = file.member(where, entry, "block_size");
  if (!size.is_number_integer() || size < 1 || size > (1 << 30))
    file.fail(where / "block_size", size.dump() + " is no whole number above 0");
  return size.get<int>();
}

Pointer element_of_grid(Pointer where, const std::vector<std::int64_t>& sizes, std::size_t number) {
  for (const std::int64_t index : place_in_grid(static_cast<std::int64_t>(number), sizes))
    where /= static_cast<std::size_t>(index);
  return where;
}

const char* scale_member(const Json& entry) { return entry.contains(block_scales) ? block_scales : "y_scale"; }

NumberGrid read_scale_grid(const EncodingsDocument& file, const Pointer& where, const Json& entry) {
  if (const auto blocks = entry.find(block_scales); blocks != entry.end()) {
    NumberGrid scales = read_whole_grid(file, where / block_scales, *blocks);
    const Pointer at = where / channel_scales;
    const NumberGrid channels = read_number_grid(file, at, file.member(where, entry, channel_scales));
    check_broadcasts(file, at, channels, scales.sizes);
    for (std::size_t i = 0; i < scales.values.size(); ++i)
      scales.values[i] = grouped_scale(scales.values[i], broadcast(channels, scales.sizes, i));
    return scales;
  }
  const Json& scales = file.member(where, entry, "y_scale");
  return scales.is_object() ? read_quantized_scales(file, where / "y_scale", scales)
                            : read_number_grid(file, where / "y_scale", scales);
}

int axis_from_front(std::int64_t axis, std::size_t rank) {
  const auto axes = static_cast<std::int64_t>(rank);
  return axis >= axes || axis < -axes ? -1 : static_cast<int>(axis < 0 ? axis + axes : axis);
}

}  // namespace qeval
