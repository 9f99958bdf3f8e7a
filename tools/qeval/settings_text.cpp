#include "tools/qeval/settings_text.h"

#include <fmt/core.h>

namespace qeval {
namespace {

std::string quantization_text(const PreparedVariant& v) {
  if (!v.quant) return "fp32";
  const QuantRecipe& q = *v.quant;
  return fmt::format("W{} {} {}, A{} {}, input {}, bias {}, {}, {} numerics, {} executor", q.param_bits,
                     q.param_symmetric ? "sym" : "asym", q.per_channel ? "per-channel" : "per-tensor",
                     q.activation_bits, q.activation_symmetric ? "sym" : "asym",
                     q.quantize_input ? "quantized" : "float", q.quantize_bias ? "quantized" : "float",
                     scheme_name(q.scheme), mode_name(q.mode), v.spec.quantization.executor);
}

std::string encodings_text(const PreparedVariant& v) {
  if (!v.quant) return "";
  if (!v.calibrates())
    return "\n  encodings  imported from " + v.spec.quantization.import_encodings.string();
  return fmt::format("\n  encodings  from {} images of {}, batch {}", v.calibration.entries.size(),
                     v.calibration.root.string(), v.calibration_batch_size);
}

}  // namespace

std::string settings_text(const PreparedVariant& v, const RunSettings& settings) {
  std::string text = fmt::format(
      "{}\n  settings   {}{}\n  model      {}, {} ({}), {:.1f} M parameters\n  data       {} images of {}, batch {}\n"
      "  pixels     {}\n  device     {} (asked: {}); {}",
      v.spec.name, quantization_text(v), v.spec.model.fold_batch_norm ? ", batch norms folded" : "", v.spec.model.arch,
      v.spec.model.weights.string(), v.model.format, static_cast<double>(v.model.parameters) / 1e6,
      v.manifest.entries.size(), v.manifest.root.string(), v.batch_size, v.eval_components.at("preprocess"),
      v.eval_components.at("device"), settings.device, v.eval_components.at("environment"));
  text += encodings_text(v);
  for (const std::string& remark : v.remarks) text += "\n  note       " + remark;
  return text + "\n";
}

}  // namespace qeval
