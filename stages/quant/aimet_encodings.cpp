#include "stages/quant/aimet_encodings.h"

#include <set>

#include <nlohmann/json.hpp>

#include "pipeline/errors.h"

namespace qeval {
namespace {

using nlohmann::ordered_json;

ordered_json entry_of(const Encoding& encoding) {
  return {{"bitwidth", encoding.bits},
          {"dtype", "int"},
          {"is_symmetric", encoding.symmetric ? "True" : "False"},
          {"max", encoding.max},
          {"min", encoding.min},
          {"offset", static_cast<std::int64_t>(encoding.offset)},
          {"scale", encoding.scale}};
}

ordered_json arguments_of(const QuantRecipe& recipe) {
  const bool enhanced = recipe.scheme == QuantScheme::tf_enhanced;
  return {{"activation_bitwidth", recipe.activation_bits},
          {"param_bitwidth", recipe.param_bits},
          {"dtype", "int"},
          {"is_symmetric", recipe.param_symmetric},
          {"per_channel_quantization", recipe.per_channel},
          {"quant_scheme", enhanced ? "post_training_tf_enhanced" : "post_training_tf"}};
}

/// Channels of the parameter that quantizer `index` belongs to; 1 for tensor quantizers.
std::size_t channels_of(const Graph& graph, int index) {
  if (!graph.quantizers[static_cast<std::size_t>(index)].per_channel) return 1;
  for (const Node& node : graph.nodes) {
    if (node.weight_quantizer == index && node.weight.defined()) return static_cast<std::size_t>(node.weight.size(0));
    if (node.bias_quantizer == index && node.bias.defined()) return static_cast<std::size_t>(node.bias.size(0));
  }
  return 1;
}

std::string difference(const Quantizer& quantizer, std::size_t channels, const EncodingList& encodings) {
  const Encoding& first = encodings.front();
  const auto symmetry = [](bool symmetric) { return std::string(symmetric ? "symmetric" : "asymmetric"); };
  if (first.bits != quantizer.bits)
    return std::to_string(quantizer.bits) + " bit, file " + std::to_string(first.bits) + " bit";
  if (first.symmetric != quantizer.symmetric) return symmetry(quantizer.symmetric) + ", file " + symmetry(first.symmetric);
  if (encodings.size() != channels)
    return std::to_string(channels) + (channels == 1 ? " encoding, file " : " encodings, file ") +
           std::to_string(encodings.size());
  return "";
}

}  // namespace

std::string format_aimet_encodings(const Graph& graph, const EncodingMap& encodings, const QuantRecipe& recipe) {
  const EncodingsMismatch mismatch = match_encodings(graph, encodings);
  if (!mismatch.without_quantizer.empty())
    throw InternalError("encodings without a quantizer cannot be written: " + mismatch.without_quantizer.front());
  ordered_json activations = ordered_json::object();
  ordered_json params = ordered_json::object();
  for (const Quantizer& quantizer : graph.quantizers) {
    const auto found = encodings.find(quantizer.key());
    if (found == encodings.end() || found->second.empty()) continue;
    if (quantizer.role == QuantizerRole::param) {
      for (const Encoding& encoding : found->second) params[quantizer.key()].push_back(entry_of(encoding));
    } else {
      const char* const side = quantizer.role == QuantizerRole::input ? "input" : "output";
      activations[quantizer.module][side]["0"] = entry_of(found->second.front());
    }
  }
  const ordered_json file{{"version", "0.6.1"},
                          {"activation_encodings", activations},
                          {"param_encodings", params},
                          {"excluded_layers", ordered_json::array()},
                          {"quantizer_args", arguments_of(recipe)}};
  return file.dump(4) + "\n";
}

EncodingsMismatch match_encodings(const Graph& graph, const EncodingMap& encodings) {
  EncodingsMismatch mismatch;
  std::set<std::string> wanted;
  for (std::size_t i = 0; i < graph.quantizers.size(); ++i) {
    const Quantizer& quantizer = graph.quantizers[i];
    const std::string key = quantizer.key();
    wanted.insert(key);
    const auto found = encodings.find(key);
    if (found == encodings.end() || found->second.empty()) {
      mismatch.without_encoding.push_back(key);
      continue;
    }
    const std::string how = difference(quantizer, channels_of(graph, static_cast<int>(i)), found->second);
    if (!how.empty()) mismatch.different.push_back(key + ": " + how);
  }
  for (const auto& [key, list] : encodings)
    if (!list.empty() && !wanted.count(key)) mismatch.without_quantizer.push_back(key);
  return mismatch;
}

}  // namespace qeval
