#include "stages/quant/onnx/graph_writer.h"

#include <algorithm>

#include "pipeline/base/errors.h"
#include "stages/quant/placement/quantsim_rules.h"

namespace qeval {
namespace {

using Ints = std::vector<std::int64_t>;

Ints list(const auto& values) { return Ints(values.begin(), values.end()); }

/// ONNX orders pads [top, left, bottom, right].
Ints onnx_pads(const Window& window) {
  const auto [top, bottom, left, right] = window.padding;
  return {top, left, bottom, right};
}

}  // namespace

void GraphWriter::run() {
  const auto [channels, height, width] = graph_.input_shape;
  out_.input("input", {-1, channels, height, width});
  out_.output("logits", {-1, graph_.num_classes});
  for (const Node& node : graph_.nodes) {
    std::vector<std::string> inputs;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const int quantizer = i < node.input_quantizers.size() ? node.input_quantizers[i] : -1;
      inputs.push_back(qdq_.activation(values_[static_cast<std::size_t>(node.inputs[i])], quantizer));
    }
    const std::string value = node.op == Op::input ? "input" : write_operator(node, inputs);
    values_.push_back(qdq_.activation(value, node.output_quantizer));
  }
  out_.finish(values_.back(), "logits");
}

Granularity GraphWriter::granularity(int quantizer) const {
  return quantizer < 0 ? Granularity{} : granularity_of(graph_.quantizers[static_cast<std::size_t>(quantizer)]);
}

std::string GraphWriter::weight(const Node& node) {
  return qdq_.parameter(node.name + ".weight", node.weight, node.weight_quantizer, granularity(node.weight_quantizer));
}

std::string GraphWriter::bias(const Node& node, const Tensor& values) {
  return qdq_.parameter(node.name + ".bias", values, node.bias_quantizer, granularity(node.bias_quantizer));
}

std::string GraphWriter::write_layer(const Node& node, std::vector<std::string> inputs) {
  if (const auto sums = exact_sums_(node)) return write_exact_sum(node, *sums, inputs[0]);
  inputs.push_back(weight(node));
  if (node.bias.defined()) inputs.push_back(bias(node, node.bias));
  return node.op == Op::linear ? write_linear(node, inputs) : write_convolution(node, inputs);
}

std::string GraphWriter::write_convolution(const Node& node, const std::vector<std::string>& inputs) {
  const bool transposed = node.op == Op::conv_transpose;
  const Window& window = node.window;
  std::vector<OnnxAttribute> attributes{{"kernel_shape", list(window.kernel)},
                                        {"strides", list(window.stride)},
                                        {"pads", onnx_pads(window)},
                                        {"dilations", list(window.dilation)},
                                        {"group", std::int64_t{window.groups}}};
  if (transposed) attributes.push_back({"output_padding", list(window.output_padding)});
  return out_.node(transposed ? "ConvTranspose" : "Conv", inputs, node.name, attributes);
}

/// Gemm for rows; on the last axis of anything else a product with the transposed weight.
std::string GraphWriter::write_linear(const Node& node, const std::vector<std::string>& inputs) {
  if (input_shape(node).size() == 1) return out_.node("Gemm", inputs, node.name, {{"transB", std::int64_t{1}}});
  const std::string turned = out_.node("Transpose", {inputs[1]}, node.name + ".weight_t", {{"perm", Ints{1, 0}}});
  const std::string product = out_.node("MatMul", {inputs[0], turned}, node.name);
  return inputs.size() > 2 ? out_.node("Add", {product, inputs[2]}, node.name + ".sum") : product;
}

/// The layer on whole numbers, times their unit, plus the bias: one rounding each.
std::string GraphWriter::write_exact_sum(const Node& node, const ExactSums& sums, const std::string& x) {
  const bool image = node.op == Op::conv;
  const auto shape = [&](std::int64_t channels) { return image ? Ints{channels, 1, 1} : Ints{channels}; };
  const std::vector<std::string> inputs{qdq_.whole_numbers(x, sums.input_quantizer),
                                        qdq_.whole_parameter(node.name + ".weight", node.weight, node.weight_quantizer,
                                                             granularity(node.weight_quantizer))};
  const std::string sum = image ? write_convolution(node, inputs) : write_linear(node, inputs);
  const std::string unit =
      out_.floats(node.name + ".unit", Tensor(shape(static_cast<std::int64_t>(sums.scales.size())), sums.scales));
  const std::string product = out_.node("Mul", {sum, unit}, node.name + ".product");
  if (!node.bias.defined()) return product;
  const Tensor bias(shape(node.bias.numel()), node.bias.data());
  return out_.node("Add", {product, this->bias(node, bias)}, node.name + ".sum");
}

