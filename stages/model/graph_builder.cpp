#include "stages/model/graph_builder.h"

#include <algorithm>
#include <utility>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

std::string join_path(const std::string& parent, const std::string& leaf) {
  return parent.empty() ? leaf : parent + "." + leaf;
}

/// "module_relu", "module_relu_1", … below `parent`: the name of what prepare_model puts there.
std::string prepared_name(const std::string& parent, const std::string& what, int call) {
  std::string leaf = "module_" + what;
  if (call > 0) leaf.append("_").append(std::to_string(call));
  return join_path(parent, leaf);
}

std::pair<std::string, std::string> split_path(const std::string& path) {
  const auto dot = path.rfind('.');
  if (dot == std::string::npos) return {"", path};
  return {path.substr(0, dot), path.substr(dot + 1)};
}

std::array<int, 3> sides(const FeatureShape& shape) { return {shape.channels, shape.height, shape.width}; }

Tensor shaped(std::vector<std::int64_t> shape) { return Tensor(std::move(shape), std::shared_ptr<const float>()); }

}  // namespace

Window square_window(int kernel, int stride, int padding, int groups) {
  Window window;
  window.kernel = {kernel, kernel};
  window.stride = {stride, stride};
  window.padding = {padding, padding, padding, padding};
  window.groups = groups;
  return window;
}

std::array<int, 2> same_padding(int size, int kernel, int stride) {
  const int positions = (size + stride - 1) / stride;
  const int total = std::max((positions - 1) * stride + kernel - size, 0);
  return {total / 2, total - total / 2};
}

GraphBuilder::GraphBuilder(std::string arch, std::array<int, 3> input_shape, int num_classes) {
  graph_.arch = std::move(arch);
  graph_.input_shape = input_shape;
  graph_.num_classes = num_classes;
  Node node;
  node.name = "input";
  append(std::move(node));
}

int GraphBuilder::append(Node node) {
  graph_.nodes.push_back(std::move(node));
  shapes_.push_back(output_shape(graph_, shapes_.size(), shapes_));
  for (const std::int64_t size : shapes_.back())
    if (size < 1)
      throw InternalError("architecture " + graph_.arch + ": '" + graph_.nodes.back().name + "' has an empty output");
  return static_cast<int>(graph_.nodes.size()) - 1;
}

FeatureShape GraphBuilder::shape(int node) const {
  const Shape& shape = shapes_[static_cast<std::size_t>(node)];
  const auto side = [&](std::size_t axis) { return axis < shape.size() ? static_cast<int>(shape[axis]) : 1; };
  return {side(0), side(1), side(2)};
}

Node GraphBuilder::module_call(Op op, const std::string& module, int input) {
  Node node;
  node.op = op;
  node.module = module;
  node.inputs = {input};
  const int call = module_calls_[module]++;
  if (call == 0) {
    node.name = node.prepared = module;
  } else {
    const auto [parent, leaf] = split_path(module);
    node.name = module + "#" + std::to_string(call);
    node.prepared = prepared_name(parent, leaf, call);
  }
  return node;
}

// torch.fx numbers the calls of one function over the whole network, wherever they are.
Node GraphBuilder::function_call(Op op, const std::string& parent, const std::string& function,
                                 std::vector<int> inputs) {
  Node node;
  node.op = op;
  node.inputs = std::move(inputs);
  node.name = node.prepared = prepared_name(parent, function, function_calls_[function]++);
  return node;
}

// prepare_model makes no module of a function that only moves values.
Node GraphBuilder::plain_call(Op op, const std::string& parent, const std::string& function, std::vector<int> inputs) {
  Node node;
  node.op = op;
  node.inputs = std::move(inputs);
  const int call = function_calls_[function]++;
  node.name = join_path(parent, function) + (call > 0 ? "_" + std::to_string(call) : "");
  return node;
}

