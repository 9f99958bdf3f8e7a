// Operators that move values or keep them: of activations, and of the constants that reach them.
#include <algorithm>
#include <cstdlib>
#include <set>

#include "stages/model/onnx/onnx_operators.h"
#include "stages/model/onnx/onnx_slice.h"
#include "stages/model/onnx/onnx_split.h"

namespace qeval {
namespace {

void identity(OnnxImporter& importer, const OnnxNode& node) { importer.bind_alias(node); }

/// Since opset 12 an input may switch it on.
void dropout(OnnxImporter& importer, const OnnxNode& node) {
  if (node.has_operand(2))
    for (const std::int64_t on : node.integers(2))
      node.require(on == 0, "it is in training mode; export the model for evaluation, model.eval()");
  importer.bind_alias(node);
}

void reshaped_constant(OnnxImporter& importer, const OnnxNode& node, Shape shape) {
  OnnxConstant made = node.constant(0);
  made.shape = std::move(shape);
  std::int64_t count = 1;
  for (const std::int64_t size : made.shape) count *= size;
  node.require(count == made.count(), "its constant does not fit the new shape");
  if (made.is_float()) made.floats = Tensor(made.shape, made.floats.data());
  importer.bind_constant(node, std::move(made));
}

void reshape_to(OnnxImporter& importer, const OnnxNode& node, Shape shape) {
  const OnnxValue& x = node.activation(0);
  if (shape == x.shape) return importer.bind_alias(node);
  node.require(element_count(node, shape) == element_count(node, x.shape),
               "the new shape has another number of elements");
  importer.bind(node, append_reshape(importer, node, x, std::move(shape)));
}

void flatten(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  const std::int64_t written = node.integer("axis", 1, -64, 64);
  // Axis 1 of one number per image stands behind the last one, which is legal here.
  node.require(written == 1 || node.axis(written, x.shape.size() + 1) == 1,
               "only axis 1 is supported: the batch stays, all else becomes one axis");
  reshape_to(importer, node, {element_count(node, x.shape)});
}

/// The new shape without the batch, whose size may be written as −1, 0, or the 1 of a model exported for one image.
Shape new_shape(const OnnxNode& node, const OnnxValue& x) {
  const Shape& target = node.integers(1);
  node.require(!target.empty(), "the new shape has no batch");
  node.require(target[0] >= -1 && target[0] <= 1, "it changes the batch; export the model with a free batch axis");
  Shape shape(target.begin() + 1, target.end());
  const bool zero_is_zero = node.integer("allowzero", 0, 0, 1) == 1;
  std::int64_t known = 1;
  Shape::iterator open = shape.end();
  for (auto size = shape.begin(); size != shape.end(); ++size) {
    if (*size == 0 && !zero_is_zero) {
      const auto axis = static_cast<std::size_t>(size - shape.begin());
      node.require(axis < x.shape.size(), "a 0 in the new shape stands for an axis that is not there");
      *size = x.shape[axis];
    }
    if (*size == -1) {
      node.require(open == shape.end(), "several sizes of the new shape are open");
      open = size;
      continue;
    }
    node.require(*size >= 1 && *size <= 1 << 28, "a size of the new shape is out of range");
    known *= *size;
    node.require(known <= 1 << 28, "the new shape is too large");
  }
  if (open != shape.end()) *open = element_count(node, x.shape) / known;
  return shape;
}

void reshape(OnnxImporter& importer, const OnnxNode& node) {
  if (!node.is_constant(0)) return reshape_to(importer, node, new_shape(node, node.activation(0)));
  Shape shape = node.integers(1);
  std::int64_t known = 1;
  for (const std::int64_t size : shape)
    if (size != -1) {
      node.require(size >= 1 && size <= node.constant(0).count(), "a size of the new shape is out of range");
      known *= size;
      node.require(known <= node.constant(0).count(), "its constant does not fit the new shape");
    }
  for (std::int64_t& size : shape)
    if (size == -1) size = node.constant(0).count() / known;
  reshaped_constant(importer, node, shape);
}

/// The shape with the batch in front (as 0: it takes part in nothing), or a constant's own.
Shape full_shape(const OnnxNode& node) {
  if (node.is_constant(0)) return node.constant(0).shape;
  Shape shape = node.activation(0).shape;
  shape.insert(shape.begin(), 0);
  return shape;
}

void finish_full(OnnxImporter& importer, const OnnxNode& node, const Shape& shape) {
  if (node.is_constant(0)) return reshaped_constant(importer, node, shape);
  node.require(!shape.empty() && shape[0] == 0, "it would move the batch from the first axis");
  reshape_to(importer, node, {shape.begin() + 1, shape.end()});
}

void squeeze(OnnxImporter& importer, const OnnxNode& node) {
  const Shape shape = full_shape(node);
  std::set<int> removed;
  for (const std::int64_t axis : node.list_from("axes", 1)) removed.insert(node.axis(axis, shape.size()));
  const bool all_ones = !node.has_attribute("axes") && !node.has_operand(1);
  Shape kept;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool remove = all_ones ? shape[i] == 1 : removed.count(static_cast<int>(i)) != 0;
    if (!remove)
      kept.push_back(shape[i]);
    else
      node.require(shape[i] == 1, "it removes an axis whose size is not 1");
  }
  finish_full(importer, node, kept);
}

void unsqueeze(OnnxImporter& importer, const OnnxNode& node) {
  const Shape shape = full_shape(node), axes = node.list_from("axes", 1);
  std::set<int> added;
  for (const std::int64_t axis : axes) added.insert(node.axis(axis, shape.size() + axes.size()));
  node.require(added.size() == axes.size() && !axes.empty(), "its axes are missing or name one twice");
  Shape result;
  for (std::size_t i = 0, from = 0; i < shape.size() + axes.size(); ++i)
    result.push_back(added.count(static_cast<int>(i)) != 0 ? 1 : shape[from++]);
  finish_full(importer, node, result);
}

/// Of axes other than the batch. A mean over height and width is the global average pool.
template <Op op>
void reduce(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  std::set<int> axes;
  for (const std::int64_t axis : node.list_from("axes", 1)) axes.insert(node.axis(axis, x.shape.size() + 1));
  node.require(!axes.empty() && axes.count(0) == 0, "it has no axes, or goes over the batch");
  const bool keep = node.integer("keepdims", 1, 0, 1) == 1;
  Shape without;
  for (std::size_t i = 0; i < x.shape.size(); ++i)
    if (axes.count(static_cast<int>(i) + 1) == 0) without.push_back(x.shape[i]);
  const bool over_image = op == Op::reduce_mean && x.shape.size() == 3 && axes == std::set<int>{2, 3};
  Node made = importer.make_node(node, over_image ? Op::global_avg_pool : op, {&x});
  if (!over_image) made.axes.assign(axes.begin(), axes.end());
  if (keep) return importer.finish(node, std::move(made));
  const OnnxValue reduced = importer.append(node, std::move(made));
  importer.bind(node, append_reshape(importer, node, reduced, without));
}

/// Along an axis other than the batch.
void concat(OnnxImporter& importer, const OnnxNode& node) {
  const std::int64_t written = node.integer("axis", 1, -64, 64);
  const Shape shape = node.activation(0).shape;
  const int axis = node.axis(written, shape.size() + 1);
  node.require(axis > 0, "it joins batches");
  const auto joined = static_cast<std::size_t>(axis - 1);
  std::vector<const OnnxValue*> parts{&node.activation(0)};
  for (std::size_t i = 1; i < node.operand_count(); ++i) {
    parts.push_back(&node.activation(i));
    Shape expected = parts.back()->shape;
    node.require(expected.size() == shape.size(), "its inputs have different ranks");
    expected[joined] = shape[joined];
    node.require(expected == shape, "its inputs differ in another axis than the joined one");
  }
  Node made = importer.make_node(node, Op::concat, parts);
  made.axis = axis;
  importer.finish(node, std::move(made));
}

/// One index alone takes the axis away.
void gather(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  const int axis = node.axis(node.integer("axis", 0, -64, 64), x.shape.size() + 1);
  node.require(axis > 0, "it takes images out of the batch");
  const std::vector<std::int64_t>& indices = node.integers(1);
  node.require(node.constant(1).shape.size() <= 1, "its indices are not in one row");
  Node made = importer.make_node(node, Op::gather, {&x});
  made.axis = axis;
  for (const std::int64_t index : indices)
    made.positions.push_back(node.axis(index, static_cast<std::size_t>(x.shape[static_cast<std::size_t>(axis) - 1])));
  const OnnxValue picked = importer.append(node, std::move(made));
  if (!node.constant(1).shape.empty()) return importer.bind(node, picked);
  Shape without = picked.shape;
  without.erase(without.begin() + axis - 1);
  importer.bind(node, append_reshape(importer, node, picked, std::move(without)));
}

/// One node per axis that loses something.
void slice(OnnxImporter& importer, const OnnxNode& node) {
  OnnxValue value = node.activation(0);
  const std::size_t rank = value.shape.size() + 1;
  const int whole = value.node;
  for (const OnnxCut& cut : cuts_of(node)) {
    const int axis = node.axis(cut.axis, rank);
    node.require(cut.step != 0 && std::abs(cut.step) < 1 << 28, "a step is 0 or too large");
    if (axis == 0) {
      node.require(cut.start == 0 && cut.end >= INT32_MAX && cut.step == 1, "it takes images out of the batch");
      continue;
    }
    const std::int64_t size = value.shape[static_cast<std::size_t>(axis) - 1];
    Node made = importer.make_node(node, Op::slice, {&value});
    made.axis = axis;
    made.first = static_cast<int>(slice_bound(cut.start, size, cut.step < 0));
    made.last = static_cast<int>(slice_bound(cut.end, size, cut.step < 0));
    made.step = static_cast<int>(cut.step);
    value = importer.append(node, std::move(made));
  }
  if (value.node == whole) return importer.bind_alias(node);
  importer.bind(node, std::move(value));
}

/// Every output that is wanted is a slice.
void split(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  const int axis = node.axis(node.integer("axis", 0, -64, 64), x.shape.size() + 1);
  node.require(axis > 0, "it splits the batch");
  const std::int64_t size = x.shape[static_cast<std::size_t>(axis) - 1];
  const Shape sizes = split_sizes(node, size);
  std::int64_t first = 0;
  for (int i = 0; i < node.proto().output_size(); ++i) {
    const std::int64_t last = first + sizes[static_cast<std::size_t>(i)];
    if (importer.is_read(node.proto().output(i))) {
      Node made = importer.make_node(node, Op::slice, {&x});
      made.axis = axis;
      made.first = static_cast<int>(first);
      made.last = static_cast<int>(last);
      importer.bind(node, importer.append(node, std::move(made)), i);
    }
    first = last;
  }
}

/// Of one position many, along every axis that grows.
void expand(OnnxImporter& importer, const OnnxNode& node) {
  OnnxValue value = node.activation(0);
  Shape wished = node.integers(1);
  const std::size_t rank = value.shape.size() + 1;
  node.require(wished.size() <= rank, "its result has more axes than its input: the batch meets another one");
  if (wished.size() == rank) {
    node.require(wished[0] == 1 || (wished[0] < 0 && node.constant(1).of_shape),
                 "it repeats the batch; export the model with a free batch axis");
    wished.erase(wished.begin());
  }
  const std::size_t missing = value.shape.size() - wished.size();
  const int before = value.node;
  for (std::size_t i = 0; i < wished.size(); ++i) {
    const std::int64_t size = value.shape[missing + i];
    node.require(wished[i] == size || size == 1 || wished[i] == 1, "the shape does not fit its input");
    if (size != 1 || wished[i] == 1) continue;
    node.require(wished[i] > 1 && wished[i] <= 1 << 20, "a size of the new shape is out of range");
    Node made = importer.make_node(node, Op::gather, {&value});
    made.axis = static_cast<int>(missing + i) + 1;
    made.positions.assign(static_cast<std::size_t>(wished[i]), 0);
    value = importer.append(node, std::move(made));
  }
  if (value.node == before) return importer.bind_alias(node);
  importer.bind(node, std::move(value));
}

void transpose(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  const Shape order = node.integer_list("perm");
  node.require(order.size() == x.shape.size() + 1 && order[0] == 0, "it moves the batch, or names not every axis");
  Node made = importer.make_node(node, Op::permute, {&x});
  std::set<int> seen;
  for (const std::int64_t from : order) {
    made.axes.push_back(node.axis(from, order.size()));
    node.require(seen.insert(made.axes.back()).second, "perm names an axis twice");
  }
  importer.finish(node, std::move(made));
}

}  // namespace

OnnxOperators onnx_shape_operators() {
  return {{"Identity", identity},
          {"Dropout", dropout},
          {"Flatten", flatten},
          {"Reshape", reshape},
          {"Squeeze", squeeze},
          {"Unsqueeze", unsqueeze},
          {"ReduceMean", reduce<Op::reduce_mean>},
          {"ReduceSum", reduce<Op::reduce_sum>},
          {"ReduceMax", reduce<Op::reduce_max>},
          {"Concat", concat},
          {"Slice", slice},
          {"Gather", gather},
          {"Split", split},
          {"Expand", expand},
          {"Transpose", transpose}};
}

}  // namespace qeval