std::string GraphWriter::write_batch_norm(const Node& node, const std::string& x) {
  return out_.node("BatchNormalization",
                   {x, weight(node), bias(node, node.bias), out_.floats(node.name + ".mean", node.mean),
                    out_.floats(node.name + ".variance", node.variance)},
                   node.name, {{"epsilon", node.epsilon}});
}

/// A size that is rounded up is written as the pads that it means: shape inference of ONNX counts a window that begins
/// behind the picture, which neither runtime computes. Where a gap in the kernel is wider than it, onnxruntime would
/// refuse the pads, and the size stays rounded.
Window GraphWriter::written_window(const Node& node) const {
  Window window = node.window;
  if (node.op != Op::max_pool || !window.ceil_mode) return window;
  const Shape& image = input_shape(node);
  window.padding[1] = static_cast<int>(std::max<std::int64_t>(padding_reached(node.window, 0, image[1]), 0));
  window.padding[3] = static_cast<int>(std::max<std::int64_t>(padding_reached(node.window, 1, image[2]), 0));
  window.ceil_mode = false;
  const bool fits = window.padding[1] < window.kernel[0] && window.padding[3] < window.kernel[1];
  return fits ? window : node.window;
}

std::string GraphWriter::write_pool(const Node& node, const std::string& x) {
  const Window window = written_window(node);
  std::vector<OnnxAttribute> attributes{{"kernel_shape", list(window.kernel)},
                                        {"strides", list(window.stride)},
                                        {"pads", onnx_pads(window)},
                                        {"dilations", list(window.dilation)},
                                        {"ceil_mode", std::int64_t{window.ceil_mode}}};
  if (node.op == Op::avg_pool) attributes.push_back({"count_include_pad", std::int64_t{window.count_include_pad}});
  return out_.node(node.op == Op::max_pool ? "MaxPool" : "AveragePool", {x}, node.name, attributes);
}

std::string GraphWriter::write_mean(const Node& node, const std::string& x) {
  const auto sums = exact_sums_(node);
  const std::string mean = write_plain_mean(node, sums ? qdq_.whole_numbers(x, sums->input_quantizer) : x);
  if (!sums) return mean;
  return out_.node("Mul", {mean, out_.scalar(node.name + ".unit", sums->input_scale)}, node.name + ".product");
}

std::string GraphWriter::write_plain_mean(const Node& node, const std::string& x) {
  if (node.op == Op::avg_pool) return write_pool(node, x);
  if (node.op == Op::reduce_mean) return write_reduction(node, x);
  return out_.node("GlobalAveragePool", {x}, node.name);
}

std::string GraphWriter::write_reduction(const Node& node, const std::string& x) {
  const std::string type(operator_type(node));
  return out_.node(type.c_str(), {x, out_.integers(node.name + ".axes", list(node.axes))}, node.name);
}

/// Slopes per channel stand along axis 1, so the axes behind it get sizes of 1.
std::string GraphWriter::write_prelu(const Node& node, const std::string& x) {
  Ints shape = node.weight.shape();
  if (shape.size() == 1) {
    shape.assign(input_shape(node).size(), 1);
    if (node.weight.numel() > 1) shape[0] = node.weight.numel();
  }
  return out_.node("PRelu", {x, out_.floats(node.name + ".weight", Tensor(shape, node.weight.data()))}, node.name);
}

std::string GraphWriter::write_arithmetic(const Node& node, std::vector<std::string> operands) {
  if (operands.size() == 1) {
    const auto place = node.weight_first ? operands.begin() : operands.end();
    operands.insert(place, weight(node));
  }
  const std::string type(operator_type(node));
  return out_.node(type.c_str(), operands, node.name);
}

