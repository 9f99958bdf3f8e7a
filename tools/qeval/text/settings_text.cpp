#include "tools/qeval/text/settings_text.h"

#include <algorithm>
#include <vector>

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
  if (!v.recipe.quant) return "none";
  const QuantRecipe& q = *v.recipe.quant;
  const std::string changes = network_changes(v.spec.quantization);
  const std::string more = (changes.empty() ? "" : ", " + changes) + (q.config ? ", config " + q.config->name : "");
  return fmt::format("W{} {}, A{}, input {}, bias {}, {}, as {}, {}{}",
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
  if (step.kind == StepKind::decode)
    return fmt::format("decode up to {} pixels, {} scans", step.max_pixels, step.max_scans);
  if (step.kind == StepKind::resize) {
    const std::string size = step.short_side ? fmt::format("short side to {}", *step.short_side)
                                             : fmt::format("to {}×{}", *step.width, *step.height);
    return fmt::format("resize {} {} as {}", size, word_of(step.filter), word_of(step.emulate));
  }
  if (step.kind == StepKind::center_crop) {
    if (step.fraction) return fmt::format("centre crop {} of each side", *step.fraction);
    return fmt::format("centre crop {}{}", *step.crop, step.padding ? fmt::format(" + {}", *step.padding) : "");
  }
  return fmt::format("{}({} − {}) / {}", step.channels == ChannelOrder::bgr ? "BGR " : "",
                     step.range == PixelRange::bytes ? "byte" : "byte/255", numbers_text(step.mean),
                     numbers_text(step.std));
}

std::string steps_text(const std::vector<StepSpec>& steps) {
  std::string text;
  for (const StepSpec& step : steps) text += (text.empty() ? "" : ", ") + step_text(step);
  return text;
}

std::string encodings_text(const PreparedVariant& v) {
  if (!v.calibrates()) return "imported from " + v.spec.quantization.import_encodings.string();
  const std::filesystem::path& frozen_from = v.spec.quantization.freeze_encodings;
  std::string frozen;
  if (!frozen_from.empty())
    frozen = fmt::format("; {} frozen from {}", v.network.fixed_encodings.size(), frozen_from.string());
  if (!v.reads_calibration_images()) return "from 0 images" + frozen;
  return fmt::format("from {} images of {}, batch {}{}", v.images.calibration.entries.size(),
                     v.images.calibration.root.string(), v.recipe.calibration_batch_size, frozen);
}

std::string model_text(const PreparedVariant& v) {
  return fmt::format("{}, {} ({}), {:.1f} M parameters{}", v.spec.model.arch, v.spec.model.weights.string(),
                     v.network.model.format, static_cast<double>(v.network.model.parameters) / 1e6,
                     v.spec.model.fold_batch_norm ? ", batch norms folded" : "");
}

std::string data_text(const PreparedVariant& v) {
  return fmt::format("{} of {}, batch {}", images_text(v.images), v.images.evaluation.root.string(),
                     v.recipe.batch_size);
}

constexpr const char* note_label = "note";

std::vector<SettingsLine> lines_of(const PreparedVariant& v) {
  std::vector<SettingsLine> lines{{"quantization", quantization_text(v)},
                                  {"model", model_text(v)},
                                  {"data", data_text(v)},
                                  {"pixels", steps_text(v.spec.preprocess)}};
  if (v.recipe.quant) lines.emplace_back("encodings", encodings_text(v));
  for (const std::string& remark : v.network.remarks) lines.emplace_back(note_label, remark);
  return lines;
}

std::string line_text(const std::string& label, const std::string& text) {
  return fmt::format("  {:<{}}{}\n", label, settings_indent - 2, visible_name(text));
}

bool has(const std::vector<SettingsLine>& lines, const SettingsLine& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

/// Behind the lines that differ, "otherwise as" says the truth: nothing is set there that is not set here, too.
bool can_stand_for_rest(const std::vector<SettingsLine>& told, const std::vector<SettingsLine>& lines) {
  return std::all_of(told.begin(), told.end(), [&](const SettingsLine& line) {
    if (has(lines, line)) return true;
    const auto is_other = [&](const SettingsLine& other) { return other.first == line.first && !has(told, other); };
    return line.first != note_label && std::any_of(lines.begin(), lines.end(), is_other);
  });
}

}  // namespace

std::string images_text(const VariantImages& images) {
  const DatasetExtent chosen = extent_of(images.evaluation), whole = images.evaluated_of;
  if (chosen.images == whole.images) return with_commas(chosen.images) + " images";
  return fmt::format("{} of {} images, {} of {} classes", with_commas(chosen.images), with_commas(whole.images),
                     with_commas(chosen.classes), with_commas(whole.classes));
}

const SettingsText::Told* SettingsText::nearest(const std::vector<SettingsLine>& lines) const {
  const Told* found = nullptr;
  std::ptrdiff_t most = 0;
  for (const Told& told : told_) {
    const auto shared =
        std::count_if(lines.begin(), lines.end(), [&](const SettingsLine& line) { return has(told.lines, line); });
    if (shared <= most || !can_stand_for_rest(told.lines, lines)) continue;
    most = shared;
    found = &told;
  }
  return found;
}

std::string SettingsText::of(const PreparedVariant& v) {
  const std::vector<SettingsLine> lines = lines_of(v);
  const Told* const before = nearest(lines);
  std::string text = v.spec.name + "\n";
  for (const SettingsLine& line : lines)
    if (!before || !has(before->lines, line)) text += line_text(line.first, line.second);
  if (before) text += line_text("otherwise", "as " + before->variant);
  told_.push_back({v.spec.name, lines});
  return text;
}

std::string device_text(const PreparedVariant& v, const RunSettings& settings) {
  const std::string& device = v.identity.evaluation.components.at("device");
  return settings.device == device ? fmt::format("device {}\n", device)
                                   : fmt::format("device {} ({})\n", device, settings.device);
}

}  // namespace qeval
