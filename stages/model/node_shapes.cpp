#include "stages/model/node_shapes.h"

#include <algorithm>
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
    for (std::size_t axis = 0; axis < 2; ++axis)
      out.push_back((in[axis + 1] - 1) * node_.window.stride[axis] + window_extent(node_.window, axis) +
                    node_.window.output_padding[axis] - node_.window.padding[2 * axis] -
                    node_.window.padding[2 * axis + 1]);
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

  Shape flat() const {
    return {std::accumulate(first().begin(), first().end(), std::int64_t{1}, std::multiplies<>())};
  }

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
    side = std::min<std::int64_t>(node_.last, side) - node_.first;
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

  /// Sides of length 1 are repeated.
  Shape broadcast() const {
    Shape out = first();
    for (const Shape* other : inputs_) {
      require(other->size() == out.size(), "inputs of different ranks");
      for (std::size_t i = 0; i < out.size(); ++i) {
        require(out[i] == (*other)[i] || out[i] == 1 || (*other)[i] == 1, "inputs of shapes that do not fit");
        out[i] = std::max(out[i], (*other)[i]);
      }
    }
    return out;
  }

 private:
  const Node& node_;
  const std::vector<const Shape*>& inputs_;
};

}  // namespace

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
    case Op::reduce_mean: return of.reduced();
    case Op::add:
    case Op::mul: return of.broadcast();
    default: return of.first();
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
