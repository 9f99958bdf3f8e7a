#include "stages/model/node_shapes.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <numeric>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

/// One operator's inputs, checked.
class Inference {
 public:
  Inference(const Node& node, const std::vector<const Shape*>& inputs) : node_(node), inputs_(inputs) {
    require(!inputs.empty(), "no input");
  }

  const Shape& first() const { return *inputs_[0]; }

  void require(bool condition, const char* what) const {
    if (!condition) throw InternalError("node " + node_.name + " (" + op_name(node_.op) + ") has " + what);
  }

  /// [C, H, W]
  const Shape& image() const {
    require(first().size() == 3, "an input that is no batch of images");
    return first();
  }

  /// Where an axis that counts the batch stands in a shape.
  std::size_t place(int axis, const Shape& shape) const {
    require(axis >= 1 && static_cast<std::size_t>(axis) <= shape.size(), "an axis that its input lacks");
    return static_cast<std::size_t>(axis) - 1;
  }

  Shape windowed(std::int64_t channels) const {
    const Shape& in = image();
    return {channels, window_positions(node_.window, 0, in[1]), window_positions(node_.window, 1, in[2])};
  }

  Shape spread() const {
    const Shape& in = image();
    Shape out{node_.weight.size(1) * node_.window.groups};
    for (std::size_t axis = 0; axis < 2; ++axis) out.push_back(spread_size(node_.window, axis, in[axis + 1]));
    return out;
  }

  Shape last_axis_replaced() const {
    require(!first().empty(), "an input of the batch axis alone");
    Shape out = first();
    out.back() = node_.weight.size(0);
    return out;
  }

  Shape padded() const {
    const Shape& in = image();
    const auto [top, bottom, left, right] = node_.window.padding;
    return {in[0], in[1] + top + bottom, in[2] + left + right};
  }

  Shape subsampled() const {
    const Shape& in = image();
    return {node_.out_channels, (in[1] + 1) / 2, (in[2] + 1) / 2};
  }

  Shape flat() const { return {std::accumulate(first().begin(), first().end(), std::int64_t{1}, std::multiplies<>())}; }

  Shape joined() const {
    Shape out = first();
    const std::size_t axis = place(node_.axis, out);
    for (std::size_t i = 1; i < inputs_.size(); ++i) {
      require(inputs_[i]->size() == out.size(), "inputs of different ranks");
      out[axis] += (*inputs_[i])[axis];
    }
    return out;
  }

  Shape sliced() const {
    Shape out = first();
    std::int64_t& side = out[place(node_.axis, out)];
    const std::int64_t last = std::min<std::int64_t>(node_.last, side), step = node_.step;
    require(step != 0, "a step of 0");
    const std::int64_t room = step > 0 ? last - node_.first : node_.first - last, stride = std::abs(step);
    side = std::max<std::int64_t>((room + stride - 1) / stride, 0);
    return out;
  }

  Shape gathered() const {
    Shape out = first();
    out[place(node_.axis, out)] = static_cast<std::int64_t>(node_.positions.size());
    return out;
  }

  Shape permuted() const {
    require(node_.axes.size() == first().size() + 1, "not one entry for every axis of its input");
    Shape out;
    for (std::size_t i = 1; i < node_.axes.size(); ++i) out.push_back(first()[place(node_.axes[i], first())]);
    return out;
  }

  Shape reduced() const {
    Shape out = first();
    for (const int axis : node_.axes) out[place(axis, out)] = 1;
    return out;
  }

  Shape combined() const {
    const bool with_weight = inputs_.size() == 1;
    require(with_weight ? node_.weight.defined() : inputs_.size() == 2, "not two operands");
    const auto shape = broadcast_shape(first(), with_weight ? node_.weight.shape() : *inputs_[1]);
    require(shape.has_value(), "operands of shapes that do not fit");
    return *shape;
  }

