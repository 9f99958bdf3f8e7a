#include "jobs/prepare/quant_recipe.h"

#include <filesystem>

#include <fmt/core.h>

#include "pipeline/base/did_you_mean.h"
#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "stages/quant/placement/quantsim_file.h"
#include "stages/quant/placement/quantsim_presets.h"

namespace qeval {
namespace {

/// A preset of this name, or the file; a name that is neither may be a misspelt preset.
QuantsimSettings load_config(const std::string& config, NumericsMode mode) {
  if (const QuantsimSettings* preset = find_quantsim_preset(config, mode)) return *preset;
  const std::filesystem::path file(config);
  std::error_code unreachable;
  if (std::filesystem::exists(file, unreachable)) return read_quantsim_file(file);
  const std::string meant = did_you_mean(file.filename().string(), quantsim_preset_names());
  const std::string message =
      fmt::format("there is no file {}, and no preset of that name{}", visible_name(config), meant);
  // A wrong word is the job's mistake, a missing file is not.
  if (!meant.empty() || !file.has_extension()) throw UsageError(message);
  throw InputError(message);
}

/// What the configuration decides, so that stored runs and the settings text say it too.
void take_config(const std::string& config, QuantRecipe& recipe) {
  if (config == "aimet-default") return;
  recipe.config = load_config(config, recipe.mode);
  // No quantizer is both: a symmetric range is shifted to start at zero, or leaves out its lowest code.
  const bool is_both = recipe.config->strict_symmetric && recipe.config->unsigned_symmetric;
  if (is_both && recipe.mode == NumericsMode::aimet_torch_2)
    throw InputError(
        fmt::format("{}: strict_symmetric and unsigned_symmetric exclude each other in mode "
                    "aimet-torch-2, as in AIMET 2.42; set one of them to \"False\"",
                    visible_name(config)));
  const auto bias = recipe.config->params.find("bias");
  recipe.param_symmetric = recipe.config->all_params.symmetric.value_or(false);
  recipe.activation_symmetric = recipe.config->ops.symmetric.value_or(false);
  recipe.per_channel = recipe.config->any_per_channel();
  recipe.quantize_input = recipe.config->model_input;
  recipe.quantize_bias = bias == recipe.config->params.end() ? recipe.config->all_params.quantized.value_or(false)
                                                             : bias->second.quantized.value_or(false);
}

}  // namespace

QuantRecipe make_recipe(const QuantizationSpec& spec) {
  QuantRecipe recipe;
  recipe.scheme = parse_scheme(spec.scheme).value();
  recipe.mode = parse_mode(spec.mode).value();
  recipe.percentile = spec.percentile;
  recipe.param_bits = spec.param_bits;
  recipe.param_symmetric = spec.param_symmetric;
  recipe.param_float16 = spec.param_dtype == NumberType::floating;
  recipe.activation_float16 = spec.activation_dtype == NumberType::floating;
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

}  // namespace qeval
