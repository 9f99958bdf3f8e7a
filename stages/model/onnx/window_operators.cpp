// Convolutions, pools, and padding: everything with a window over the image.
#include <array>

#include "stages/model/onnx/onnx_operators.h"

namespace qeval {
namespace {

constexpr int most = 4096;  ///< kernel, stride, padding, dilation

/// ONNX orders pads [top, left, bottom, right].
std::array<int, 4> top_bottom_left_right(const std::vector<int>& pads) { return {pads[0], pads[2], pads[1], pads[3]}; }

std::int64_t extent(int kernel, int dilation) { return std::int64_t{dilation} * (kernel - 1) + 1; }

void require_image(const OnnxNode& node, const OnnxValue& x) {
  node.require(x.shape.size() == 3, "its input is not a batch of images, [N, C, H, W]; other ranks are not supported");
}

/// auto_pad SAME: as many positions as size / stride, rounded up; `more_after`: where an odd total goes.
void pad_to_same(Window& window, const std::vector<std::int64_t>& shape, bool more_after) {
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t size = shape[axis + 1], stride = window.stride[axis];
    const std::int64_t positions = (size + stride - 1) / stride;
    const std::int64_t total =
        std::max<std::int64_t>((positions - 1) * stride + extent(window.kernel[axis], window.dilation[axis]) - size, 0);
    const auto less = static_cast<int>(total / 2), rest = static_cast<int>(total - total / 2);
    window.padding[2 * axis] = more_after ? less : rest;
    window.padding[2 * axis + 1] = more_after ? rest : less;
  }
}

Window read_window(const OnnxNode& node, const OnnxValue& x, std::array<int, 2> kernel) {
  Window window;
  const auto pair = [&](const char* name, int fallback, int low) {
    const std::vector<int> values = node.small_integers(name, {fallback, fallback}, low, most);
    return std::array<int, 2>{values[0], values[1]};
  };
  window.kernel = kernel;
  for (const int size : kernel) node.require(size >= 1 && size <= most, "its kernel is empty or too large");
  window.stride = pair("strides", 1, 1);
  window.dilation = pair("dilations", 1, 1);
  window.padding = top_bottom_left_right(node.small_integers("pads", {0, 0, 0, 0}, 0, most));
  const std::string automatic = node.text("auto_pad", "NOTSET");
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    pad_to_same(window, x.shape, automatic == "SAME_UPPER");
  } else if (automatic == "VALID") {
    window.padding = {0, 0, 0, 0};
  } else {
    node.require(automatic == "NOTSET", "auto_pad is none of NOTSET, VALID, SAME_UPPER, SAME_LOWER");
  }
  return window;
}

std::array<int, 2> kernel_shape(const OnnxNode& node) {
  node.require(node.has_attribute("kernel_shape"), "kernel_shape is missing");
  const std::vector<int> kernel = node.small_integers("kernel_shape", {1, 1}, 1, most);
  return {kernel[0], kernel[1]};
}

std::vector<std::int64_t> windowed_shape(const OnnxNode& node, const std::vector<std::int64_t>& in,
                                         const Window& window, std::int64_t channels) {
  std::vector<std::int64_t> out{channels};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t size = in[axis + 1], stride = window.stride[axis], before = window.padding[2 * axis];
    const std::int64_t span = size + before + window.padding[2 * axis + 1];
    const std::int64_t room = span - extent(window.kernel[axis], window.dilation[axis]);
    node.require(room >= 0, "its kernel is larger than its padded input");
    std::int64_t positions = (window.ceil_mode ? room + stride - 1 : room) / stride + 1;
    // A window that would begin behind the input and its leading pad is left out, as PyTorch does.
    if (window.ceil_mode && (positions - 1) * stride >= size + before) --positions;
    out.push_back(positions);
  }
  return out;
}

struct Filter {
  Tensor weight, bias;

  void give_to(const OnnxNode& node, Node& made) const {
    made.weight = weight;
    made.bias = bias;
    made.onnx_weight = node.proto().input(1);
    if (bias.defined()) made.onnx_bias = node.proto().input(2);
  }
};

Filter read_filter(const OnnxNode& node, std::int64_t outputs_axis, int groups) {
  Filter filter;
  filter.weight = node.float_tensor(1, 4);
  const std::int64_t outputs = outputs_axis == 0 ? filter.weight.size(0) : filter.weight.size(1) * groups;
  if (node.has_operand(2)) {
    filter.bias = node.float_tensor(2, 1);
    node.require(filter.bias.size(0) == outputs, "its bias does not have one value per output channel");
  }
  if (node.has_attribute("kernel_shape")) {
    const std::array<int, 2> kernel = kernel_shape(node);
    node.require(kernel[0] == filter.weight.size(2) && kernel[1] == filter.weight.size(3),
                 "kernel_shape differs from the shape of its weight");
  }
  for (const std::int64_t size : filter.weight.shape())
    node.require(size >= 1 && size <= 1 << 20, "its weight has an axis that is empty or too large");
  return filter;
}

