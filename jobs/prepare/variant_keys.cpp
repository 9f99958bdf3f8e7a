#include "jobs/prepare/variant_keys.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "stages/flow/network_scores.h"
#include "stages/quant/arithmetic/exact_sums.h"

namespace qeval {
namespace {

void add_components(const KeyComponents& more, KeyComponents& components) {
  components.insert(more.begin(), more.end());
}

/// All that decides the encodings of weights, beside the weights. Activations are not in it: a network that was tuned
/// serves every setting of theirs.
std::string weight_quantization(const PreparedVariant& v) {
  std::string text =
      fmt::format("mode={} scheme={}\n", mode_name(v.recipe.quant->mode), scheme_name(v.recipe.quant->scheme));
  for (const Node& node : v.network.graph.nodes) {
    if (node.weight_quantizer < 0) continue;
    const Quantizer& q = v.network.graph.quantizers[static_cast<std::size_t>(node.weight_quantizer)];
    text += fmt::format("{} bits={} symmetric={} strict={} unsigned={} per_channel={} axis={} block={} float16={}\n",
                        node.name, q.bits, q.symmetric, q.strict_symmetric, q.unsigned_symmetric, q.per_channel,
                        q.channel_axis, q.block_size, q.float16);
  }
  return text;
}

/// Two executors with the same bits have the same keys.
void add_executor(const PreparedVariant& v, KeyComponents& components) {
  const std::string kind = v.executor_options("").kind;
  components["executor"] = sums_are_exact(kind) ? exact_executor_kind : kind;
  if (sums_are_exact(kind)) components["exact_sums"] = "layers, means, functions, norms";
}

/// Calibration comes behind it: `common` gets its key.
void make_tuning_key(PreparedVariant& v, KeyComponents& common) {
  if (!v.recipe.tuning) return;
  KeyComponents& components = v.identity.tuning.components;
  components = common;
  components["graph"] = v.network.unquantized_graph_sha256;
  components["tuning_method"] = v.recipe.tuning->method;
  components["changes"] = network_changes(v.spec.quantization);
  components["weight_quantization"] = sha256_hex(weight_quantization(v));
  components["calibration_manifest"] = v.images.calibration.fingerprint();
  components["calibration_batch_size"] = std::to_string(v.recipe.calibration_batch_size);
  add_components(v.recipe.fixed_encodings, components);
  v.identity.tuning.key = make_key(components);
  common["tuning"] = v.recipe.tuning->method + " " + v.identity.tuning.key;
}

}  // namespace

void make_keys(PreparedVariant& v, const std::string& device, const std::string& environment,
               const std::string& preprocess) {
  KeyComponents common{{"weights_sha256", v.network.model.sha256},
                       {"graph", sha256_hex(v.network.graph.identity())},
                       {"preprocess", preprocess},
                       {"device", device},
                       {"environment", environment}};
  if (!v.network.external_data_sha256.empty()) common["external_data_sha256"] = v.network.external_data_sha256;
  if (!v.network.chosen_dictionary.empty()) common["state_dict"] = v.network.chosen_dictionary;
  if (!v.network.chosen_output.empty()) common["output"] = v.network.chosen_output;
  v.identity.evaluation.components = common;
  v.identity.evaluation.components["manifest"] = v.images.evaluation.fingerprint();
  v.identity.evaluation.components["batch_size"] = std::to_string(v.recipe.batch_size);
  v.identity.evaluation.components["ranking"] = top_k_rule;
  // Logits have been the rule since the first key.
  if (const ScoreKind kind = network_scores(v.network.graph).kind; kind != ScoreKind::logits)
    v.identity.evaluation.components["scores"] =
        kind == ScoreKind::probabilities ? "probabilities" : "log-probabilities";
  add_executor(v, v.identity.evaluation.components);
  if (!v.recipe.quant) {
    v.identity.evaluation.components["quantization"] = "none";
  } else {
    v.identity.evaluation.components["quantization"] = v.recipe.quant->identity();
    // For whoever compares runs: identity follows from the graph and the encodings' key already.
    if (const std::string changes = network_changes(v.spec.quantization); !changes.empty())
      v.identity.evaluation.components["changes"] = changes;
    make_tuning_key(v, common);
    if (v.calibrates()) {
      v.identity.encodings.components = common;
      v.identity.encodings.components["quantization"] = v.recipe.quant->identity();
      if (v.reads_calibration_images()) {
        v.identity.encodings.components["calibration_manifest"] = v.images.calibration.fingerprint();
        v.identity.encodings.components["calibration_batch_size"] = std::to_string(v.recipe.calibration_batch_size);
      }
      add_components(v.recipe.fixed_encodings, v.identity.encodings.components);
      v.identity.encodings.key = make_key(v.identity.encodings.components);
      v.identity.evaluation.components["encodings"] = "calibrated " + v.identity.encodings.key;
    } else {
      v.identity.encodings.components = {{"quantization", v.recipe.quant->identity()}, {"graph", common.at("graph")}};
      add_components(v.recipe.fixed_encodings, v.identity.encodings.components);
      v.identity.encodings.key = make_key(v.identity.encodings.components);
      v.identity.evaluation.components["encodings"] = "imported " + v.identity.encodings.key;
    }
  }
  v.identity.evaluation.key = make_key(v.identity.evaluation.components);
}

void mark_repetition(KeyComponents& components, const std::string& run_name) { components["repetition"] = run_name; }

void make_keys_of_repetition(PreparedVariant& v, const std::string& run_name) {
  if (!v.recipe.quant) return;
  const auto rename = [&](KeyComponents& components, std::string& key) {
    mark_repetition(components, run_name);
    key = make_key(components);
  };
  rename(v.identity.encodings.components, v.identity.encodings.key);
  if (v.recipe.tuning) rename(v.identity.tuning.components, v.identity.tuning.key);
}

std::string network_changes(const QuantizationSpec& spec) {
  std::vector<std::string> changes;
  if (spec.equalize) changes.emplace_back("equalized");
  if (spec.rounding == WeightRounding::adaround)
    changes.push_back(fmt::format("AdaRound ({} iterations, regularization {}, learning rate {})",
                                  adaround_iterations(spec), spec.adaround_regularization,
                                  spec.adaround_learning_rate));
  if (spec.bias_correction != BiasCorrectionMethod::none)
    changes.push_back("biases corrected (" + word_of(spec.bias_correction) + ")");
  return fmt::format("{}", fmt::join(changes, ", "));
}

int adaround_iterations(const QuantizationSpec& spec) {
  if (spec.adaround_iterations != 0) return spec.adaround_iterations;
  return spec.param_bits < 8 ? 15'000 : 10'000;
}

}  // namespace qeval
