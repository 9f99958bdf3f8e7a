#include "jobs/language/job_rules.h"

#include <algorithm>

#include "jobs/language/field_tree.h"
#include "jobs/language/scalar.h"
#include "pipeline/base/did_you_mean.h"

namespace qeval {
namespace {

/// The step's name and where it stands; empty if the item is malformed, which is reported elsewhere.
const YamlEntry* step_entry(const YamlNode& item) {
  return item.is_mapping() && item.entries.size() == 1 ? &item.entries.front() : nullptr;
}

bool fixes_size(const YamlEntry& step) {
  if (step.key == "resize") return step.value.find("size") != nullptr;
  if (step.key != "center_crop") return false;
  return step.value.is_scalar() || (step.value.find("size") && !step.value.find("padding"));
}

void check_preprocess(const YamlEntry& preprocess, const std::string& variant, Diagnostics& diagnostics) {
  const auto add = [&](const SourceSpan& span, const std::string& message) {
    diagnostics.add_for_variant(span, "preprocess: " + message, variant);
  };
  const std::vector<YamlNode>& items = preprocess.value.items;
  const FieldNode& step_row = *field_tree().exact("preprocess")->item();
  bool fixed = false;
  const YamlEntry* normalize = nullptr;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const YamlEntry* step = step_entry(items[i]);
    // Reported elsewhere; what the steps amount to cannot be told.
    if (!step || !step_row.child(step->key)) return;
    if (step->key == "decode" && i > 0) add(step->key_span, "decode must be the first step");
    if (normalize && step->key == "normalize") add(step->key_span, "normalize is given twice");
    if (normalize && step->key != "normalize") {
      add(step->key_span, step->key + " comes after normalize; normalize must be the last step");
    }
    if (step->key == "normalize") normalize = step;
    fixed = fixed || fixes_size(*step);
  }
  if (!normalize) add(preprocess.key_span, "normalize is missing; it must be the last step");
  if (!fixed) {
    add(preprocess.key_span,
        "no step fixes the size of the image; add center_crop: N, resize: {size: N} or resize: {size: [H, W]}");
  }
}

/// A calibration set takes kind and labels from the data set where it has none of its own.
void check_labels(const YamlNode& view, const std::string& path, const std::string& variant, Diagnostics& diagnostics) {
  const YamlNode* set = view.find_path(path);
  if (!set || !set->is_mapping()) return;
  const YamlNode* dataset = view.find("dataset");
  const auto own_or_inherited = [&](const char* key) {
    const YamlNode* own = set->find(key);
    return own || !dataset ? own : dataset->find(key);
  };
  const YamlNode* kind = own_or_inherited("kind");
  const bool is_list = kind && kind->text == "list";
  if (const YamlEntry* labels = set->entry("labels"); labels && !is_list) {
    diagnostics.add_for_variant(labels->key_span, path + ".labels has a meaning only with kind: list", variant);
  }
  if (is_list && !own_or_inherited("labels")) {
    diagnostics.add_for_variant(kind->span, path + ".labels is missing: kind list needs the CSV file of path,label",
                                variant);
  }
}

/// Scales are found on folded weights; high biases and means from the statistics of folded batch norms.
void check_folding(const YamlNode& view, const std::string& variant, Diagnostics& diagnostics) {
  const YamlNode* quantization = view.find("quantization");
  const YamlNode* fold = view.find_path("model.fold_batch_norm");
  if (!quantization || !quantization->is_mapping() || !fold || parse_boolean(fold->text).value_or(true)) return;
  const auto refuse = [&](const YamlEntry& pass, const std::string& off) {
    diagnostics.add_for_variant(pass.key_span,
                                "quantization." + pass.key +
                                    " needs folded batch norms; set model.fold_batch_norm: "
                                    "true, or " +
                                    pass.key + ": " + off,
                                variant);
  };
  const YamlEntry* equalize = quantization->entry("equalize");
  if (equalize && parse_boolean(equalize->value.text).value_or(false)) refuse(*equalize, "false");
  const YamlEntry* correction = quantization->entry("bias_correction");
  if (correction && correction->value.text == "analytic") refuse(*correction, "none");
}

void check_references(const YamlNode& root, const std::vector<std::string>& names, Diagnostics& diagnostics) {
  const YamlNode* metrics = root.find("metrics");
  if (!metrics) return;
  for (const YamlEntry& metric : metrics->entries) {
    for (const std::string key : {"reference", "max_drop"}) {
      const YamlNode* values = metric.value.find(key);
      if (!values) continue;
      for (const YamlEntry& entry : values->entries) {
        if (std::find(names.begin(), names.end(), entry.key) != names.end()) continue;
        diagnostics.add(entry.key_span, "metrics." + metric.key + "." + key + ": no variant '" + entry.key +
                                            "' in the job" + did_you_mean(entry.key, names));
      }
    }
  }
}

bool is_below(const std::filesystem::path& file, const std::filesystem::path& folder) {
  const std::filesystem::path inside = file.lexically_relative(folder);
  return !inside.empty() && *inside.begin() != "..";
}

bool leaves_folder(const std::string& name, const std::filesystem::path& folder) {
  const std::filesystem::path named = (folder / name).lexically_normal();
  std::error_code bad_file, bad_folder;
  const auto real_file = std::filesystem::weakly_canonical(named, bad_file);
  const auto real_folder = std::filesystem::weakly_canonical(folder, bad_folder);
  return bad_file || bad_folder || !is_below(named, folder) || !is_below(real_file, real_folder);
}

/// A job file from elsewhere must not write where it likes, through links neither; whoever types --set may.
bool any_leaves_folder(const YamlNode& value, const std::vector<std::string>& variants,
                       const std::filesystem::path& folder) {
  if (value.span.argument >= 0) return false;
  const std::string placeholder = "${variant}";
  return std::any_of(variants.begin(), variants.end(), [&](const std::string& variant) {
    std::string name = value.text;
    if (const auto at = name.find(placeholder); at != std::string::npos) name.replace(at, placeholder.size(), variant);
    return leaves_folder(name, folder);
  });
}

void check_export(const YamlNode& root, const std::vector<std::string>& names, std::size_t quantized,
                  const std::filesystem::path* folder, Diagnostics& diagnostics) {
  const YamlNode* target = root.find_path("output.export_encodings");
  if (!target || !target->is_scalar() || !target->expansion_error.empty()) return;
  const std::string key = "output.export_encodings: ";
  if (folder && any_leaves_folder(*target, names, *folder)) {
    diagnostics.add(target->span, key + "'" + target->text +
                                      "' is outside the job file's folder; use a path below it, "
                                      "or give this one with --set output.export_encodings=…");
  }
  if (quantized > 1 && target->text.find("${variant}") == std::string::npos) {
    diagnostics.add(target->span, key + std::to_string(quantized) +
                                      " variants would write the same file; put ${variant} into its name");
  }
}

std::string fallback_of(const std::string& path) {
  const auto& rows = field_table();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Field& field) { return field.path == path; });
  return row == rows.end() ? "" : row->fallback;
}

