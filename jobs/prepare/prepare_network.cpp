// prepare_network of prepared_variant.h.
#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "jobs/prepare/architecture_check.h"
#include "jobs/prepare/imported_encodings.h"
#include "jobs/prepare/load_model.h"
#include "jobs/prepare/open_dataset.h"
#include "jobs/prepare/prepared_variant.h"
#include "jobs/prepare/preprocess_recipe.h"
#include "jobs/prepare/quant_recipe.h"
#include "jobs/prepare/tunable_layers.h"
#include "pipeline/base/errors.h"
#include "stages/flow/network_scores.h"
#include "stages/infer/cuda_driver.h"
#include "stages/model/arch/arch.h"
#include "stages/model/onnx/import_onnx.h"
#include "stages/quant/bias_correction/correct_biases.h"
#include "stages/quant/equalize/equalize.h"
#include "stages/quant/files/encodings_names.h"
#include "stages/quant/fold_batch_norm.h"
#include "stages/quant/placement/quantizer_groups.h"
#include "stages/quant/placement/split_silu.h"
#include "stages/quant/placement/weight_blocks.h"

namespace qeval {
namespace {

void add_remarks(std::vector<std::string> remarks, PreparedVariant& v) {
  for (std::string& remark : remarks) v.network.remarks.push_back(std::move(remark));
}

/// Returns the batch norms that were folded, as they now describe the layers' outputs.
std::vector<FoldedPair> fold_and_equalize(PreparedVariant& v) {
  if (!v.spec.model.fold_batch_norm) return {};
  std::vector<std::string> left;
  auto folded = fold_batch_norm(v.network.graph, parse_mode(v.spec.quantization.mode).value(), &left);
  if (!left.empty())
    v.network.remarks.push_back(fmt::format("batch norms that cannot be folded: {}", fmt::join(left, ", ")));
  if (!v.spec.quantization.equalize) return folded;
  Equalization done = equalize(v.network.graph, std::move(folded), parse_mode(v.spec.quantization.mode).value());
  add_remarks(done.remarks(), v);
  return std::move(done.folded);
}

void switch_off(PreparedVariant& v) {
  RemovedQuantizers removed = remove_quantizers(v.network.graph, v.spec.quantization.disable);
  add_remarks(std::move(removed.remarks), v);
  for (TensorRule& row : v.network.tensor_rules) {
    if (row.quantizer < 0) continue;
    row.quantizer = removed.new_index[static_cast<std::size_t>(row.quantizer)];
    if (row.quantizer < 0) row.rule = "quantization.disable";
  }
}

/// As far as it can be told without LibTorch: is there such a GPU?
void check_device(const std::string& word) {
  if (!word.starts_with("cuda")) return;
  const int index = word.starts_with("cuda:") ? std::stoi(word.substr(5)) : 0;
  const int count = cuda_device_count();
  if (index >= count)
    throw UsageError(
        fmt::format("device '{}' is not there: the CUDA driver finds {} GPU(s), numbered from 0; use cpu "
                    "or auto",
                    word, count));
}

void check_input_shape(const PreparedVariant& v, const Preprocessor& preprocessor) {
  const auto& shape = v.network.graph.input_shape;
  if (preprocessor.out_height() != shape[1] || preprocessor.out_width() != shape[2])
    throw UsageError(
        fmt::format("the steps give {}×{} pixels, but {} takes {}×{}; change the last crop or resize, or "
                    "model.parameters.input_size",
                    preprocessor.out_width(), preprocessor.out_height(), v.spec.model.arch, shape[2], shape[1]));
}

/// Grids on top of grids are rarely meant, and their numbers look like any other's.
void check_not_quantized_yet(PreparedVariant& v) {
  if (v.network.quantized_in_file.empty()) return;
  const std::string what = "the network is quantized in its file already: " + v.network.quantized_in_file;
  if (!v.spec.quantization.requantize)
    throw UsageError(what +
                     "; evaluate it with quantization: none, quantize the float network instead, or set "
                     "quantization.requantize: true if quantizers on top of these are meant");
  v.network.remarks.push_back(what + "; the quantizers of the job come on top");
}

std::string last_size_step(const VariantSpec& variant) {
  std::string path = "preprocess";
  for (std::size_t i = 0; i < variant.preprocess.size(); ++i)
    if (const StepKind kind = variant.preprocess[i].kind; kind == StepKind::resize || kind == StepKind::center_crop)
      path = fmt::format("preprocess[{}].{}", i, word_of(kind));
  return path;
}

std::string why_no_images(const PreparedVariant& v) {
  int half = 0, fixed = 0, frozen = 0;
  for (const Quantizer& quantizer : v.network.graph.quantizers) {
    if (quantizer.role == QuantizerRole::param) continue;
    if (v.network.fixed_encodings.count(quantizer.key()))
      ++frozen;
    else
      ++(quantizer.float16 ? half : fixed);
  }
  return fmt::format(
      "calibration reads no images, no encoding depends on them: of {} activation quantizers {} are "
      "half precision, {} have a fixed range, {} are frozen",
      half + fixed + frozen, half, fixed, frozen);
}

void import_encodings(PreparedVariant& v) {
  ImportedEncodings imported = read_imported_encodings(v.spec.quantization, v.network.graph);
  v.network.fixed_encodings = std::move(imported.encodings);
  v.recipe.fixed_encodings = std::move(imported.components);
  add_remarks(std::move(imported.remarks), v);
}

/// Once the weights' encodings are known, before anything is observed.
void apply_bias_correction(PreparedVariant& v, const std::vector<FoldedPair>& folded) {
  if (!v.recipe.quant || v.spec.quantization.bias_correction != BiasCorrectionMethod::analytic) return;
  add_remarks(correct_biases(v.network.graph, folded, v.known_encodings(), v.recipe.quant->mode).remarks(), v);
}

void name_tuning(PreparedVariant& v) {
  if (!v.recipe.quant) return;
  if (v.spec.quantization.rounding == WeightRounding::adaround) v.recipe.tuning = {LayerTuning::adaround};
  if (v.spec.quantization.bias_correction == BiasCorrectionMethod::empirical)
    v.recipe.tuning = {LayerTuning::empirical};
}

/// The steps from a job's fields to a network, each of whose errors is told where its field was written. A step that
/// needs a faulty one is left out; one that needs only how the network is built goes on without its weights.
class NetworkPreparation {
 public:
  NetworkPreparation(PreparedVariant& v, VariantComplaints& complaints)
      : v_(v), spec_(v.spec.quantization), complaints_(complaints) {}

