#pragma once
/// The model IR: one list of nodes in execution order. Front ends (arch/) build it, passes rewrite it, executors run
/// it. No pass knows an architecture, no architecture knows quantization.
///
/// Thread-safety: a plain value. Tensor layouts: activations NCHW, convolution weights OIHW (conv_transpose: IOHW,
/// as in PyTorch and ONNX), linear weights [out, in].
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stages/model/tensor.h"

namespace qeval {

/// Operators. Values are stored in run identities by name, see op_name.
enum class Op {
  input,
  conv,
  linear,
  batch_norm,
  relu,
  relu6,
  add,
  max_pool,
  avg_pool,
  global_avg_pool,
  flatten,
  pad,
  subsample_pad_channels,  ///< CIFAR ResNet option-A shortcut: x[:, :, ::2, ::2], channels zero-padded on both sides
  dropout,                 ///< identity in evaluation; kept because it is a module with a name
  sigmoid,
  hard_sigmoid,     ///< relu6(x + 3) / 6
  hard_swish,       ///< x · relu6(x + 3) / 6
  silu,             ///< x · sigmoid(x)
  gelu,             ///< x · Φ(x), by erf
  gelu_tanh,        ///< x · Φ(x), approximated by tanh
  mul,              ///< see Arithmetic below
  layer_scale,      ///< times `weight` [C, 1, 1]
  layer_norm,       ///< over `axis` alone; weight and bias have its length
  concat,           ///< of all inputs along `axis`
  slice,            ///< every `step`-th position of `axis` from first on, before last; a step below 0 goes backwards
  permute,          ///< `axes[i]` is where axis i of the result comes from; the batch stays axis 0
  channel_shuffle,  ///< [N, g·k, H, W] seen as [N, g, k, H, W], g and k exchanged; g = window.groups
  conv_transpose,
  leaky_relu,
  prelu,
  softmax,      ///< over `axis`
  log_softmax,  ///< over `axis`
  reduce_sum,
  reduce_max,  ///< over `axes`, which stay with size 1
  gather,      ///< `positions` of `axis`, in that order
  tanh,
  elu,
  sqrt,
  erf,
  exp,
  log,
  abs,
  reciprocal,
  softplus,
  mish,
  sub,
  div,
  minimum,
  maximum,
  pow,          ///< see Arithmetic below
  pad_axes,     ///< `pads` at the ends of every axis but the batch, filled as `pad_mode` says; below 0: cut off
  clip,         ///< to [alpha, beta]
  reduce_mean,  ///< over `axes`, which stay with size 1
  reshape,      ///< to `shape`
  where,        ///< the first operand where `weight` is not 0, else the second; both are inputs, or one is `bias`
  local_response_norm,  ///< x / (ε + α/n · Σ x²)^β over n = window.kernel[0] channels around each
  quantize_dequantize   ///< onto `grid`: part of the network itself, as in an ONNX file with quantizers
};
const char* op_name(Op op);

/// Arithmetic of two operands: add, sub, mul, div, minimum, maximum, pow. Sides of length 1 are repeated. Both are
/// inputs, or one is `weight`, which has the input's rank without the batch.
bool is_arithmetic(Op op);

enum class PadMode { constant, reflect, edge, wrap };
const char* pad_mode_name(PadMode mode);  ///< ONNX's; part of run identities

/// Spatial attributes of conv and pools. Order h, w; padding top, bottom, left, right.
struct Window {
  std::array<int, 2> kernel{1, 1};
  std::array<int, 2> stride{1, 1};
  std::array<int, 4> padding{0, 0, 0, 0};
  std::array<int, 2> dilation{1, 1};
  std::array<int, 2> output_padding{0, 0};  ///< conv_transpose: more rows and columns at the end
  int groups = 1;                           ///< conv, conv_transpose, channel_shuffle
  bool ceil_mode = false;                   ///< pools
  bool count_include_pad = true;            ///< avg_pool
};

/// An affine grid of integer codes: x becomes (clamp(round(x / scale) + zero_point, low, high) − zero_point) · scale,
/// rounding halves to even (ONNX QuantizeLinear and DequantizeLinear).
struct CodeGrid {
  float scale = 1;
  int zero_point = 0, low = 0, high = 255;
};

/// A single number that an operator reads beside its activations, under its name in the ONNX file.
struct NumberOperand {
  std::string tensor;
  float value = 0;
};

struct Node {
  Op op = Op::input;
  std::string name;      ///< unique call-site name, e.g. "layer1.0.relu", "layer1.0.relu#1" for its second call
  std::string module;    ///< dotted module path as in named_modules(); empty for a functional call (torch.add, flatten)
  std::string prepared;  ///< module name after AIMET's prepare_model: "layer1.0.module_relu_1", "layer1.0.module_add"
  std::string inner;     ///< a second module whose output is this one's: AIMET has a quantizer in both
  std::vector<int> inputs;  ///< indices of earlier nodes