/// Images come from the calibration's, and a variant that imports its encodings has none. AdaRound keeps the
/// outputs behind an activation; a mean before it, put right afterwards, takes some of that back.
void check_tuning(const YamlNode& view, const std::string& variant, Diagnostics& diagnostics) {
  const YamlNode* correction = view.find_path("quantization.bias_correction");
  const YamlNode* rounding = view.find_path("quantization.rounding");
  const bool learns = rounding && rounding->text == "adaround";
  const auto needs_images = [&](const YamlNode& node, const std::string& what, const std::string& instead) {
    if (!view.find_path("quantization.encodings.import")) return;
    diagnostics.add_for_variant(node.span,
                                "quantization." + what +
                                    " needs the images of encodings.calibrate, not "
                                    "encodings.import; use calibrate with freeze: FILE, or " +
                                    instead,
                                variant);
  };
  if (correction && correction->text == "empirical")
    needs_images(*correction, "bias_correction: empirical", "bias_correction: analytic");
  if (learns) needs_images(*rounding, "rounding: adaround", "rounding: nearest");
  if (learns && correction && correction->text != "none")
    diagnostics.add_for_variant(correction->span,
                                "quantization.bias_correction: " + correction->text +
                                    " would spoil what rounding: adaround has "
                                    "learned; remove one of the two",
                                variant);
}