  void run() {
    const bool has_size = !v_.spec.preprocess.empty() && complaints_.attempt("preprocess", [&] {
      v_.recipe.preprocess = make_preprocess_recipe(v_.spec.preprocess);
      const Preprocessor checked(v_.recipe.preprocess);
    });
    check_dataset(v_.spec.dataset, DatasetSection::evaluation, complaints_);
    const bool has_scheme = check_scheme();
    const bool has_recipe = name_recipe();
    const bool whole = load();
    if (!v_.network.graph.nodes.empty()) {
      complaints_.attempt("model.weights", [&] { describe_ends(); });
      if (has_size)
        complaints_.attempt(last_size_step(v_.spec),
                            [&] { check_input_shape(v_, Preprocessor(v_.recipe.preprocess)); });
      complaints_.attempt("model.fold_batch_norm", [&] { folded_ = fold_and_equalize(v_); });
      if (has_recipe && v_.recipe.quant) split_silu(v_.network.graph, *v_.recipe.quant);
      v_.network.unquantized_graph_sha256 = sha256_hex(v_.network.graph.identity());
    }
    if (!spec_.enabled) return;
    complaints_.attempt("quantization", [&] { check_not_quantized_yet(v_); });
    const bool placed = has_recipe && !v_.network.graph.nodes.empty() && place();
    name_tuning(v_);
    const bool imported = open_encodings(placed);
    if (spec_.import_encodings.empty() && (!placed || v_.reads_calibration_images() || v_.recipe.tuning))
      check_dataset(spec_.calibration, DatasetSection::calibration, complaints_);
    if (whole && placed && imported && has_scheme) finish();
  }

 private:
  /// What the file decides: the pictures it takes, and what its last numbers are.
  void describe_ends() {
    for (const std::string& remark : {network_scores(v_.network.graph).remark(),
                                      take_channels(v_.network.graph.input_shape[0], v_.recipe.preprocess)})
      if (!remark.empty()) v_.network.remarks.push_back(remark);
  }

  bool check_scheme() {
    return !spec_.enabled || complaints_.attempt("quantization.scheme", [&] {
      const std::string missing =
          missing_scheme_text(parse_mode(spec_.mode).value(), parse_scheme(spec_.scheme).value());
      if (!missing.empty()) throw UsageError(missing);
    });
  }

