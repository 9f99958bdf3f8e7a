#include "stages/quant/placement/quantsim_rules.h"

namespace qeval {
namespace {

QuantsimRules aimet_1_24_rules() {
  QuantsimRules rules;
  rules.pass_through = {"Identity", "Flatten", "Dropout", "Reshape"};
  return rules;
}

QuantsimRules aimet_2_rules() {
  QuantsimRules rules;
  // Operators with q(f(x)) == f(q(x)).
  rules.pass_through = {"DepthToSpace", "Dropout", "Expand",  "Flatten",   "Gather",       "Identity",
                        "MaxPool",      "Pad",     "Reshape", "Slice",     "SpaceToDepth", "Split",
                        "Squeeze",      "Tile",    "TopK",    "Transpose", "Unsqueeze"};
  rules.depthwise_in_supergroups = false;
  rules.reused_activation_off = true;
  rules.constraints = true;
  return rules;
}

QuantsimRules aimet_torch_2_rules() {
  QuantsimRules rules = aimet_2_rules();
  rules.sharing = QuantizerSharing::handed_to_producers;
  rules.norm_parameters = NormParameters::as_configured;
  return rules;
}

QuantsimRules aimet_onnx_2_rules() {
  QuantsimRules rules = aimet_2_rules();
  rules.sharing = QuantizerSharing::tied;
  rules.norm_parameters = NormParameters::asymmetric;
  rules.constant_operands = true;
  return rules;
}

}  // namespace

const std::string& owner_of(const Node& node, QuantizerOwner owner) {
  return owner == QuantizerOwner::module ? node.module : node.prepared;
}

const QuantsimRules& quantsim_rules(NumericsMode mode) {
  static const QuantsimRules aimet_1_24 = aimet_1_24_rules();
  static const QuantsimRules aimet_torch_2 = aimet_torch_2_rules(), aimet_onnx_2 = aimet_onnx_2_rules();
  if (is_before_2(mode)) return aimet_1_24;
  return mode == NumericsMode::aimet_onnx_2 ? aimet_onnx_2 : aimet_torch_2;
}

// NOLINTNEXTLINE(readability-function-size): a table
std::vector<std::string_view> operator_types(const Node& node) {
  switch (node.op) {
    case Op::input: break;
    case Op::conv: return {"Conv"};
    case Op::linear: return {"Gemm", "MatMul"};
    case Op::batch_norm: return {"BatchNormalization"};
    case Op::relu: return {"Relu"};
    case Op::relu6: return {"Clip"};
    case Op::add: return {"Add"};
    case Op::max_pool: return {"MaxPool"};
    case Op::avg_pool: return {"AveragePool"};
    case Op::global_avg_pool: return {"GlobalAveragePool", "AveragePool"};
    case Op::flatten: return {"Flatten"};
    case Op::pad:
    case Op::pad_axes: return {"Pad"};
    case Op::subsample_pad_channels:
    case Op::slice: return {"Slice"};
    case Op::sigmoid: return {"Sigmoid"};
    case Op::hard_sigmoid: return {"HardSigmoid"};
    case Op::hard_swish: return {"HardSwish"};
    case Op::silu: return {"Silu"};
    case Op::gelu:
    case Op::gelu_tanh: return {"Gelu"};
    case Op::mul:
    case Op::layer_scale: return {"Mul"};
    case Op::layer_norm: return {"LayerNormalization"};
    case Op::concat: return {"Concat"};
    case Op::permute: return {"Transpose"};
    case Op::channel_shuffle: return {"ChannelShuffle"};
    case Op::conv_transpose: return {"ConvTranspose"};
    case Op::leaky_relu: return {"LeakyRelu"};
    case Op::prelu: return {"PRelu"};
    case Op::softmax: return {"Softmax"};
    case Op::log_softmax: return {"LogSoftmax"};
    case Op::clip: return {"Clip"};
    case Op::reduce_mean: return {"ReduceMean"};
    case Op::reduce_sum: return {"ReduceSum"};
    case Op::reduce_max: return {"ReduceMax"};
    case Op::gather: return {"Gather"};
    case Op::where: return {"Where"};
    case Op::local_response_norm: return {"LRN"};
    case Op::reshape: return {"Reshape"};
    case Op::quantize_dequantize: return {"Identity"};  // its values are on a grid already
    case Op::dropout: return {"Dropout"};
    case Op::tanh: return {"Tanh"};
    case Op::elu: return {"Elu"};
    case Op::sqrt: return {"Sqrt"};
    case Op::erf: return {"Erf"};
    case Op::exp: return {"Exp"};
    case Op::log: return {"Log"};
    case Op::abs: return {"Abs"};
    case Op::reciprocal: return {"Reciprocal"};
    case Op::softplus: return {"Softplus"};
    case Op::mish: return {"Mish"};
    case Op::sub: return {"Sub"};
    case Op::div: return {"Div"};
    case Op::minimum: return {"Min"};
    case Op::maximum: return {"Max"};
    case Op::pow: return {"Pow"};
  }
  return {};
}

std::string_view operator_type(const Node& node) {
  const auto types = operator_types(node);
  return types.empty() ? std::string_view() : types.front();
}

bool is_depthwise(const Node& node) { return node.window.groups > 1 && node.weight.size(1) == 1; }

}  // namespace qeval
