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
  append(std::move(node), {input_shape[0], input_shape[1], input_shape[2]});
}

int GraphBuilder::append(Node node, const FeatureShape& shape) {
  if (shape.channels < 1 || shape.height < 1 || shape.width < 1)
    throw InternalError("architecture " + graph_.arch + ": '" + node.name + "' has an empty output");
  graph_.nodes.push_back(std::move(node));
  shapes_.push_back(shape);
  return static_cast<int>(graph_.nodes.size()) - 1;
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

FeatureShape GraphBuilder::windowed(const FeatureShape& in, const Window& window, int channels) const {
  const auto positions = [&](int size, int before, int after, int kernel, int dilation, int stride) {
    const int room = size + before + after - dilation * (kernel - 1) - 1;
    if (!window.ceil_mode) return room / stride + 1;
    // A window that would start in the padding behind the input is left out.
    const int count = (room + stride - 1) / stride + 1;
    return (count - 1) * stride >= size + before ? count - 1 : count;
  };
  return {channels,
          positions(in.height, window.padding[0], window.padding[1], window.kernel[0], window.dilation[0],
                    window.stride[0]),
          positions(in.width, window.padding[2], window.padding[3], window.kernel[1], window.dilation[1],
                    window.stride[1])};
}

int GraphBuilder::append_conv(Node node, int out_channels, const Window& window) {
  const FeatureShape in = shape(node.inputs[0]);
  node.window = window;
  node.weight = shaped({out_channels, in.channels / window.groups, window.kernel[0], window.kernel[1]});
  return append(std::move(node), windowed(in, window, out_channels));
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
  return append(std::move(node), {out_features, 1, 1});
}

int GraphBuilder::linear_on_last_axis(const std::string& module, int input, int out_features) {
  Node node = module_call(Op::linear, module, input);
  const FeatureShape in = shape(input);
  node.weight = shaped({out_features, in.width});
  node.bias = shaped({out_features});
  return append(std::move(node), {in.channels, in.height, out_features});
}

int GraphBuilder::layer_norm(const std::string& module, int input, int axis, float epsilon) {
  Node node = module_call(Op::layer_norm, module, input);
  node.axis = axis;
  node.epsilon = epsilon;
  node.weight = node.bias = shaped({sides(shape(input))[static_cast<std::size_t>(axis - 1)]});
  return append(std::move(node), shape(input));
}

int GraphBuilder::batch_norm(const std::string& module, int input, float epsilon) {
  Node node = module_call(Op::batch_norm, module, input);
  node.epsilon = epsilon;
  node.weight = node.bias = node.mean = node.variance = shaped({shape(input).channels});
  return append(std::move(node), shape(input));
}

int GraphBuilder::activation(Op op, const std::string& module, int input) {
  return append(module_call(op, module, input), shape(input));
}

int GraphBuilder::append_pool(Node node, const Window& window) {
  const FeatureShape in = shape(node.inputs[0]);
  node.window = window;
  return append(std::move(node), windowed(in, window, in.channels));
}

int GraphBuilder::max_pool(const std::string& module, int input, const Window& window) {
  return append_pool(module_call(Op::max_pool, module, input), window);
}

int GraphBuilder::avg_pool(const std::string& module, int input, const Window& window) {
  return append_pool(module_call(Op::avg_pool, module, input), window);
}

int GraphBuilder::global_avg_pool(const std::string& module, int input) {
  return append(module_call(Op::global_avg_pool, module, input), {shape(input).channels, 1, 1});
}

int GraphBuilder::pad(const std::string& module, int input, const std::array<int, 4>& padding) {
  Node node = module_call(Op::pad, module, input);
  node.window.padding = padding;
  const FeatureShape in = shape(input);
  return append(std::move(node),
                {in.channels, in.height + padding[0] + padding[1], in.width + padding[2] + padding[3]});
}

int GraphBuilder::subsample_pad_channels(const std::string& module, int input, int out_channels) {
  Node node = module_call(Op::subsample_pad_channels, module, input);
  node.out_channels = out_channels;
  const FeatureShape in = shape(input);
  return append(std::move(node), {out_channels, (in.height + 1) / 2, (in.width + 1) / 2});
}

int GraphBuilder::dropout(const std::string& module, int input) {
  return append(module_call(Op::dropout, module, input), shape(input));
}

int GraphBuilder::permute(const std::string& module, int input, const std::array<int, 4>& axes) {
  Node node = module_call(Op::permute, module, input);
  node.axes.assign(axes.begin(), axes.end());
  const std::array<int, 3> in = sides(shape(input));
  const auto side = [&](std::size_t i) { return in[static_cast<std::size_t>(axes[i] - 1)]; };
  return append(std::move(node), {side(1), side(2), side(3)});
}

int GraphBuilder::append_flatten(Node node) {
  const FeatureShape in = shape(node.inputs[0]);
  return append(std::move(node), {in.channels * in.height * in.width, 1, 1});
}

int GraphBuilder::flatten(const std::string& module, int input) {
  return append_flatten(module_call(Op::flatten, module, input));
}

}  // namespace qeval
