#include "stages/quant/quantsim_rules.h"

namespace qeval {
namespace {

// "Identity" stands for modules and calls that move or keep values; AIMET sees through them in every version.
constexpr std::string_view kPassThrough = "Identity";

QuantsimRules aimet_1_24_rules() {
  QuantsimRules rules;
  rules.name = "default_config.json (1.24)";
  rules.output_off = {kPassThrough, "Squeeze", "Pad", "Mean"};
  rules.supergroups = {{"Conv", "Relu"}, {"Conv", "Clip"}, {"Add", "Relu"}, {"Gemm", "Relu"}};
  rules.linear_per_channel = false;
  return rules;
}

QuantsimRules aimet_torch_2_rules() {
  QuantsimRules rules;
  rules.name = "default configuration (2.42)";
  rules.output_off = {kPassThrough, "Cast", "Pad", "MaxPool", "Slice"};
  rules.supergroups = {{"Conv", "Relu"}, {"Conv", "Clip"}, {"ConvTranspose", "Relu"}, {"Add", "Relu"}, {"Gemm", "Relu"}};
  rules.depthwise_is_conv = false;
  rules.reused_activation_off = true;
  return rules;
}

/// One input channel per filter: as many groups as input channels.
bool is_depthwise(const Node& node) { return node.window.groups > 1 && node.weight.size(1) == 1; }

}  // namespace

const QuantsimRules& quantsim_rules(NumericsMode mode) {
  static const QuantsimRules aimet_1_24 = aimet_1_24_rules();
  static const QuantsimRules aimet_torch_2 = aimet_torch_2_rules();
  return mode == NumericsMode::aimet_1_24 ? aimet_1_24 : aimet_torch_2;
}

std::string_view onnx_type(const Node& node, const QuantsimRules& rules) {
  switch (node.op) {
    case Op::conv: return is_depthwise(node) && !rules.depthwise_is_conv ? "DepthwiseConv" : "Conv";
    case Op::linear: return "Gemm";
    case Op::batch_norm: return "BatchNormalization";
    case Op::relu: return "Relu";
    case Op::relu6: return "Clip";
    case Op::add: return "Add";
    case Op::max_pool: return "MaxPool";
    case Op::avg_pool: return "AveragePool";
    case Op::global_avg_pool: return "GlobalAveragePool";
    case Op::pad: return "Pad";
    case Op::subsample_pad_channels:
    case Op::slice: return "Slice";
    case Op::sigmoid: return "Sigmoid";
    case Op::hard_sigmoid: return "HardSigmoid";
    case Op::hard_swish: return "HardSwish";
    case Op::silu: return "SiLU";
    case Op::gelu: return "Gelu";
    case Op::mul:
    case Op::layer_scale: return "Mul";
    case Op::layer_norm: return "LayerNormalization";
    case Op::concat: return "Concat";
    case Op::permute: return "Transpose";
    case Op::channel_shuffle: return "ChannelShuffle";
    case Op::conv_transpose: return "ConvTranspose";
    case Op::leaky_relu: return "LeakyRelu";
    case Op::prelu: return "PRelu";
    case Op::softmax: return "Softmax";
    case Op::clip: return "Clip";
    case Op::reduce_mean: return "ReduceMean";
    case Op::input:
    case Op::flatten:
    case Op::reshape:
    case Op::quantize_dequantize:  // its values are on a grid already
    case Op::dropout: break;
  }
  return kPassThrough;
}

}  // namespace qeval
