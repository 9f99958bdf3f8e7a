// What moves the numbers of constants, repeats or makes them: Gather, Concat, Expand, Where, Range, …
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "stages/model/onnx/constant_folding.h"
#include "stages/model/onnx/onnx_slice.h"
#include "stages/model/onnx/onnx_split.h"

namespace qeval {
namespace {

using Shape = std::vector<std::int64_t>;

std::size_t product_of(Shape::const_iterator first, Shape::const_iterator last) {
  return static_cast<std::size_t>(std::accumulate(first, last, std::int64_t{1}, std::multiplies<>()));
}

/// How a constant's elements lie around one of its axes: [outer, size, inner].
struct Axis {
  Axis(const OnnxNode& node, const Shape& shape, std::int64_t written) : number(node.axis(written, shape.size())) {
    const auto at = shape.begin() + number;
    outer = product_of(shape.begin(), at);
    size = static_cast<std::size_t>(*at);
    inner = product_of(at + 1, shape.end());
  }
  int number;
  std::size_t outer, size, inner;
};

/// Along one axis, position j of the result is position pick(j) of the constant.
template <class Pick>
OnnxConstant picked(const OnnxNode& node, const OnnxConstant& x, const Axis& axis, std::size_t count,
                    const Pick& pick) {
  Shape shape = x.shape;
  shape[static_cast<std::size_t>(axis.number)] = static_cast<std::int64_t>(count);
  const std::size_t line = count * axis.inner;
  return moved(node, x, std::move(shape), [&](std::size_t i) {
    return (i / line * axis.size + pick(i % line / axis.inner)) * axis.inner + i % axis.inner;
  });
}

OnnxConstant reshaped(OnnxConstant constant, Shape shape) {
  constant.shape = std::move(shape);
  if (constant.is_float()) constant.floats = Tensor(constant.shape, constant.floats.data());
  return constant;
}

std::vector<OnnxConstant> fold_gather(const OnnxNode& node) {
  const OnnxConstant &x = node.constant(0), &indices = node.constant(1);
  node.require(!indices.is_float(), "its indices are no whole numbers");
  const Axis axis(node, x.shape, node.integer("axis", 0, -64, 64));
  std::vector<std::size_t> places;
  for (const std::int64_t index : indices.integers.list())
    places.push_back(static_cast<std::size_t>(node.axis(index, axis.size)));
  Shape shape(x.shape.begin(), x.shape.begin() + axis.number);
  shape.insert(shape.end(), indices.shape.begin(), indices.shape.end());
  shape.insert(shape.end(), x.shape.begin() + axis.number + 1, x.shape.end());
  return {reshaped(picked(node, x, axis, places.size(), [&](std::size_t j) { return places[j]; }), std::move(shape))};
}

OnnxConstant cut_along(const OnnxNode& node, const OnnxConstant& x, const OnnxCut& cut) {
  node.require(cut.step != 0 && cut.step > std::numeric_limits<std::int32_t>::min(), "a step is 0 or too large");
  const Axis axis(node, x.shape, cut.axis);
  const auto size = static_cast<std::int64_t>(axis.size);
  const bool backwards = cut.step < 0;
  const std::int64_t first = slice_bound(cut.start, size, backwards), last = slice_bound(cut.end, size, backwards);
  const std::int64_t room = backwards ? first - last : last - first;
  const std::int64_t stride = std::abs(cut.step), count = room > 0 ? (room - 1) / stride + 1 : 0;
  return picked(node, x, axis, static_cast<std::size_t>(count), [&](std::size_t j) {
    return static_cast<std::size_t>(first + static_cast<std::int64_t>(j) * cut.step);
  });
}

std::vector<OnnxConstant> fold_slice(const OnnxNode& node) {
  OnnxConstant x = node.constant(0);
  for (const OnnxCut& cut : cuts_of(node)) x = cut_along(node, x, cut);
  return {std::move(x)};
}

std::vector<OnnxConstant> fold_transpose(const OnnxNode& node) {
  const OnnxConstant& x = node.constant(0);
  Shape order = node.integer_list("perm");
  if (order.empty())
    for (std::size_t i = x.shape.size(); i-- > 0;) order.push_back(static_cast<std::int64_t>(i));
  node.require(order.size() == x.shape.size(), "perm does not name every axis");
  Shape shape;
  std::vector<std::size_t> steps;
  std::vector<char> seen(order.size(), 0);
  for (const std::int64_t written : order) {
    const auto from = static_cast<std::size_t>(node.axis(written, order.size()));
    node.require(!std::exchange(seen[from], 1), "perm names an axis twice");
    shape.push_back(x.shape[from]);
    steps.push_back(product_of(x.shape.begin() + static_cast<std::ptrdiff_t>(from) + 1, x.shape.end()));
  }
  return {moved(node, x, shape, [&](std::size_t i) {
    std::size_t place = 0;
    for (std::size_t axis = shape.size(); axis-- > 0; i /= static_cast<std::size_t>(shape[axis]))
      place += i % static_cast<std::size_t>(shape[axis]) * steps[axis];
    return place;
  })};
}

/// Two along one axis.
OnnxConstant joined(const OnnxNode& node, const OnnxConstant& a, const OnnxConstant& b, std::int64_t written) {
  node.require(a.is_float() == b.is_float() && a.shape.size() == b.shape.size() && !a.shape.empty(),
               "its constants are of different types or ranks");
  const Axis axis_a(node, a.shape, written), axis_b(node, b.shape, written);
  Shape shape = a.shape;
  shape[static_cast<std::size_t>(axis_a.number)] = b.shape[static_cast<std::size_t>(axis_a.number)];
  node.require(shape == b.shape, "its constants differ in another axis than the joined one");
  shape[static_cast<std::size_t>(axis_a.number)] = static_cast<std::int64_t>(axis_a.size + axis_b.size);
  constant_count(node, shape);
  const std::size_t from_a = axis_a.size * axis_a.inner, from_b = axis_b.size * axis_b.inner;
  const auto join = [&](const auto& x, const auto& y) {
    std::vector<std::remove_cvref_t<decltype(x[0])>> values;
    for (std::size_t outer = 0; outer < axis_a.outer; ++outer) {
      values.insert(values.end(), x.begin() + static_cast<std::ptrdiff_t>(outer * from_a),
                    x.begin() + static_cast<std::ptrdiff_t>((outer + 1) * from_a));
      values.insert(values.end(), y.begin() + static_cast<std::ptrdiff_t>(outer * from_b),
                    y.begin() + static_cast<std::ptrdiff_t>((outer + 1) * from_b));
    }
    return values;
  };
  OnnxConstant made = a;
  made.of_shape = a.of_shape || b.of_shape;
  if (a.is_float())
    made.floats = Tensor(shape, join(a.floats.values(), b.floats.values()));
  else
    made.integers = join(a.integers.list(), b.integers.list());
  made.shape = std::move(shape);
  return made;
}

std::vector<OnnxConstant> fold_concat(const OnnxNode& node) {
  const std::int64_t axis = node.integer("axis", 1, -64, 64);
  OnnxConstant all = node.constant(0);
  for (std::size_t i = 1; i < node.operand_count(); ++i) all = joined(node, all, node.constant(i), axis);
  return {std::move(all)};
}

std::vector<OnnxConstant> fold_split(const OnnxNode& node) {
  const OnnxConstant& x = node.constant(0);
  const Axis axis(node, x.shape, node.integer("axis", 0, -64, 64));
  std::vector<OnnxConstant> parts;
  std::size_t first = 0;
  for (const std::int64_t size : split_sizes(node, static_cast<std::int64_t>(axis.size))) {
    parts.push_back(picked(node, x, axis, static_cast<std::size_t>(size), [&](std::size_t j) { return first + j; }));
    first += static_cast<std::size_t>(size);
  }
  return parts;
}

/// To a wished shape, whose sizes of 1 and missing axes the constant may have otherwise.
std::vector<OnnxConstant> fold_expand(const OnnxNode& node) {
  const OnnxConstant& x = node.constant(0);
  Shape wished = node.integers(1);
  // One of all images is one of each.
  if (node.constant(1).of_shape && !wished.empty() && wished[0] < 0) wished[0] = 1;
  const Shape shape = joint_shape(node, x.shape, wished);
  return {moved(node, x, shape, RepeatedPlace(x.shape, shape))};
}

std::vector<OnnxConstant> fold_tile(const OnnxNode& node) {
  OnnxConstant x = node.constant(0);
  const Shape& times = node.integers(1);
  node.require(times.size() == x.shape.size(), "it has not one number of repeats for every axis");
  for (std::size_t i = 0; i < times.size(); ++i) {
    node.require(times[i] >= 0 && times[i] < 1 << 26, "a number of repeats is out of range");
    const Axis axis(node, x.shape, static_cast<std::int64_t>(i));
    x = picked(node, x, axis, axis.size * static_cast<std::size_t>(times[i]),
               [&](std::size_t j) { return j % axis.size; });
  }
  return {std::move(x)};
}

std::vector<OnnxConstant> fold_where(const OnnxNode& node) {
  const OnnxConstant &condition = node.constant(0), &a = node.constant(1), &b = node.constant(2);
  node.require(!condition.is_float() && a.is_float() == b.is_float(), "its constants are of types that do not fit");
  const Shape shape = joint_shape(node, condition.shape, joint_shape(node, a.shape, b.shape));
  const RepeatedPlace mask(condition.shape, shape), place_a(a.shape, shape), place_b(b.shape, shape);
  const auto choose = [&](const auto& x, const auto& y) {
    std::vector<std::remove_cvref_t<decltype(x[0])>> values(static_cast<std::size_t>(constant_count(node, shape)));
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = condition.integers[mask(i)] != 0 ? x[place_a(i)] : y[place_b(i)];
    return values;
  };
  OnnxConstant made;
  made.shape = shape;
  made.of_shape = a.of_shape || b.of_shape;
  if (a.is_float())
    made.floats = Tensor(shape, choose(a.floats.values(), b.floats.values()));
  else
    made.integers = choose(a.integers.list(), b.integers.list());
  return {std::move(made)};
}

template <class T, class Element>
std::vector<T> counted(const OnnxNode& node, const Element& element) {
  const T start = element(0), limit = element(1), step = element(2);
  node.require(step != 0, "it counts in steps of 0");
  const double count = std::ceil((static_cast<double>(limit) - static_cast<double>(start)) / static_cast<double>(step));
  node.require(count < static_cast<double>(1 << 26), "it counts too far");
  std::vector<T> values;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(count); ++i)
    values.push_back(start + static_cast<T>(i) * step);
  return values;
}

std::vector<OnnxConstant> fold_range(const OnnxNode& node) {
  for (std::size_t i = 0; i < 3; ++i) {
    const OnnxConstant& end = node.constant(i);
    node.require(end.count() == 1 && end.is_float() == node.constant(0).is_float(), "it needs three single numbers");
    refuse_batch(node, end);
  }
  OnnxConstant made;
  if (node.constant(0).is_float()) {
    std::vector<float> values =
        counted<float>(node, [&](std::size_t i) { return node.constant(i).floats.values()[0]; });
    made.shape = {static_cast<std::int64_t>(values.size())};
    made.floats = Tensor(made.shape, std::move(values));
  } else {
    made.integers = counted<std::int64_t>(node, [&](std::size_t i) { return node.constant(i).integers[0]; });
    made.shape = {static_cast<std::int64_t>(made.integers.size())};
  }
  return {std::move(made)};
}

std::vector<OnnxConstant> fold_size(const OnnxNode& node) {
  OnnxConstant made;
  made.integers = {node.constant(0).count()};
  return {std::move(made)};
}

}  // namespace

ConstantFoldings movement_foldings() {
  return {{"Gather", fold_gather}, {"Slice", fold_slice},   {"Transpose", fold_transpose}, {"Concat", fold_concat},
          {"Split", fold_split},   {"Expand", fold_expand}, {"Tile", fold_tile},           {"Where", fold_where},
          {"Range", fold_range},   {"Size", fold_size}};
}

OnnxConstant filled_constant(const OnnxNode& node, const OnnxConstant& value) {
  node.require(value.count() == 1, "its value is not one number");
  Shape shape = node.integers(0);
  if (node.constant(0).of_shape && !shape.empty() && shape[0] < 0) shape[0] = 1;
  return moved(node, value, std::move(shape), [](std::size_t) { return std::size_t{0}; });
}

}  // namespace qeval
