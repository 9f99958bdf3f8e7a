// Convolutions, pools, and padding: everything with a window over the image.
#include <algorithm>
#include <array>

#include "stages/model/node_shapes.h"
#include "stages/model/onnx/onnx_operators.h"

namespace qeval {
namespace {

constexpr int most = 4096;  ///< kernel, stride, padding, dilation

/// ONNX orders pads [top, left, bottom, right].
std::array<int, 4> top_bottom_left_right(const std::vector<int>& pads) { return {pads[0], pads[2], pads[1], pads[3]}; }

void require_image(const OnnxNode& node, const OnnxValue& x) {
  node.require(x.shape.size() == 3, "its input is not a batch of images, [N, C, H, W]; other ranks are not supported");
}

/// `more_after`: where the odd one of `total` goes.
void split_padding(Window& window, std::size_t axis, std::int64_t total, bool more_after) {
  const auto less = static_cast<int>(total / 2), rest = static_cast<int>(total - total / 2);
  window.padding[2 * axis] = more_after ? less : rest;
  window.padding[2 * axis + 1] = more_after ? rest : less;
}

/// auto_pad SAME: as many positions as size / stride, rounded up. onnxruntime's pools count no gaps here.
void pad_to_same(Window& window, const std::vector<std::int64_t>& shape, bool more_after, bool pools) {
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t size = shape[axis + 1], stride = window.stride[axis];
    const std::int64_t positions = (size + stride - 1) / stride;
    const std::int64_t extent = pools ? window.kernel[axis] : window_extent(window, axis);
    const std::int64_t total = (positions - 1) * stride + extent - size;
    split_padding(window, axis, std::max<std::int64_t>(total, 0), more_after);
  }
}

bool pads_automatically(const std::string& automatic) { return automatic == "SAME_UPPER" || automatic == "SAME_LOWER"; }

/// With auto_pad as NOTSET where it depends on the input.
Window read_window(const OnnxNode& node, std::array<int, 2> kernel) {
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
  if (automatic == "VALID") window.padding = {0, 0, 0, 0};
  node.require(automatic == "VALID" || automatic == "NOTSET" || pads_automatically(automatic),
               "auto_pad is none of NOTSET, VALID, SAME_UPPER, SAME_LOWER");
  return window;
}

Window padded_window(const OnnxNode& node, const OnnxValue& x, std::array<int, 2> kernel, bool pools = false) {
  Window window = read_window(node, kernel);
  const std::string automatic = node.text("auto_pad", "NOTSET");
  if (pads_automatically(automatic)) pad_to_same(window, x.shape, automatic == "SAME_UPPER", pools);
  return window;
}

/// Of a transposed convolution: output_shape, or the input's size times the stride with auto_pad SAME, says how much is
/// cut off. Where there is less than that, output_shape adds rows at the end, and auto_pad, in onnxruntime, nothing.
void pad_transposed(const OnnxNode& node, const OnnxValue& x, Window& window) {
  const std::string automatic = node.text("auto_pad", "NOTSET");
  std::vector<std::int64_t> wanted = node.integer_list("output_shape");
  if (wanted.empty() && !pads_automatically(automatic)) return;
  node.require(wanted.size() != 1, "output_shape does not hold height and width");
  if (wanted.size() > 2) wanted.erase(wanted.begin(), wanted.end() - 2);
  window.padding = {0, 0, 0, 0};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t size = wanted.empty() ? x.shape[axis + 1] * window.stride[axis] : wanted[axis];
    node.require(size >= 1 && size <= 1 << 24, "a size of output_shape is out of range");
    const std::int64_t total = spread_size(window, axis, x.shape[axis + 1]) - size;
    split_padding(window, axis, std::max<std::int64_t>(total, 0), automatic == "SAME_UPPER");
    if (total < 0 && !wanted.empty()) window.output_padding[axis] -= static_cast<int>(total);
  }
}

std::array<int, 2> kernel_shape(const OnnxNode& node) {
  node.require(node.has_attribute("kernel_shape"), "kernel_shape is missing");
  const std::vector<int> kernel = node.small_integers("kernel_shape", {1, 1}, 1, most);
  return {kernel[0], kernel[1]};
}

void require_room(const OnnxNode& node, const OnnxValue& x, const Window& window) {
  for (std::size_t axis = 0; axis < 2; ++axis)
    node.require(window_positions(window, axis, x.shape[axis + 1]) > 0, "its kernel is larger than its padded input");
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
  node.require(filter.weight.size(1) * groups == x.shape[0] && filter.weight.size(0) % groups == 0,
               "the channels of its input do not fit its weight and group");
  Node made = importer.make_node(node, Op::conv, {&x});
  made.window = padded_window(node, x, kernel_of(filter.weight));
  made.window.groups = groups;
  filter.give_to(node, made);
  require_room(node, x, made.window);
  importer.finish(node, std::move(made));
}