std::string GraphWriter::write_where(const Node& node, std::vector<std::string> operands) {
  if (operands.size() == 1) {
    const auto place = node.weight_first ? operands.begin() : operands.end();
    operands.insert(place, bias(node, node.bias));
  }
  operands.insert(operands.begin(), out_.truths(node.name + ".condition", node.weight));
  return out_.node("Where", operands, node.name);
}

std::string GraphWriter::write_pad_axes(const Node& node, const std::string& x) {
  const std::size_t rank = node.pads.size() / 2 + 1;
  Ints pads(2 * rank, 0);
  for (std::size_t axis = 1; axis < rank; ++axis) {
    pads[axis] = node.pads[2 * axis - 2];
    pads[rank + axis] = node.pads[2 * axis - 1];
  }
  std::vector<std::string> inputs{x, out_.integers(node.name + ".pads", pads)};
  if (node.pad_mode == PadMode::constant) inputs.push_back(out_.scalar(node.name + ".value", node.alpha));
  return out_.node("Pad", inputs, node.name, {{"mode", pad_mode_name(node.pad_mode)}});
}

/// ONNX normalizes the last axes only, so any other is moved there and back.
std::string GraphWriter::write_layer_norm(const Node& node, const std::string& x) {
  std::vector<std::string> inputs{x, weight(node)};
  if (node.bias.defined()) inputs.push_back(bias(node, node.bias));
  const int last = static_cast<int>(input_shape(node).size());
  Ints there, back;
  for (int i = 0; i <= last; ++i)
    if (i != node.axis) there.push_back(i);
  there.push_back(node.axis);
  for (int i = 0; i <= last; ++i) back.push_back(i < node.axis ? i : i == node.axis ? last : i - 1);
  const bool moved = node.axis != last;
  if (moved) inputs[0] = out_.node("Transpose", {x}, node.name + ".moved", {{"perm", there}});
  const std::string normed = out_.node("LayerNormalization", inputs, moved ? node.name + ".normed" : node.name,
                                       {{"axis", std::int64_t{-1}}, {"epsilon", node.epsilon}});
  return moved ? out_.node("Transpose", {normed}, node.name, {{"perm", back}}) : normed;
}

/// Picks channels in their new order: channel i of the result is number i / groups of group i mod groups.
std::string GraphWriter::write_channel_shuffle(const Node& node, const std::string& x) {
  const std::int64_t channels = input_shape(node)[0], groups = node.window.groups, size = channels / groups;
  Ints order;
  for (std::int64_t i = 0; i < channels; ++i) order.push_back(i % groups * size + i / groups);
  return out_.node("Gather", {x, out_.integers(node.name + ".order", order)}, node.name, {{"axis", std::int64_t{1}}});
}

/// Every second row and column, then zero channels on both sides.
std::string GraphWriter::write_subsampling(const Node& node, const std::string& x) {
  const std::int64_t extra = node.out_channels - input_shape(node)[0], front = extra / 2;
  const auto ints = [&](const char* what, const Ints& values) { return out_.integers(node.name + what, values); };
  const std::string kept = out_.node("Slice",
                                     {x, ints(".starts", {0, 0}), ints(".ends", {INT32_MAX, INT32_MAX}),
                                      ints(".axes", {2, 3}), ints(".steps", {2, 2})},
                                     node.name + ".kept");
  return out_.node("Pad", {kept, ints(".pads", {0, front, 0, 0, 0, extra - front, 0, 0})}, node.name);
}