std::array<int, 2> kernel_of(const Tensor& weight) {
  return {static_cast<int>(weight.size(2)), static_cast<int>(weight.size(3))};
}

void conv(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  require_image(node, x);
  const int groups = static_cast<int>(node.integer("group", 1, 1, 1 << 20));
  const Filter filter = read_filter(node, 0, groups);
  const std::int64_t outputs = filter.weight.size(0);
  node.require(filter.weight.size(1) * groups == x.shape[0] && outputs % groups == 0,
               "the channels of its input do not fit its weight and group");
  Node made = importer.make_node(node, Op::conv, {&x});
  made.window = read_window(node, x, kernel_of(filter.weight));
  made.window.groups = groups;
  filter.give_to(node, made);
  const auto shape = windowed_shape(node, x.shape, made.window, outputs);
  importer.finish(node, std::move(made), shape);
}

void conv_transpose(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  require_image(node, x);
  const int groups = static_cast<int>(node.integer("group", 1, 1, 1 << 20));
  const Filter filter = read_filter(node, 1, groups);
  node.require(filter.weight.size(0) == x.shape[0] && x.shape[0] % groups == 0,
               "the channels of its input do not fit its weight and group");
  node.require(node.text("auto_pad", "NOTSET") == "NOTSET" && !node.has_attribute("output_shape"),
               "auto_pad and output_shape are not supported; export it with explicit pads");
  Node made = importer.make_node(node, Op::conv_transpose, {&x});
  Window& window = made.window = read_window(node, x, kernel_of(filter.weight));
  window.groups = groups;
  const std::vector<int> extra = node.small_integers("output_padding", {0, 0}, 0, most);
  std::vector<std::int64_t> shape{filter.weight.size(1) * groups};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    node.require(extra[axis] < std::max(window.stride[axis], window.dilation[axis]),
                 "output_padding is not smaller than stride or dilation");
    window.output_padding[axis] = extra[axis];
    shape.push_back((x.shape[axis + 1] - 1) * window.stride[axis] + extent(window.kernel[axis], window.dilation[axis]) +
                    extra[axis] - window.padding[2 * axis] - window.padding[2 * axis + 1]);
  }
  filter.give_to(node, made);
  importer.finish(node, std::move(made), shape);
}

void pool(OnnxImporter& importer, const OnnxNode& node, Op op) {
  const OnnxValue& x = node.activation(0);
  require_image(node, x);
  Node made = importer.make_node(node, op, {&x});
  made.window = read_window(node, x, kernel_shape(node));
  made.window.ceil_mode = node.integer("ceil_mode", 0, 0, 1) == 1;
  for (std::size_t side = 0; side < 4; ++side)
    node.require(made.window.padding[side] < extent(made.window.kernel[side / 2], made.window.dilation[side / 2]),
                 "its padding is not smaller than its kernel");
  if (op == Op::avg_pool) {
    made.window.count_include_pad = node.integer("count_include_pad", 0, 0, 1) == 1;
    node.require(made.window.dilation == std::array<int, 2>{1, 1}, "dilations are not supported");
  }
  const auto shape = windowed_shape(node, x.shape, made.window, x.shape[0]);
  importer.finish(node, std::move(made), shape);
}

void max_pool(OnnxImporter& importer, const OnnxNode& node) { pool(importer, node, Op::max_pool); }
void average_pool(OnnxImporter& importer, const OnnxNode& node) { pool(importer, node, Op::avg_pool); }

void global_average_pool(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  require_image(node, x);
  importer.finish(node, importer.make_node(node, Op::global_avg_pool, {&x}), {x.shape[0], 1, 1});
}

/// pads of all axes, begins first: [N, C, H, W] twice.
void pad(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  require_image(node, x);
  const float value = node.scalar(2, node.number("value", 0));
  node.require(node.text("mode", "constant") == "constant" && value == 0 && !node.has_operand(3),
               "only padding of all axes with zeros is supported");
  const std::vector<std::int64_t> pads = node.list_from("pads", 1);  // an attribute before opset 11
  node.require(pads.size() == 8, "pads must hold 8 numbers, two per axis");
  for (const std::size_t i : {0u, 1u, 4u, 5u}) node.require(pads[i] == 0, "only height and width can be padded");
  for (const std::int64_t size : pads) node.require(size >= 0 && size <= most, "pads must be from 0 to 4096");
  Node made = importer.make_node(node, Op::pad, {&x});
  made.window.padding = {static_cast<int>(pads[2]), static_cast<int>(pads[6]), static_cast<int>(pads[3]),
                         static_cast<int>(pads[7])};
  importer.finish(node, std::move(made), {x.shape[0], x.shape[1] + pads[2] + pads[6], x.shape[2] + pads[3] + pads[7]});
}

}  // namespace

OnnxOperators onnx_window_operators() {
  return {{"Conv", conv},
          {"ConvTranspose", conv_transpose},
          {"MaxPool", max_pool},
          {"AveragePool", average_pool},
          {"GlobalAveragePool", global_average_pool},
          {"Pad", pad}};
}

}  // namespace qeval
