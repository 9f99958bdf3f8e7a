#include "stages/model/graph.h"

#include <locale>
#include <sstream>

namespace qeval {
namespace {

template <typename Values>
void write_list(std::ostream& out, const char* label, const Values& values) {
  out << ' ' << label << '=';
  const char* separator = "";
  for (const auto& value : values) {
    out << separator << value;
    separator = ",";
  }
}

void write_window(std::ostream& out, const Node& node) {
  const Window& window = node.window;
  write_list(out, "kernel", window.kernel);
  write_list(out, "stride", window.stride);
  write_list(out, "padding", window.padding);
  write_list(out, "dilation", window.dilation);
  out << " groups=" << window.groups << " ceil=" << window.ceil_mode << " count_pad=" << window.count_include_pad;
}

bool has_window(Op op) {
  return op == Op::conv || op == Op::conv_transpose || op == Op::max_pool || op == Op::avg_pool || op == Op::pad;
}

/// Hexadecimal: every bit of the small number, whatever the stream precision.
void write_epsilon(std::ostream& out, const Node& node) {
  out << " epsilon=" << std::hexfloat << node.epsilon << std::defaultfloat;
}

void write_slice(std::ostream& out, const Node& node) {
  out << " axis=" << node.axis << " first=" << node.first << " last=" << node.last;
  if (node.step != 1) out << " step=" << node.step;
}

void write_pads(std::ostream& out, const Node& node) {
  write_list(out, "pads", node.pads);
  out << " mode=" << pad_mode_name(node.pad_mode) << " value=" << std::hexfloat << node.alpha << std::defaultfloat;
}

/// What an operator has besides window, parameters and out_channels.
void write_attributes(std::ostream& out, const Node& node) {
  switch (node.op) {
    case Op::batch_norm: write_epsilon(out, node); break;
    case Op::layer_norm:
      out << " axis=" << node.axis;
      write_epsilon(out, node);
      break;
    case Op::concat: out << " axis=" << node.axis; break;
    case Op::slice: write_slice(out, node); break;
    case Op::permute:
    case Op::reduce_mean:
    case Op::reduce_sum:
    case Op::reduce_max: write_list(out, "axes", node.axes); break;
    case Op::gather:
      out << " axis=" << node.axis;
      write_list(out, "positions", node.positions);
      break;
    case Op::log_softmax:
    case Op::softmax: out << " axis=" << node.axis; break;
    case Op::reshape: write_list(out, "shape", node.shape); break;
    case Op::conv_transpose: write_list(out, "output_padding", node.window.output_padding); break;
    case Op::leaky_relu:
    case Op::elu:
    case Op::clip: out << std::hexfloat << " alpha=" << node.alpha << " beta=" << node.beta << std::defaultfloat; break;
    case Op::quantize_dequantize:
      out << " scale=" << std::hexfloat << node.grid.scale << std::defaultfloat
          << " zero_point=" << node.grid.zero_point << " codes=" << node.grid.low << ',' << node.grid.high;
      break;
    case Op::where:
      if (node.weight_first) out << " bias_first";
      break;
    case Op::local_response_norm:
      out << " size=" << node.window.kernel[0] << std::hexfloat << " alpha=" << node.alpha << " beta=" << node.beta
          << std::defaultfloat;
      write_epsilon(out, node);
      break;
    case Op::channel_shuffle: out << " groups=" << node.window.groups; break;
    case Op::pad_axes: write_pads(out, node); break;
    default:
      if (is_arithmetic(node.op) && node.weight_first) out << " weight_first";
      break;
  }
}

void write_node(std::ostream& out, const Node& node) {
  out << op_name(node.op) << ' ' << node.name;
  write_list(out, "inputs", node.inputs);
  if (has_window(node.op)) write_window(out, node);
  if (!node.weight.shape().empty()) write_list(out, "weight", node.weight.shape());
  if (!node.bias.shape().empty()) write_list(out, "bias", node.bias.shape());
  write_attributes(out, node);
  if (node.out_channels != 0) out << " out_channels=" << node.out_channels;
  out << '\n';
}

}  // namespace

// NOLINTNEXTLINE(readability-function-size): a table
const char* op_name(Op op) {
  switch (op) {
    case Op::input: return "input";
    case Op::conv: return "conv";
    case Op::linear: return "linear";
    case Op::batch_norm: return "batch_norm";
    case Op::relu: return "relu";
    case Op::relu6: return "relu6";
    case Op::add: return "add";
    case Op::max_pool: return "max_pool";
    case Op::avg_pool: return "avg_pool";
    case Op::global_avg_pool: return "global_avg_pool";
    case Op::flatten: return "flatten";
    case Op::pad: return "pad";
    case Op::subsample_pad_channels: return "subsample_pad_channels";
    case Op::dropout: return "dropout";
    case Op::sigmoid: return "sigmoid";
    case Op::hard_sigmoid: return "hard_sigmoid";
    case Op::hard_swish: return "hard_swish";
    case Op::silu: return "silu";
    case Op::gelu: return "gelu";
    case Op::gelu_tanh: return "gelu_tanh";
    case Op::mul: return "mul";
    case Op::layer_scale: return "layer_scale";
    case Op::layer_norm: return "layer_norm";
    case Op::concat: return "concat";
    case Op::slice: return "slice";
    case Op::permute: return "permute";
    case Op::channel_shuffle: return "channel_shuffle";
    case Op::conv_transpose: return "conv_transpose";
    case Op::leaky_relu: return "leaky_relu";
    case Op::prelu: return "prelu";
    case Op::softmax: return "softmax";
    case Op::log_softmax: return "log_softmax";
    case Op::clip: return "clip";
    case Op::reduce_mean: return "reduce_mean";
    case Op::reshape: return "reshape";
    case Op::quantize_dequantize: return "quantize_dequantize";
    case Op::tanh: return "tanh";
    case Op::elu: return "elu";
    case Op::sqrt: return "sqrt";
    case Op::erf: return "erf";
    case Op::exp: return "exp";
    case Op::log: return "log";
    case Op::abs: return "abs";
    case Op::reciprocal: return "reciprocal";
    case Op::softplus: return "softplus";
    case Op::mish: return "mish";
    case Op::sub: return "sub";
    case Op::div: return "div";
    case Op::minimum: return "minimum";
    case Op::maximum: return "maximum";
    case Op::pow: return "pow";
    case Op::pad_axes: return "pad_axes";
    case Op::reduce_sum: return "reduce_sum";
    case Op::reduce_max: return "reduce_max";
    case Op::gather: return "gather";
    case Op::where: return "where";
    case Op::local_response_norm: return "local_response_norm";
  }
  return "unknown";
}

bool is_arithmetic(Op op) {
  return op == Op::add || op == Op::sub || op == Op::mul || op == Op::div || op == Op::minimum || op == Op::maximum ||
         op == Op::pow;
}

const char* pad_mode_name(PadMode mode) {
  switch (mode) {
    case PadMode::constant: return "constant";
    case PadMode::reflect: return "reflect";
    case PadMode::edge: return "edge";
    case PadMode::wrap: return "wrap";
  }
  return "unknown";
}

std::string Quantizer::key() const {
  switch (role) {
    case QuantizerRole::param: return module + "." + parameter;
    case QuantizerRole::input: return module + ":input";
    case QuantizerRole::output: return module + ":output";
  }
  return module;
}

std::vector<std::string> Quantizer::keys() const {
  std::vector<std::string> all{key()};
  all.insert(all.end(), aliases.begin(), aliases.end());
  return all;
}

std::string Graph::identity() const {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << "graph/1 " << arch << " input=" << input_shape[0] << ',' << input_shape[1] << ',' << input_shape[2]
      << " classes=" << num_classes << '\n';
  for (const Node& node : nodes) write_node(out, node);
  for (const std::string& pass : passes) out << "pass " << pass << '\n';
  return out.str();
}

std::vector<std::vector<int>> consumers(const Graph& graph) {
  std::vector<std::vector<int>> result(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    for (int input : graph.nodes[i].inputs) result[static_cast<std::size_t>(input)].push_back(static_cast<int>(i));
  return result;
}

}  // namespace qeval
