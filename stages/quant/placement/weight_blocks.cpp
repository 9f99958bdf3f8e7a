#include "stages/quant/placement/weight_blocks.h"

#include <algorithm>

#include "pipeline/base/did_you_mean.h"
#include "pipeline/base/errors.h"
#include "pipeline/base/listed_names.h"

namespace qeval {
namespace {

/// The nodes whose weights are quantized, by their quantizers' modules.
std::vector<std::string> modules_with_weights(const Graph& graph) {
  std::vector<std::string> modules;
  for (const Quantizer& quantizer : graph.quantizers)
    if (quantizer.parameter == "weight" && !quantizer.operand) modules.push_back(quantizer.module);
  return modules;
}

std::string refusal(int size, const std::vector<std::string>& undivided) {
  return "quantization.param.block_size: blocks of " + std::to_string(size) + " do not divide the input channels of " +
         listed_names(undivided, 8) +
         "; choose another size, or name the modules to cut in quantization.param.block_modules";
}

}  // namespace

void check_has_quantized_weight(const Graph& graph, const std::string& module) {
  const std::vector<std::string> known = modules_with_weights(graph);
  if (std::find(known.begin(), known.end(), module) == known.end())
    throw UsageError("quantization.param.block_modules: no module '" + module + "' has a quantized weight" +
                     did_you_mean(module, known) + " (`qeval plan JOB --quantizers` lists them)");
}

void cut_weights_into_blocks(Graph& graph, const QuantRecipe& recipe) {
  if (is_before_2(recipe.mode))
    throw UsageError(std::string("quantization.param.block_size: mode ") + mode_name(recipe.mode) +
                     " has no encodings per block; modes with them: aimet-onnx-2, aimet-torch-2");
  const int size = recipe.param_block_size;
  const auto& asked = recipe.block_modules;
  for (const std::string& module : asked) check_has_quantized_weight(graph, module);
  std::vector<std::string> undivided;
  for (const Node& node : graph.nodes) {
    if (node.weight_quantizer < 0) continue;
    Quantizer& quantizer = graph.quantizers[static_cast<std::size_t>(node.weight_quantizer)];
    const bool has_input_channels = node.weight.shape().size() > 1;
    if (quantizer.operand || !has_input_channels) continue;
    if (!asked.empty() && std::find(asked.begin(), asked.end(), quantizer.module) == asked.end()) continue;
    const std::int64_t inputs = node.weight.size(1 - quantizer.channel_axis);
    if (inputs % size != 0) undivided.push_back(quantizer.module + " (" + std::to_string(inputs) + ")");
    quantizer.per_channel = true;
    quantizer.block_size = size;
  }
  if (!undivided.empty()) throw UsageError(refusal(size, undivided));
}

}  // namespace qeval
