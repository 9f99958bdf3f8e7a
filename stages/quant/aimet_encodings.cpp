#include "stages/quant/aimet_encodings.h"

#include <algorithm>
#include <set>
#include <utility>

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

/// "layer1.0.conv2:output" → {"layer1.0.conv2", "output"}
std::pair<std::string, std::string> module_and_side(const std::string& key) {
  const std::size_t colon = key.rfind(':');
  return {key.substr(0, colon), key.substr(colon + 1)};
}

bool same_grid(const EncodingList& a, const EncodingList& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Encoding& x, const Encoding& y) {
    return x.min == y.min && x.max == y.max && x.scale == y.scale && x.offset == y.offset && x.bits == y.bits;
  });
}

/// What is wrong with a file's entries for one quantizer that stands in several places; empty if nothing.
std::string alias_difference(const Quantizer& quantizer, const EncodingMap& encodings, const EncodingList& taken) {
  for (const std::string& alias : quantizer.aliases) {
    const auto other = encodings.find(alias);
    if (other != encodings.end() && !other->second.empty() && !same_grid(taken, other->second))
      return "one quantizer with " + alias + ", file has two ranges";
  }
  return "";
}

}  // namespace

const EncodingList* find_encodings(const EncodingMap& encodings, const Quantizer& quantizer) {
  for (const std::string& key : quantizer.keys())
    if (const auto found = encodings.find(key); found != encodings.end() && !found->second.empty())
      return &found->second;
  return nullptr;
}

std::string format_aimet_encodings(const Graph& graph, const EncodingMap& encodings, const QuantRecipe& recipe) {
  const EncodingsMismatch mismatch = match_encodings(graph, encodings);
  if (!mismatch.without_quantizer.empty())
    throw InternalError("encodings without a quantizer cannot be written: " + mismatch.without_quantizer.front());
  ordered_json activations = ordered_json::object();
  ordered_json params = ordered_json::object();
  for (const Quantizer& quantizer : graph.quantizers) {
    const EncodingList* const list = find_encodings(encodings, quantizer);
    if (!list) continue;
    if (quantizer.role == QuantizerRole::param) {
      for (const Encoding& encoding : *list) params[quantizer.key()].push_back(entry_of(encoding));
      continue;
    }
    for (const std::string& key : quantizer.keys()) {
      const auto [module, side] = module_and_side(key);
      activations[module][side]["0"] = entry_of(list->front());
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
    for (const std::string& name : quantizer.keys()) wanted.insert(name);
    const EncodingList* const list = find_encodings(encodings, quantizer);
    if (!list) {
      mismatch.without_encoding.push_back(key);
      continue;
    }
    std::string how = difference(quantizer, channels_of(graph, static_cast<int>(i)), *list);
    if (how.empty()) how = alias_difference(quantizer, encodings, *list);
    if (!how.empty()) mismatch.different.push_back(key + ": " + how);
  }
  for (const auto& [key, list] : encodings)
    if (!list.empty() && !wanted.count(key)) mismatch.without_quantizer.push_back(key);
  return mismatch;
}

}  // namespace qeval