int GraphBuilder::append_conv(Node node, int out_channels, const Window& window) {
  node.window = window;
  const int in_channels = shape(node.inputs[0]).channels;
  node.weight = shaped({out_channels, in_channels / window.groups, window.kernel[0], window.kernel[1]});
  return append(std::move(node));
}

int GraphBuilder::conv(const std::string& module, int input, int out_channels, const Window& window) {
  return append_conv(module_call(Op::conv, module, input), out_channels, window);
}

int GraphBuilder::conv_with_bias(const std::string& module, int input, int out_channels, const Window& window) {
  Node node = module_call(Op::conv, module, input);
  node.bias = shaped({out_channels});
  return append_conv(std::move(node), out_channels, window);
}

int GraphBuilder::conv_by_function(const std::string& module, int input, int out_channels, const Window& window) {
  Node node = module_call(Op::conv, module, input);
  node.prepared = function_call(Op::conv, module, "conv2d", {input}).prepared;
  return append_conv(std::move(node), out_channels, window);
}

int GraphBuilder::linear(const std::string& module, int input, int out_features) {
  Node node = module_call(Op::linear, module, input);
  node.weight = shaped({out_features, shape(input).channels});
  node.bias = shaped({out_features});
  return append(std::move(node));
}

int GraphBuilder::linear_on_last_axis(const std::string& module, int input, int out_features) {
  Node node = module_call(Op::linear, module, input);
  node.weight = shaped({out_features, shape(input).width});
  node.bias = shaped({out_features});
  return append(std::move(node));
}

int GraphBuilder::layer_norm(const std::string& module, int input, int axis, float epsilon) {
  Node node = module_call(Op::layer_norm, module, input);
  node.axis = axis;
  node.epsilon = epsilon;
  node.weight = node.bias = shaped({sides(shape(input))[static_cast<std::size_t>(axis - 1)]});
  return append(std::move(node));
}

int GraphBuilder::layer_norm_by_function(const std::string& module, int input, int axis, float epsilon) {
  const int node = layer_norm(module, input, axis, epsilon);
  graph_.nodes.back().prepared.clear();
  return node;
}

int GraphBuilder::batch_norm(const std::string& module, int input, float epsilon) {
  Node node = module_call(Op::batch_norm, module, input);
  node.epsilon = epsilon;
  node.weight = node.bias = node.mean = node.variance = shaped({shape(input).channels});
  return append(std::move(node));
}

int GraphBuilder::activation(Op op, const std::string& module, int input) {
  return append(module_call(op, module, input));
}

int GraphBuilder::append_pool(Node node, const Window& window) {
  node.window = window;
  return append(std::move(node));
}

int GraphBuilder::max_pool(const std::string& module, int input, const Window& window) {
  return append_pool(module_call(Op::max_pool, module, input), window);
}

int GraphBuilder::avg_pool(const std::string& module, int input, const Window& window) {
  return append_pool(module_call(Op::avg_pool, module, input), window);
}

int GraphBuilder::global_avg_pool(const std::string& module, int input) {
  return append(module_call(Op::global_avg_pool, module, input));
}

int GraphBuilder::pad(const std::string& module, int input, const std::array<int, 4>& padding) {
  Node node = module_call(Op::pad, module, input);
  node.window.padding = padding;
  return append(std::move(node));
}

int GraphBuilder::subsample_pad_channels(const std::string& module, int input, int out_channels) {
  Node node = module_call(Op::subsample_pad_channels, module, input);
  node.out_channels = out_channels;
  return append(std::move(node));
}

int GraphBuilder::dropout(const std::string& module, int input) {
  return append(module_call(Op::dropout, module, input));
}

int GraphBuilder::permute(const std::string& module, int input, const std::array<int, 4>& axes) {
  Node node = module_call(Op::permute, module, input);
  node.axes.assign(axes.begin(), axes.end());
  return append(std::move(node));
}

int GraphBuilder::flatten(const std::string& module, int input) {
  return append(module_call(Op::flatten, module, input));
}

}  // namespace qeval