  /// Of two inputs, or one and `bias`, and `weight`, which chooses.
  Shape chosen() const {
    const bool with_bias = inputs_.size() == 1;
    require(node_.weight.defined() && (with_bias ? node_.bias.defined() : inputs_.size() == 2), "not two operands");
    const auto both = broadcast_shape(first(), with_bias ? node_.bias.shape() : *inputs_[1]);
    const auto shape = both ? broadcast_shape(*both, node_.weight.shape()) : std::nullopt;
    require(shape.has_value(), "operands of shapes that do not fit");
    return *shape;
  }

  Shape padded_axes() const {
    Shape out = first();
    require(node_.pads.size() == 2 * out.size(), "not two pads for every axis of its input");
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += node_.pads[2 * i] + node_.pads[2 * i + 1];
    return out;
  }

 private:
  const Node& node_;
  const std::vector<const Shape*>& inputs_;
};

}  // namespace

std::optional<Shape> broadcast_shape(const Shape& a, const Shape& b) {
  if (a.size() != b.size()) return std::nullopt;
  Shape out = a;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (a[i] != b[i] && a[i] != 1 && b[i] != 1) return std::nullopt;
    out[i] = a[i] == 1 ? b[i] : a[i];
  }
  return out;
}

std::int64_t window_extent(const Window& window, std::size_t axis) {
  return std::int64_t{window.dilation[axis]} * (window.kernel[axis] - 1) + 1;
}

std::int64_t window_positions(const Window& window, std::size_t axis, std::int64_t size) {
  const std::int64_t stride = window.stride[axis], before = window.padding[2 * axis];
  const std::int64_t room = size + before + window.padding[2 * axis + 1] - window_extent(window, axis);
  if (room < 0) return 0;
  if (!window.ceil_mode) return room / stride + 1;
  const std::int64_t positions = (room + stride - 1) / stride + 1;
  return (positions - 1) * stride >= size + before ? positions - 1 : positions;
}

std::int64_t spread_size(const Window& window, std::size_t axis, std::int64_t size) {
  return (size - 1) * window.stride[axis] + window_extent(window, axis) + window.output_padding[axis] -
         window.padding[2 * axis] - window.padding[2 * axis + 1];
}

std::int64_t padding_reached(const Window& window, std::size_t axis, std::int64_t size) {
  const std::int64_t last = (window_positions(window, axis, size) - 1) * window.stride[axis];
  return last + window_extent(window, axis) - size - window.padding[2 * axis];
}

Shape output_shape(const Node& node, const std::vector<const Shape*>& inputs) {
  const Inference of(node, inputs);
  switch (node.op) {
    case Op::conv: return of.windowed(node.weight.size(0));
    case Op::max_pool:
    case Op::avg_pool: return of.windowed(of.image()[0]);
    case Op::conv_transpose: return of.spread();
    case Op::global_avg_pool: return {of.image()[0], 1, 1};
    case Op::linear: return of.last_axis_replaced();
    case Op::pad: return of.padded();
    case Op::subsample_pad_channels: return of.subsampled();
    case Op::flatten: return of.flat();
    case Op::reshape: return node.shape;
    case Op::concat: return of.joined();
    case Op::slice: return of.sliced();
    case Op::permute: return of.permuted();
    case Op::reduce_mean:
    case Op::reduce_sum:
    case Op::reduce_max: return of.reduced();
    case Op::gather: return of.gathered();
    case Op::pad_axes: return of.padded_axes();
    case Op::where: return of.chosen();
    default: return is_arithmetic(node.op) ? of.combined() : of.first();
  }
}

Shape output_shape(const Graph& graph, std::size_t index, const std::vector<Shape>& shapes) {
  const Node& node = graph.nodes[index];
  if (node.op == Op::input) return {graph.input_shape.begin(), graph.input_shape.end()};
  std::vector<const Shape*> inputs;
  for (const int input : node.inputs) inputs.push_back(&shapes[static_cast<std::size_t>(input)]);
  return output_shape(node, inputs);
}

std::vector<Shape> node_shapes(const Graph& graph) {
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) shapes.push_back(output_shape(graph, i, shapes));
  return shapes;
}

}  // namespace qeval
