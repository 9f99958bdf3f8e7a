#include <cmath>
#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

#include "pipeline/errors.h"
#include "stages/quant/aimet_encodings.h"

namespace qeval {
namespace {

using nlohmann::ordered_json;

/// Shares of a step by which an end of the range may lie off the grid: float scales of 16-bit grids stay below.
constexpr double k_range_tolerance = 0.01;

std::int64_t whole(double value) { return static_cast<std::int64_t>(value); }

ordered_json arguments_of(const QuantRecipe& recipe) {
  const bool enhanced = recipe.scheme == QuantScheme::tf_enhanced;
  return {{"activation_bitwidth", recipe.activation_bits},
          {"param_bitwidth", recipe.param_bits},
          {"dtype", "int"},
          {"is_symmetric", recipe.param_symmetric},
          {"per_channel_quantization", recipe.per_channel},
          {"quant_scheme", enhanced ? "post_training_tf_enhanced" : "post_training_tf"}};
}

/// "layer1.0.conv2:output" → {"layer1.0.conv2", "output"}
std::pair<std::string, std::string> module_and_side(const std::string& key) {
  const std::size_t colon = key.rfind(':');
  return {key.substr(0, colon), key.substr(colon + 1)};
}

ordered_json entry_0_6(const Encoding& encoding) {
  return {{"bitwidth", encoding.bits},
          {"dtype", "int"},
          {"is_symmetric", encoding.symmetric ? "True" : "False"},
          {"max", encoding.max},
          {"min", encoding.min},
          {"offset", whole(encoding.offset)},
          {"scale", encoding.scale}};
}

ordered_json document_0_6(const Graph& graph, const EncodingMap& encodings, const QuantRecipe& recipe) {
  ordered_json activations = ordered_json::object();
  ordered_json params = ordered_json::object();
  for (const Quantizer& quantizer : graph.quantizers) {
    const EncodingList* const list = find_encodings(encodings, quantizer);
    if (!list) continue;
    if (quantizer.role == QuantizerRole::param) {
      for (const Encoding& encoding : *list) params[quantizer.key()].push_back(entry_0_6(encoding));
      continue;
    }
    for (const std::string& key : quantizer.keys()) {
      const auto [module, side] = module_and_side(key);
      activations[module][side]["0"] = entry_0_6(list->front());
    }
  }
  return {{"version", "0.6.1"},
          {"activation_encodings", activations},
          {"param_encodings", params},
          {"excluded_layers", ordered_json::array()},
          {"quantizer_args", arguments_of(recipe)}};
}

/// Versions without min and max imply them. A range that is not the grid's own would change without a word.
void check_range_is_the_grids(const std::string& key, const EncodingList& list, const char* version) {
  for (const Encoding& encoding : list) {
    const double min = encoding.scale * encoding.offset;
    const double max = encoding.scale * (encoding.offset + (1 << encoding.bits) - 1);
    const double tolerance = k_range_tolerance * encoding.scale;
    if (std::abs(encoding.min - min) <= tolerance && std::abs(encoding.max - max) <= tolerance) continue;
    throw InputError(key + ": encodings version " + version + " holds scale and offset only, and the range [" +
                     ordered_json(encoding.min).dump() + ", " + ordered_json(encoding.max).dump() +
                     "] is not that of the grid, [" + ordered_json(min).dump() + ", " + ordered_json(max).dump() +
                     "] (strict symmetric grids leave out a code); export version 0.6.1");
  }
}

/// One channel alone is still a list along an axis.
bool is_per_channel(const Quantizer& quantizer, const EncodingList& list) {
  return quantizer.per_channel || list.size() > 1;
}

/// A shared activation quantizer is written under each of its names; a parameter has one.
std::vector<std::string> names_of(const Quantizer& quantizer) {
  return quantizer.role == QuantizerRole::param ? std::vector<std::string>{quantizer.key()} : quantizer.keys();
}

ordered_json entry_1_0(const std::string& name, const Quantizer& quantizer, const EncodingList& list) {
  ordered_json scales = ordered_json::array(), offsets = ordered_json::array();
  for (const Encoding& encoding : list) {
    scales.push_back(encoding.scale);
    offsets.push_back(whole(encoding.offset));
  }
  return {{"name", name},
          {"enc_type", is_per_channel(quantizer, list) ? "PER_CHANNEL" : "PER_TENSOR"},
          {"dtype", "INT"},
          {"bw", list.front().bits},
          {"is_sym", list.front().symmetric},
          {"scale", scales},
          {"offset", offsets}};
}

ordered_json document_1_0(const Graph& graph, const EncodingMap& encodings, const QuantRecipe& recipe) {
  ordered_json activations = ordered_json::array();
  ordered_json params = ordered_json::array();
  for (const Quantizer& quantizer : graph.quantizers) {
    const EncodingList* const list = find_encodings(encodings, quantizer);
    if (!list) continue;
    check_range_is_the_grids(quantizer.key(), *list, "1.0.0");
    ordered_json& section = quantizer.role == QuantizerRole::param ? params : activations;
    for (const std::string& name : names_of(quantizer)) section.push_back(entry_1_0(name, quantizer, *list));
  }
  return {{"version", "1.0.0"},
          {"activation_encodings", activations},
          {"param_encodings", params},
          {"excluded_layers", ordered_json::array()},
          {"quantizer_args", arguments_of(recipe)}};
}

/// Symmetric grids around zero are signed, all others unsigned: unsigned zero point = −offset, signed one = lowest code
/// − offset. A symmetric grid that starts at zero is unsigned.
ordered_json entry_2_0(const std::string& name, const Quantizer& quantizer, const EncodingList& list) {
  const Encoding& first = list.front();
  const bool is_signed = first.symmetric && first.offset != 0;
  const double lowest = is_signed ? -(1 << (first.bits - 1)) : 0;
  ordered_json entry{{"name", name}, {"output_dtype", (is_signed ? "int" : "uint") + std::to_string(first.bits)}};
  ordered_json scales = ordered_json::array(), zero_points = ordered_json::array();
  bool shifted = false;
  for (const Encoding& encoding : list) {
    scales.push_back(encoding.scale);
    zero_points.push_back(whole(lowest - encoding.offset));
    shifted = shifted || zero_points.back() != 0;
  }
  const bool per_channel = is_per_channel(quantizer, list);
  if (per_channel) entry["axis"] = 0;
  entry["y_scale"] = per_channel ? scales : scales.front();
  if (shifted) entry["y_zero_point"] = per_channel ? zero_points : zero_points.front();
  return entry;
}

ordered_json document_2_0(const Graph& graph, const EncodingMap& encodings) {
  ordered_json entries = ordered_json::array();
  for (const Quantizer& quantizer : graph.quantizers) {
    const EncodingList* const list = find_encodings(encodings, quantizer);
    if (!list) continue;
    check_range_is_the_grids(quantizer.key(), *list, "2.0.0");
    for (const std::string& name : names_of(quantizer)) entries.push_back(entry_2_0(name, quantizer, *list));
  }
  return {{"version", "2.0.0"}, {"encodings", entries}};
}

}  // namespace

std::string format_aimet_encodings(const Graph& graph, const EncodingMap& encodings, const QuantRecipe& recipe,
                                   EncodingsVersion version) {
  const EncodingsMismatch mismatch = match_encodings(graph, encodings);
  if (!mismatch.without_quantizer.empty())
    throw InternalError("encodings without a quantizer cannot be written: " + mismatch.without_quantizer.front());
  const auto document = [&] {
    switch (version) {
      case EncodingsVersion::v1_0_0: return document_1_0(graph, encodings, recipe);
      case EncodingsVersion::v2_0_0: return document_2_0(graph, encodings);
      case EncodingsVersion::v0_6_1: break;
    }
    return document_0_6(graph, encodings, recipe);
  };
  return document().dump(4) + "\n";
}

EncodingsVersion parse_encodings_version(std::string_view name) {
  if (name == "0.6.1") return EncodingsVersion::v0_6_1;
  if (name == "1.0.0") return EncodingsVersion::v1_0_0;
  if (name == "2.0.0") return EncodingsVersion::v2_0_0;
  throw InternalError("no encodings version that can be written: " + std::string(name));
}

}  // namespace qeval