/// Two places that decide the same thing would leave it open which one counts. A default may stand: resolved jobs name
/// it.
void check_config(const YamlNode& view, const std::string& variant, Diagnostics& diagnostics) {
  const YamlNode* config = view.find_path("quantization.config");
  if (!config || config->text == "aimet-default") return;
  for (const char* path :
       {"quantization.param.symmetric", "quantization.param.per_channel", "quantization.activation.symmetric",
        "quantization.quantize_input", "quantization.quantize_bias"})
    if (const YamlNode* given = view.find_path(path); given && given->text != fallback_of(path))
      diagnostics.add_for_variant(
          given->span,
          std::string(path) + " is decided by quantization.config: " + config->text + "; remove one of the two",
          variant);
}

/// Half precision has a width of its own, and neither ranges nor grids that blocks could share.
void check_dtype(const YamlNode& view, const std::string& variant, Diagnostics& diagnostics) {
  for (const std::string side : {"param", "activation"}) {
    const std::string path = "quantization." + side;
    const YamlNode* dtype = view.find_path(path + ".dtype");
    if (!dtype || dtype->text != "float") continue;
    const YamlNode* bits = view.find_path(path + ".bits");
    if (!bits || bits->text != "16")
      diagnostics.add_for_variant((bits ? bits : dtype)->span, path + ".dtype: float needs " + path + ".bits: 16",
                                  variant);
    const YamlNode* blocks = side == "param" ? view.find_path("quantization.param.block_size") : nullptr;
    if (blocks && blocks->text != "0")
      diagnostics.add_for_variant(blocks->span,
                                  "quantization.param.block_size does nothing with dtype: float; remove one "
                                  "of the two",
                                  variant);
  }
}

}  // namespace

void check_variant_rules(const YamlNode& view, const std::string& variant, Diagnostics& diagnostics) {
  const YamlEntry* preprocess = view.entry("preprocess");
  if (preprocess && preprocess->value.is_sequence()) check_preprocess(*preprocess, variant, diagnostics);
  check_config(view, variant, diagnostics);
  check_dtype(view, variant, diagnostics);
  check_labels(view, "dataset", variant, diagnostics);
  check_labels(view, "quantization.encodings.calibrate", variant, diagnostics);
  check_folding(view, variant, diagnostics);
  check_tuning(view, variant, diagnostics);
}

void check_job_rules(const YamlNode& root, const std::vector<std::string>& names, std::size_t quantized,
                     const std::filesystem::path* folder, Diagnostics& diagnostics) {
  check_references(root, names, diagnostics);
  check_export(root, names, quantized, folder, diagnostics);
}

void check_baseline(const YamlNode& root, const std::vector<std::string>& names, const std::string& baseline,
                    Diagnostics& diagnostics) {
  if (const YamlNode* named = root.find_path("compare.baseline"); named && named->is_scalar()) {
    if (std::find(names.begin(), names.end(), named->text) == names.end())
      diagnostics.add(named->span, "compare.baseline: no variant '" + named->text + "' in the job" +
                                       did_you_mean(named->text, names));
    return;
  }
  const YamlNode* metrics = root.find("metrics");
  if (!metrics || !baseline.empty()) return;
  for (const YamlEntry& metric : metrics->entries)
    if (const YamlEntry* drop = metric.value.entry("max_drop"))
      diagnostics.add(drop->key_span, "metrics." + metric.key +
                                          ".max_drop has nothing to compare with: every variant is quantized; name one "
                                          "in compare.baseline");
}

}  // namespace qeval
