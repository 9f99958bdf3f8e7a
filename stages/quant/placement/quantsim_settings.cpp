#include "stages/quant/placement/quantsim_settings.h"

#include <algorithm>
#include <locale>
#include <sstream>

namespace qeval {
namespace {

void write_flag(std::ostream& out, const char* label, const std::optional<bool>& flag) {
  if (flag) out << ' ' << label << '=' << *flag;
}

void write_params(std::ostream& out, const ParamSettings& params) {
  write_flag(out, "quantized", params.quantized);
  write_flag(out, "symmetric", params.symmetric);
}

void write_operator(std::ostream& out, const OperatorSettings& settings) {
  write_flag(out, "input", settings.input);
  write_flag(out, "output", settings.output);
  write_flag(out, "symmetric", settings.symmetric);
  for (const auto& [kind, params] : settings.params) {
    out << " param " << kind;
    write_params(out, params);
  }
  write_flag(out, "per_channel", settings.per_channel);
  if (!settings.constraint) return;
  out << std::hexfloat << " min=" << settings.constraint->min;
  if (settings.constraint->max) out << " max=" << *settings.constraint->max;
  out << std::defaultfloat;
}

}  // namespace

std::string QuantsimSettings::identity() const {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << "quantsim-settings/1\nops";
  write_operator(out, ops);
  out << "\nparams";
  write_params(out, all_params);
  out << "\nstrict=" << strict_symmetric << " unsigned=" << unsigned_symmetric << " per_channel=" << per_channel
      << " input=" << model_input << " output=" << model_output << " hw=" << hw_version;
  for (const auto& [kind, settings] : params) {
    out << "\nparam " << kind;
    write_params(out, settings);
  }
  for (const auto& [type, settings] : op_types) {
    out << "\nop " << type;
    write_operator(out, settings);
  }
  for (const auto& chain : supergroups) {
    out << "\nsupergroup";
    for (const std::string& type : chain) out << ' ' << type;
  }
  return out.str();
}

bool QuantsimSettings::any_per_channel() const {
  return per_channel || std::any_of(op_types.begin(), op_types.end(),
                                    [](const auto& entry) { return entry.second.per_channel.value_or(false); });
}

// NOLINTNEXTLINE(readability-function-size): a table
const std::vector<std::string>& quantsim_operator_types() {
  static const std::vector<std::string> types{"Abs",
                                              "Add",
                                              "And",
                                              "ArgMax",
                                              "ArgMin",
                                              "AveragePool",
                                              "BatchNormalization",
                                              "BatchToSpace",
                                              "Cast",
                                              "Ceil",
                                              "ChannelShuffle",
                                              "Clip",
                                              "Col2Im",
                                              "Compress",
                                              "Concat",
                                              "Conv",
                                              "ConvTranspose",
                                              "Cos",
                                              "CropAndResize",
                                              "CumSum",
                                              "DepthToSpace",
                                              "DequantizeLinear",
                                              "Div",
                                              "Dropout",
                                              "Einsum",
                                              "Elu",
                                              "Equal",
                                              "Erf",
                                              "Exp",
                                              "Expand",
                                              "Flatten",
                                              "Floor",
                                              "GRU",
                                              "Gather",
                                              "GatherElements",
                                              "GatherND",
                                              "Gelu",
                                              "Gemm",
                                              "GlobalAveragePool",
                                              "GlobalMaxPool",
                                              "Greater",
                                              "GridSample",
                                              "GroupNormalization",
                                              "HardSigmoid",
                                              "HardSwish",
                                              "Identity",
                                              "InstanceNormalization",
                                              "LSTM",
                                              "LayerNormalization",
                                              "LeakyRelu",
                                              "Less",
                                              "Log",
                                              "LogSoftmax",
                                              "MatMul",
                                              "Max",
                                              "MaxPool",
                                              "MaxRoiPool",
                                              "MaxUnpool",
                                              "Mean",
                                              "Min",
                                              "Mul",
                                              "Neg",
                                              "NonMaxSuppression",
                                              "NonZero",
                                              "Not",
                                              "OneHot",
                                              "Or",
                                              "PRelu",
                                              "Pad",
                                              "Pow",
                                              "QuantizeLinear",
                                              "RMSNormalization",
                                              "RNN",
                                              "ReduceMax",
                                              "ReduceMean",
                                              "ReduceMin",
                                              "ReduceSum",
                                              "Relu",
                                              "Reshape",
                                              "Resize",
                                              "RoiAlign",
                                              "Round",
                                              "Scatter",
                                              "ScatterElements",
                                              "ScatterND",
                                              "Selu",
                                              "Sigmoid",
                                              "Sign",
                                              "Silu",
                                              "Sin",
                                              "Slice",
                                              "Softmax",
                                              "Softplus",
                                              "Softsign",
                                              "SpaceToBatch",
                                              "SpaceToDepth",
                                              "Split",
                                              "Sqrt",
                                              "Squeeze",
                                              "Sub",
                                              "Sum",
                                              "Tanh",
                                              "Tile",
                                              "TopK",
                                              "Transpose",
                                              "Unsqueeze",
                                              "Upsample",
                                              "Where"};
  return types;
}

}  // namespace qeval