  bool name_recipe() {
    return !spec_.enabled || complaints_.attempt("quantization.config", [&] {
      v_.recipe.quant = make_recipe(spec_);
      if (spec_.config == "default" && v_.recipe.quant->per_channel)
        v_.network.remarks.push_back(
            "quantization.config: default is AIMET 2's default, per channel; "
            "default_per_tensor is per tensor");
    });
  }

  /// False if the graph has no weights of its own, or if there is no graph.
  bool load() {
    const ModelSpec& model = v_.spec.model;
    if (model.arch.empty()) return false;
    const bool known = check_architecture(model, complaints_);
    const bool loaded = complaints_.attempt("model.weights", [&] { known ? load_model(v_) : hash_only(); });
    if (loaded || !v_.network.model.sha256.empty())
      complaints_.attempt("model.sha256", [&] { check_pin(model, v_.network.model.sha256); });
    if (known && loaded) return true;
    if (known && model.arch != onnx_arch_name) v_.network.graph = build_structure(model.arch, model.parameters);
    return false;
  }

  /// Of what no architecture can be built with; it must be there all the same, and what was pinned.
  void hash_only() { v_.network.model.sha256 = v_.weights_files->open(v_.spec.model.weights).sha256(); }

  /// Names of modules are checked on a network whose weights are not cut into blocks: every one is there.
  bool place() {
    Graph uncut = v_.network.graph;
    QuantRecipe plain = *v_.recipe.quant;
    plain.param_block_size = 0;
    const bool cuts = v_.recipe.quant->param_block_size != 0;
    bool good = complaints_.attempt("quantization.config",
                                    [&] { add_remarks(place_quantizers(uncut, plain, &v_.network.tensor_rules), v_); });
    if (!good) return false;
    good = check_modules(spec_.block_modules, "quantization.param.block_modules",
                         [&](const std::string& module) { check_has_quantized_weight(uncut, module); });
    if (cuts && good)
      good = complaints_.attempt("quantization.param.block_size", [&] {
        place_quantizers(v_.network.graph, *v_.recipe.quant, &v_.network.tensor_rules);
      });
    if (!cuts || !good) v_.network.graph = std::move(uncut);
    const bool known = check_modules(spec_.disable, "quantization.disable", [&](const std::string& module) {
      check_has_quantizers(v_.network.graph, module);
    });
    if (known) switch_off(v_);
    return good && known;
  }

  template <class Check>
  bool check_modules(const std::vector<std::string>& modules, const std::string& path, const Check& check) {
    bool good = true;
    for (std::size_t i = 0; i < modules.size(); ++i)
      good = complaints_.attempt(fmt::format("{}[{}]", path, i), [&] { check(modules[i]); }) && good;
    return good;
  }

  /// Without placed quantizers: are the files what they should be?
  bool open_encodings(bool placed) {
    const bool imports = !spec_.import_encodings.empty();
    if (!imports && spec_.freeze_encodings.empty()) return true;
    const auto& file = imports ? spec_.import_encodings : spec_.freeze_encodings;
    const char* const path = imports ? "quantization.encodings.import" : "quantization.encodings.freeze";
    bool good = true;
    if (!spec_.encodings_names.empty())
      good = complaints_.attempt("quantization.encodings.names", [&] { read_name_map(spec_.encodings_names); });
    if (placed && good) return complaints_.attempt(path, [&] { import_encodings(v_); });
    return complaints_.attempt(path, [&] { read_encodings_file(file); }) && good;
  }

  void finish() {
    if (v_.calibrates() && !v_.reads_calibration_images()) v_.network.remarks.push_back(why_no_images(v_));
    complaints_.attempt("quantization.bias_correction", [&] { apply_bias_correction(v_, folded_); });
    complaints_.attempt("quantization.rounding", [&] { add_remarks(tuning_remarks(v_), v_); });
  }

  PreparedVariant& v_;
  const QuantizationSpec& spec_;
  VariantComplaints& complaints_;
  std::vector<FoldedPair> folded_;
};

}  // namespace

PreparedVariant prepare_network(const JobSpec& job, const VariantSpec& variant,
                                std::shared_ptr<WeightsFiles> weights_files, JobComplaints& complaints) {
  PreparedVariant v;
  v.spec = variant;
  v.weights_files = std::move(weights_files);
  v.recipe.batch_size = job.run.batch_size;
  v.recipe.calibration_batch_size =
      variant.quantization.calibration_batch_size ? variant.quantization.calibration_batch_size : v.recipe.batch_size;
  VariantComplaints own(complaints, variant.name);
  own.attempt("run.device", [&] { check_device(job.run.device); });
  NetworkPreparation(v, own).run();
  return v;
}

}  // namespace qeval