void conv_transpose(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  require_image(node, x);
  const int groups = static_cast<int>(node.integer("group", 1, 1, 1 << 20));
  const Filter filter = read_filter(node, 1, groups);
  node.require(filter.weight.size(0) == x.shape[0] && x.shape[0] % groups == 0,
               "the channels of its input do not fit its weight and group");
  Node made = importer.make_node(node, Op::conv_transpose, {&x});
  Window& window = made.window = read_window(node, kernel_of(filter.weight));
  window.groups = groups;
  const std::vector<int> extra = node.small_integers("output_padding", {0, 0}, 0, most);
  window.output_padding = {extra[0], extra[1]};
  pad_transposed(node, x, window);
  for (std::size_t axis = 0; axis < 2; ++axis)
    node.require(window.output_padding[axis] < std::max(window.stride[axis], window.dilation[axis]),
                 "output_padding is not smaller than stride or dilation, or output_shape too large");
  filter.give_to(node, made);
  importer.finish(node, std::move(made));
}

void pool(OnnxImporter& importer, const OnnxNode& node, Op op) {
  const OnnxValue& x = node.activation(0);
  require_image(node, x);
  Node made = importer.make_node(node, op, {&x});
  made.window = padded_window(node, x, kernel_shape(node), true);
  made.window.ceil_mode = node.integer("ceil_mode", 0, 0, 1) == 1;
  for (std::size_t side = 0; side < 4; ++side)
    node.require(made.window.padding[side] < window_extent(made.window, side / 2),
                 "its padding is not smaller than its kernel");
  if (op == Op::avg_pool) made.window.count_include_pad = node.integer("count_include_pad", 0, 0, 1) == 1;
  require_room(node, x, made.window);
  importer.finish(node, std::move(made));
}

void max_pool(OnnxImporter& importer, const OnnxNode& node) { pool(importer, node, Op::max_pool); }
void average_pool(OnnxImporter& importer, const OnnxNode& node) { pool(importer, node, Op::avg_pool); }

void global_average_pool(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  require_image(node, x);
  importer.finish(node, importer.make_node(node, Op::global_avg_pool, {&x}));
}

/// One window as large as the image.
void global_max_pool(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  require_image(node, x);
  Node made = importer.make_node(node, Op::max_pool, {&x});
  made.window.kernel = {static_cast<int>(x.shape[1]), static_cast<int>(x.shape[2])};
  importer.finish(node, std::move(made));
}

/// Before and after each axis behind the batch. ONNX writes all befores first, of the axes it names or of all.
std::vector<int> pads_per_axis(const OnnxNode& node, std::size_t rank) {
  const std::vector<std::int64_t> given = node.list_from("pads", 1);  // an attribute before opset 11
  std::vector<std::int64_t> axes;
  if (node.has_operand(3))
    axes = node.integers(3);
  else
    for (std::size_t axis = 0; axis < rank; ++axis) axes.push_back(static_cast<std::int64_t>(axis));
  node.require(given.size() == 2 * axes.size(), "pads does not hold two numbers per axis");
  std::vector<int> pads(2 * rank, 0);
  for (std::size_t i = 0; i < given.size(); ++i) {
    node.require(given[i] >= -most && given[i] <= most, "pads must be from -4096 to 4096");
    const auto axis = static_cast<std::size_t>(node.axis(axes[i % axes.size()], rank));
    pads[2 * axis + i / axes.size()] = static_cast<int>(given[i]);
  }
  node.require(pads[0] == 0 && pads[1] == 0, "it pads the batch");
  return {pads.begin() + 2, pads.end()};
}

PadMode pad_mode(const OnnxNode& node) {
  const std::string written = node.text("mode", "constant");
  for (const PadMode mode : {PadMode::constant, PadMode::reflect, PadMode::edge, PadMode::wrap})
    if (written == pad_mode_name(mode)) return mode;
  node.fail("mode is none of constant, reflect, edge and wrap");
}

/// Zeros around an image are a node of their own: they are on every grid, and a convolution may take them over.
void pad(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  Node made = importer.make_node(node, Op::pad_axes, {&x});
  made.pads = pads_per_axis(node, x.shape.size() + 1);
  made.pad_mode = pad_mode(node);
  if (made.pad_mode == PadMode::constant) made.alpha = node.scalar(2, node.number("value", 0));
  const bool cuts = std::any_of(made.pads.begin(), made.pads.end(), [](int size) { return size < 0; });
  const bool zeros = made.pad_mode == PadMode::constant && made.alpha == 0 && !cuts;
  if (zeros && x.shape.size() == 3 && made.pads[0] == 0 && made.pads[1] == 0) {
    made.op = Op::pad;
    std::copy(made.pads.begin() + 2, made.pads.end(), made.window.padding.begin());
    made.pads.clear();
  }
  importer.finish(node, std::move(made));
}

}  // namespace

OnnxOperators onnx_window_operators() {
  return {{"Conv", conv},
          {"ConvTranspose", conv_transpose},
          {"MaxPool", max_pool},
          {"AveragePool", average_pool},
          {"GlobalAveragePool", global_average_pool},
          {"GlobalMaxPool", global_max_pool},
          {"Pad", pad}};
}

}  // namespace qeval
