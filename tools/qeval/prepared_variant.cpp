#include "tools/qeval/prepared_variant.h"

#include <algorithm>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "pipeline/did_you_mean.h"
#include "pipeline/errors.h"
#include "stages/model/arch.h"
#include "stages/model/onnx/import_onnx.h"
#include "stages/quant/bias_correction/correct_biases.h"
#include "stages/quant/calibration.h"
#include "stages/quant/equalize/equalize.h"
#include "stages/quant/fold_batch_norm.h"
#include "stages/quant/quantsim_file.h"
#include "stages/quant/quantsim_presets.h"
#include "stages/quant/quantizer_groups.h"
#include "tools/qeval/encoding_records.h"
#include "tools/qeval/imported_encodings.h"
#include "tools/qeval/layer_tuner.h"
#include "tools/qeval/preprocess_recipe.h"
#include "tools/qeval/variant_keys.h"

namespace qeval {
namespace {

void check_pin(const ModelSpec& spec, const std::string& sha256) {
  if (!spec.sha256.empty() && spec.sha256 != sha256)
    throw InputError(fmt::format("{}: SHA-256 is {}, but the job pins model.sha256 {}; use the pinned file or change "
                                 "the pin",
                                 spec.weights.string(), sha256, spec.sha256));
}

std::int64_t parameter_count(const Graph& graph) {
  std::int64_t count = 0;
  for (const Node& node : graph.nodes)
    for (const Tensor* tensor : {&node.weight, &node.bias})
      if (tensor->defined()) count += tensor->numel();
  return count;
}

struct WeightsFile {
  std::string format, sha256;
  std::int64_t bytes = 0;
};

/// Fills the graph from a file that is opened once.
WeightsFile build_network(PreparedVariant& v) {
  const ModelSpec& spec = v.spec.model;
  if (spec.arch != onnx_arch_name) {
    const StateDict state = read_state_dict(spec.weights);
    check_pin(spec, state.sha256);
    v.graph = build_graph(spec.arch, spec.parameters, state);
    return {state.format, state.sha256, state.file_bytes};
  }
  OnnxModel model = import_onnx(spec.weights, spec.parameters);
  check_pin(spec, model.sha256);
  v.graph = std::move(model.graph);
  v.external_files = model.external_files;
  v.external_data_sha256 = model.external_sha256;
  return {"onnx", model.sha256, model.file_bytes};
}

void load_model(PreparedVariant& v) {
  const ModelSpec& spec = v.spec.model;
  const WeightsFile file = build_network(v);
  v.model = {spec.weights.filename().string(),
             spec.arch,
             file.format,
             spec.weights.string(),
             file.sha256,
             file.bytes,
             parameter_count(v.graph),
             v.graph.num_classes};
}

/// A preset of this name, or the file; a name that is neither may be a misspelt preset.
QuantsimSettings load_config(const std::string& config, NumericsMode mode) {
  if (const QuantsimSettings* preset = find_quantsim_preset(config, mode)) return *preset;
  const std::filesystem::path file(config);
  if (!std::filesystem::exists(file))
    throw InputError(fmt::format("quantization.config: there is no file {}, and no preset of that name{}",
                                 config, did_you_mean(file.filename().string(), quantsim_preset_names())));
  return read_quantsim_file(file);
}

/// What the configuration decides, so that stored runs and the settings text say it too.
void take_config(const std::string& config, QuantRecipe& recipe) {
  if (config == "aimet-default") return;
  recipe.config = load_config(config, recipe.mode);
  const auto bias = recipe.config->params.find("bias");
  recipe.param_symmetric = recipe.config->all_params.symmetric.value_or(false);
  recipe.activation_symmetric = recipe.config->ops.symmetric.value_or(false);
  recipe.per_channel = recipe.config->any_per_channel();
  recipe.quantize_input = recipe.config->model_input;
  recipe.quantize_bias = bias == recipe.config->params.end() ? recipe.config->all_params.quantized.value_or(false)
                                                             : bias->second.quantized.value_or(false);
}

QuantRecipe make_recipe(const QuantizationSpec& spec) {
  QuantRecipe recipe;
  recipe.scheme = parse_scheme(spec.scheme).value();
  recipe.mode = parse_mode(spec.mode).value();
  recipe.percentile = spec.percentile;
  recipe.param_bits = spec.param_bits;
  recipe.param_symmetric = spec.param_symmetric;
  recipe.param_float16 = spec.param_dtype == "float";
  recipe.activation_float16 = spec.activation_dtype == "float";
  recipe.per_channel = spec.per_channel;
  recipe.param_block_size = spec.block_size;
  recipe.block_modules = spec.block_modules;
  recipe.activation_bits = spec.activation_bits;
  recipe.activation_symmetric = spec.activation_symmetric;
  recipe.quantize_input = spec.quantize_input;
  recipe.quantize_bias = spec.quantize_bias;
  recipe.share_module_quantizers = spec.share_module_quantizers;
  take_config(spec.config, recipe);
  return recipe;
}

void add_remarks(std::vector<std::string> remarks, PreparedVariant& v) {
  for (std::string& remark : remarks) v.remarks.push_back(std::move(remark));
}

/// Returns the batch norms that were folded, as they now describe the layers' outputs.
std::vector<FoldedPair> fold_and_equalize(PreparedVariant& v) {
  if (!v.spec.model.fold_batch_norm) return {};
  std::vector<std::string> left;
  auto folded = fold_batch_norm(v.graph, parse_mode(v.spec.quantization.mode).value(), &left);
  if (!left.empty()) v.remarks.push_back(fmt::format("batch norms that cannot be folded: {}", fmt::join(left, ", ")));
  if (!v.spec.quantization.equalize) return folded;
  Equalization done = equalize(v.graph, std::move(folded));
  add_remarks(done.remarks(), v);
  return std::move(done.folded);
}

void put_quantizers(PreparedVariant& v) {
  if (!v.spec.quantization.enabled) return;
  v.quant = make_recipe(v.spec.quantization);
  add_remarks(place_quantizers(v.graph, *v.quant, &v.tensor_rules), v);
  RemovedQuantizers removed = remove_quantizers(v.graph, v.spec.quantization.disable);
  add_remarks(std::move(removed.remarks), v);
  for (TensorRule& row : v.tensor_rules) {
    if (row.quantizer < 0) continue;
    row.quantizer = removed.new_index[static_cast<std::size_t>(row.quantizer)];
    if (row.quantizer < 0) row.rule = "quantization.disable";
  }
}

/// A class list and a network of different sizes give numbers that look real and are not.
void check_classes(const PreparedVariant& v) {
  if (!v.manifest.classes.empty() && static_cast<int>(v.manifest.classes.size()) != v.graph.num_classes)
    throw InputError(fmt::format("{}: {} class folders, but {} has {} outputs; the folders must be the network's "
                                 "classes in sorted order",
                                 v.manifest.root.string(), v.manifest.classes.size(), v.spec.model.arch,
                                 v.graph.num_classes));
  for (const ManifestEntry& entry : v.manifest.entries)
    if (entry.label >= v.graph.num_classes)
      throw InputError(fmt::format("{}: label {}, but {} has {} outputs; correct the list, or "
                                   "model.parameters.num_classes",
                                   entry.name, entry.label, v.spec.model.arch, v.graph.num_classes));
}

void check_input_shape(const PreparedVariant& v, const Preprocessor& preprocessor) {
  const auto& shape = v.graph.input_shape;
  if (preprocessor.out_height() != shape[1] || preprocessor.out_width() != shape[2])
    throw UsageError(fmt::format("preprocess gives {}×{} pixels, but {} takes {}×{}; change the last crop or resize, "
                                 "or model.parameters.input_size",
                                 preprocessor.out_width(), preprocessor.out_height(), v.spec.model.arch, shape[2],
                                 shape[1]));
}

std::string why_no_images(const PreparedVariant& v) {
  int half = 0, fixed = 0, frozen = 0;
  for (const Quantizer& quantizer : v.graph.quantizers) {
    if (quantizer.role == QuantizerRole::param) continue;
    if (v.imported.count(quantizer.key()))
      ++frozen;
    else
      ++(quantizer.float16 ? half : fixed);
  }
  return fmt::format("calibration reads no images, no encoding depends on them: of {} activation quantizers {} are "
                     "half precision, {} have a fixed range, {} are frozen",
                     half + fixed + frozen, half, fixed, frozen);
}

void open_encodings(PreparedVariant& v, ImageSets& images) {
  const QuantizationSpec& spec = v.spec.quantization;
  if (!v.quant) return;
  if (!spec.import_encodings.empty() || !spec.freeze_encodings.empty()) {
    ImportedEncodings imported = read_imported_encodings(spec, v.graph);
    v.imported = std::move(imported.encodings);
    v.imported_components = std::move(imported.components);
    add_remarks(std::move(imported.remarks), v);
  }
  if (v.reads_calibration_images() || v.tuning) v.calibration = images.open(spec.calibration);
  if (v.calibrates() && !v.reads_calibration_images())
    v.remarks.push_back(why_no_images(v));
}

/// Once the weights' encodings are known, before anything is observed.
void apply_bias_correction(PreparedVariant& v, const std::vector<FoldedPair>& folded) {
  if (!v.quant || v.spec.quantization.bias_correction != "analytic") return;
  add_remarks(correct_biases(v.graph, folded, v.known_encodings(), v.quant->mode).remarks(), v);
}

void name_tuning(PreparedVariant& v) {
  if (!v.quant) return;
  if (v.spec.quantization.rounding == "adaround") v.tuning = {LayerTuning::k_adaround, {}, {}};
  if (v.spec.quantization.bias_correction == "empirical") v.tuning = {LayerTuning::k_empirical, {}, {}};
}

}  // namespace

ExecutorOptions PreparedVariant::executor_options(const std::string& device) const {
  ExecutorOptions options;
  options.kind = quant ? spec.quantization.executor : "float";
  options.device = device;
  if (quant) options.mode = quant->mode;
  return options;
}

bool PreparedVariant::reads_calibration_images() const {
  return calibrates() && std::any_of(graph.quantizers.begin(), graph.quantizers.end(), [&](const Quantizer& quantizer) {
           return learns_from_images(quantizer) && !imported.count(quantizer.key());
         });
}

EncodingTable PreparedVariant::known_encodings() const {
  EncodingTable table = encoding_table(graph, imported);
  if (!calibrates()) return table;
  EncodingTable computed = parameter_encodings(graph, *quant);
  for (std::size_t q = 0; q < table.size(); ++q)
    if (table[q].empty()) table[q] = std::move(computed[q]);
  return table;
}

void PreparedVariant::release_weights() {
  for (Node& node : graph.nodes) node.weight = node.bias = node.mean = node.variance = Tensor();
}

PreparedVariant prepare_variant(const JobSpec& job, const VariantSpec& variant, std::optional<std::int64_t> limit,
                                ImageSets& images) {
  PreparedVariant v;
  v.spec = variant;
  v.recipe = make_preprocess_recipe(variant.preprocess);
  v.batch_size = job.run.batch_size;
  v.calibration_batch_size =
      variant.quantization.calibration_batch_size ? variant.quantization.calibration_batch_size : v.batch_size;
  const Preprocessor preprocessor(v.recipe);
  v.manifest = images.open(variant.dataset, limit);
  load_model(v);
  check_classes(v);
  check_input_shape(v, preprocessor);
  const std::vector<FoldedPair> folded = fold_and_equalize(v);
  v.unquantized_graph_sha256 = sha256_hex(v.graph.identity());
  put_quantizers(v);
  name_tuning(v);
  open_encodings(v, images);
  apply_bias_correction(v, folded);
  add_remarks(tuning_remarks(v), v);
  const ExecutorEnvironment environment = describe_executor(v.executor_options(job.run.device));
  make_keys(v, environment.device, environment.environment, preprocessor.identity());
  return v;
}

}  // namespace qeval