// NOLINTNEXTLINE(readability-function-size): a table
std::string GraphWriter::write_operator(const Node& node, const std::vector<std::string>& inputs) {
  const std::string& name = node.name;
  const std::string type(operator_type(node));
  const auto plain = [&](const char* written, const std::vector<OnnxAttribute>& attributes = {}) {
    return out_.node(written, inputs, name, attributes);
  };
  const auto clip = [&](float low, float high) {
    return out_.node("Clip", {inputs[0], out_.scalar(name + ".min", low), out_.scalar(name + ".max", high)}, name);
  };
  switch (node.op) {
    case Op::conv:
    case Op::conv_transpose:
    case Op::linear: return write_layer(node, inputs);
    case Op::batch_norm: return write_batch_norm(node, inputs[0]);
    case Op::relu: return plain("Relu");
    case Op::relu6: return clip(0, 6);
    case Op::clip: return clip(node.alpha, node.beta);
    case Op::leaky_relu: return plain("LeakyRelu", {{"alpha", node.alpha}});
    case Op::prelu: return write_prelu(node, inputs[0]);
    case Op::log_softmax: return plain("LogSoftmax", {{"axis", std::int64_t{node.axis}}});
    case Op::softmax: return plain("Softmax", {{"axis", std::int64_t{node.axis}}});
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::div:
    case Op::minimum:
    case Op::maximum:
    case Op::pow: return write_arithmetic(node, inputs);
    case Op::elu: return plain("Elu", {{"alpha", node.alpha}});
    case Op::layer_scale: return out_.node("Mul", {inputs[0], weight(node)}, name);
    case Op::sigmoid: return plain("Sigmoid");
    case Op::hard_sigmoid: return plain("HardSigmoid", {{"alpha", 1.0f / 6}, {"beta", 0.5f}});
    case Op::hard_swish: return plain("HardSwish");
    case Op::silu: return out_.node("Mul", {inputs[0], out_.node("Sigmoid", inputs, name + ".gate")}, name);
    case Op::gelu: return plain("Gelu");
    case Op::gelu_tanh: return plain("Gelu", {{"approximate", "tanh"}});
    case Op::tanh:
    case Op::sqrt:
    case Op::erf:
    case Op::exp:
    case Op::log:
    case Op::abs:
    case Op::reciprocal:
    case Op::softplus:
    case Op::mish: return plain(type.c_str());
    case Op::layer_norm: return write_layer_norm(node, inputs[0]);
    case Op::concat: return plain("Concat", {{"axis", std::int64_t{node.axis}}});
    case Op::slice:
      return out_.node("Slice",
                       {inputs[0], out_.integers(name + ".start", {node.first}),
                        out_.integers(name + ".end", {node.last < 0 ? INT32_MIN : node.last}),
                        out_.integers(name + ".axis", {node.axis}), out_.integers(name + ".step", {node.step})},
                       name);
    case Op::where: return write_where(node, inputs);
    case Op::local_response_norm:
      return plain("LRN", {{"size", std::int64_t{node.window.kernel[0]}},
                           {"alpha", node.alpha},
                           {"beta", node.beta},
                           {"bias", node.epsilon}});
    case Op::permute: return plain("Transpose", {{"perm", list(node.axes)}});
    case Op::channel_shuffle: return write_channel_shuffle(node, inputs[0]);
    case Op::max_pool: return write_pool(node, inputs[0]);
    case Op::avg_pool:
    case Op::global_avg_pool:
    case Op::reduce_mean: return write_mean(node, inputs[0]);
    case Op::gather:
      return out_.node("Gather", {inputs[0], out_.integers(name + ".positions", list(node.positions))}, name,
                       {{"axis", std::int64_t{node.axis}}});
    case Op::reduce_sum:
    case Op::reduce_max: return write_reduction(node, inputs[0]);
    case Op::flatten: return plain("Flatten");
    case Op::reshape: {
      Ints shape = node.shape;
      shape.insert(shape.begin(), 0);  // the batch stays
      return out_.node("Reshape", {inputs[0], out_.integers(name + ".shape", shape)}, name);
    }
    case Op::pad: {
      const auto [top, bottom, left, right] = node.window.padding;
      return out_.node("Pad", {inputs[0], out_.integers(name + ".pads", {0, 0, top, left, 0, 0, bottom, right})}, name);
    }
    case Op::pad_axes: return write_pad_axes(node, inputs[0]);
    case Op::subsample_pad_channels: return write_subsampling(node, inputs[0]);
    case Op::quantize_dequantize: return qdq_.pair(inputs[0], node.grid, name);
    case Op::dropout: return plain("Identity");
    case Op::input: break;
  }
  throw InternalError("node " + name + " has an operator that cannot be exported: " + op_name(node.op));
}

}  // namespace qeval