  Window window;              ///< conv, conv_transpose, pools, pad (padding only)
  Tensor weight, bias;        ///< conv, linear (on the last axis), norms (γ, β), layer_scale, prelu (one, per channel,
                              ///< or of the input's rank without the batch), arithmetic, where; bias may be undefined
  bool weight_first = false;  ///< arithmetic: `weight` is the left operand; where: `bias` is
  std::string weight_name;    ///< state-dict name of a weight that belongs to a function call; else module + ".weight"
  Tensor mean, variance;      ///< batch_norm running statistics
  float epsilon = 1e-5f;      ///< norms; local_response_norm: the constant under the root
  bool from_constants = false;  ///< batch_norm: stands for a factor or summand per channel, and normalizes nothing
  int out_channels = 0;         ///< subsample_pad_channels
  int axis = 1;                 ///< concat, slice, gather, layer_norm, softmax, log_softmax; counts the batch
  int first = 0, last = 0, step = 1;  ///< slice
  std::vector<int> pads;              ///< pad_axes: before and after, per axis behind the batch
  PadMode pad_mode = PadMode::constant;
  std::vector<int> axes;            ///< permute, reduce_mean, reduce_sum, reduce_max; count the batch
  std::vector<int> positions;       ///< gather
  std::vector<std::int64_t> shape;  ///< reshape: the new shape without the batch
  float alpha = 0,
        beta = 0;  ///< leaky_relu, elu: slope alpha; clip: limits; pad_axes: the constant alpha; local_response_norm
  CodeGrid grid;   ///< quantize_dequantize

  /// Names in the ONNX file that the network came from; else empty.
  std::string onnx_output, onnx_weight, onnx_bias;
  bool onnx_transposed = false;  ///< linear: the file has the weight as [inputs, outputs]
  /// Constants that are not `weight` or `bias` as they stand in the file.
  std::vector<NumberOperand> onnx_numbers;

  /// Indices into Graph::quantizers, −1 = none. Filled by place_quantizers.
  int output_quantizer = -1;
  std::vector<int> input_quantizers;  ///< one per input
  int weight_quantizer = -1, bias_quantizer = -1;
};

enum class QuantizerRole { param, input, output };

/// One quantizer. Several call sites may share it (a module used more than once).
struct Quantizer {
  QuantizerRole role = QuantizerRole::output;
  std::string module;           ///< AIMET's module name, e.g. "layer1.0.conv1"
  std::string parameter;        ///< "weight" or "bias" for params, "constant" for a number, else empty
  bool operand = false;         ///< param: a constant operand, which AIMET's files list among the activations
  std::optional<float> number;  ///< operand: all that it quantizes, which its grid holds; nothing is computed with it
  int bits = 8;
  bool symmetric = false;
  bool strict_symmetric = false;
  bool unsigned_symmetric = false;
  bool per_channel = false;  ///< parameters: one encoding per output channel
  int channel_axis = 0;      ///< per_channel: where the output channels lie
  bool transposed = false;   ///< parameters: the ONNX file has the tensor with its two axes exchanged
  int block_size = 0;        ///< per_channel: so many input channels share an encoding; 0 = all
  bool float16 = false;      ///< rounds to IEEE half precision instead of a grid; bits = 16, the rest does not count
  std::string rule;          ///< which configuration rule switched it on, for `plan --quantizers`
  int call_sites = 0;        ///< how many nodes feed it in one forward pass
  std::optional<double> fixed_min, fixed_max;  ///< ends of the range that calibration does not move
  std::vector<std::string> aliases;            ///< keys of the other places where this one quantizer stands
  std::vector<std::string> tensors;            ///< what an ONNX file calls the tensors that it quantizes; else empty

  /// "layer1.0.conv1.weight", "layer1.0.relu:output", "conv1:input"
  std::string key() const;
  /// key() and the aliases: every name under which AIMET's files give its encodings.
  std::vector<std::string> keys() const;
};

struct Graph {
  std::string arch;
  std::array<int, 3> input_shape{3, 224, 224};  ///< C, H, W
  int num_classes = 0;
  std::vector<Node> nodes;  ///< topological order; nodes[0] is the input, the last one yields the logits
  std::vector<Quantizer> quantizers;
  std::vector<std::string> passes;  ///< identities of the passes applied, in order

  /// Canonical text of structure and passes (not of weights); part of a run's identity.
  std::string identity() const;
};

/// Consumers of every node, by index.
std::vector<std::vector<int>> consumers(const Graph& graph);

}  // namespace qeval
