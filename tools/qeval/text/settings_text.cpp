#include "tools/qeval/text/settings_text.h"

#include <fmt/core.h>

#include "jobs/prepare/variant_keys.h"
#include "pipeline/base/visible_text.h"
#include "tools/qeval/text/number_text.h"

namespace qeval {
namespace {

std::string grid_text(int bits, bool symmetric, bool float16) {
  return float16 ? "float16" : fmt::format("{} {}", bits, symmetric ? "sym" : "asym");
}

std::string granularity_text(const QuantRecipe& q) {
  if (q.param_block_size != 0) return fmt::format("per-block {}", q.param_block_size);
  return q.per_channel ? "per-channel" : "per-tensor";
}

std::string quantization_text(const PreparedVariant& v) {
  if (!v.recipe.quant && !v.network.quantized_in_file.empty())
    return "quantized in the file: " + v.network.quantized_in_file;
  if (!v.recipe.quant) return "none: fp32";
  const QuantRecipe& q = *v.recipe.quant;
  const std::string changes = network_changes(v.spec.quantization);
  const std::string more = (changes.empty() ? "" : ", " + changes) + (q.config ? ", config " + q.config->name : "");
  return fmt::format("W{} {}, A{}, input {}, bias {}, {}, {} numerics, {} executor{}",
                     grid_text(q.param_bits, q.param_symmetric, q.param_float16), granularity_text(q),
                     grid_text(q.activation_bits, q.activation_symmetric, q.activation_float16),
                     q.quantize_input ? "quantized" : "float", q.quantize_bias ? "quantized" : "float",
                     scheme_name(q.scheme), mode_name(q.mode), v.spec.quantization.executor, more);
}

std::string numbers_text(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += fmt::format("{}{}", text.empty() ? "" : " ", value);
  return text;
}

std::string step_text(const StepSpec& step) {
  if (step.kind == "decode") return fmt::format("decode up to {} pixels, {} scans", step.max_pixels, step.max_scans);
  if (step.kind == "resize") {
    const std::string size = step.short_side ? fmt::format("short side to {}", *step.short_side)
                                             : fmt::format("to {}×{}", *step.width, *step.height);
    return fmt::format("resize {} {} as {}", size, step.filter, step.emulate);
  }
  if (step.kind == "center_crop") {
    if (step.fraction) return fmt::format("centre crop {} of each side", *step.fraction);
    return fmt::format("centre crop {}{}", *step.crop, step.padding ? fmt::format(" + {}", *step.padding) : "");
  }
  return fmt::format("{}({} − {}) / {}", step.channels == "bgr" ? "BGR " : "",
                     step.range == "bytes" ? "byte" : "byte/255", numbers_text(step.mean), numbers_text(step.std));
}

std::string steps_text(const std::vector<StepSpec>& steps) {
  std::string text;
  for (const StepSpec& step : steps) text += (text.empty() ? "" : ", ") + step_text(step);
  return text;
}

std::string encodings_text(const PreparedVariant& v) {
  if (!v.recipe.quant) return "";
  if (!v.calibrates())
    return "\n  encodings     imported from " + visible_name(v.spec.quantization.import_encodings.string());
  const std::filesystem::path& frozen_from = v.spec.quantization.freeze_encodings;
  std::string frozen;
  if (!frozen_from.empty())
    frozen = fmt::format("; {} frozen from {}", v.network.fixed_encodings.size(), visible_name(frozen_from.string()));
  if (!v.reads_calibration_images()) return "\n  encodings     from 0 images" + frozen;
  return fmt::format("\n  encodings     from {} images of {}, batch {}{}", v.images.calibration.entries.size(),
                     visible_name(v.images.calibration.root.string()), v.recipe.calibration_batch_size, frozen);
}

}  // namespace

std::string images_text(const VariantImages& images) {
  const DatasetExtent chosen = extent_of(images.evaluation), whole = images.evaluated_of;
  if (chosen.images == whole.images) return with_commas(chosen.images) + " images";
  return fmt::format("{} of {} images, {} of {} classes", with_commas(chosen.images), with_commas(whole.images),
                     with_commas(chosen.classes), with_commas(whole.classes));
}

std::string settings_text(const PreparedVariant& v) {
  std::string text = fmt::format(
      "{}\n  quantization  {}\n  model         {}, {} ({}), {:.1f} M parameters{}\n"
      "  data          {} of {}, batch {}\n  pixels        {}",
      v.spec.name, quantization_text(v), v.spec.model.arch, visible_name(v.spec.model.weights.string()),
      v.network.model.format, static_cast<double>(v.network.model.parameters) / 1e6,
      v.spec.model.fold_batch_norm ? ", batch norms folded" : "", images_text(v.images),
      visible_name(v.images.evaluation.root.string()), v.recipe.batch_size, steps_text(v.spec.preprocess));
  text += encodings_text(v);
  for (const std::string& remark : v.network.remarks) text += "\n  note          " + visible_name(remark);
  return text + "\n";
}

std::string device_text(const PreparedVariant& v, const RunSettings& settings) {
  return fmt::format("device {} (asked: {}); {}\n", v.identity.evaluation.components.at("device"), settings.device,
                     v.identity.evaluation.components.at("environment"));
}

}  // namespace qeval
