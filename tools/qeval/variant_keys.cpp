#include "tools/qeval/variant_keys.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "stages/flow/network_scores.h"

namespace qeval {
namespace {

void add_components(const KeyComponents& more, KeyComponents& components) {
  components.insert(more.begin(), more.end());
}

/// All that decides the encodings of weights, beside the weights. Activations are not in it: a network that was tuned serves
/// every setting of theirs.
std::string weight_quantization(const PreparedVariant& v) {
  std::string text = fmt::format("mode={} scheme={}\n", mode_name(v.quant->mode), scheme_name(v.quant->scheme));
  for (const Node& node : v.graph.nodes) {
    if (node.weight_quantizer < 0) continue;
    const Quantizer& q = v.graph.quantizers[static_cast<std::size_t>(node.weight_quantizer)];
    text += fmt::format("{} bits={} symmetric={} strict={} unsigned={} per_channel={} axis={} block={} float16={}\n", node.name,
                        q.bits, q.symmetric, q.strict_symmetric, q.unsigned_symmetric, q.per_channel, q.channel_axis,
                        q.block_size, q.float16);
  }
  return text;
}

/// Calibration comes behind it: `common` gets its key.
void make_tuning_key(PreparedVariant& v, KeyComponents& common) {
  if (!v.tuning) return;
  KeyComponents& components = v.tuning->components;
  components = common;
  components["graph"] = v.unquantized_graph_sha256;
  components["tuning_method"] = v.tuning->method;
  components["changes"] = network_changes(v.spec.quantization);
  components["weight_quantization"] = sha256_hex(weight_quantization(v));
  components["calibration_manifest"] = v.calibration.fingerprint();
  components["calibration_batch_size"] = std::to_string(v.calibration_batch_size);
  add_components(v.imported_components, components);
  v.tuning->key = make_key(components);
  common["tuning"] = v.tuning->method + " " + v.tuning->key;
}

}  // namespace

void make_keys(PreparedVariant& v, const std::string& device, const std::string& environment,
               const std::string& preprocess) {
  KeyComponents common{{"weights_sha256", v.model.sha256},
                             {"graph", sha256_hex(v.graph.identity())},
                             {"preprocess", preprocess},
                             {"device", device},
                             {"environment", environment}};
  if (!v.external_data_sha256.empty()) common["external_data_sha256"] = v.external_data_sha256;
  if (!v.chosen_dictionary.empty()) common["state_dict"] = v.chosen_dictionary;
  if (!v.chosen_output.empty()) common["output"] = v.chosen_output;
  v.eval_components = common;
  v.eval_components["manifest"] = v.manifest.fingerprint();
  v.eval_components["batch_size"] = std::to_string(v.batch_size);
  v.eval_components["ranking"] = top_k_rule;
  // Logits have been the rule since the first key.
  if (const ScoreKind kind = network_scores(v.graph).kind; kind != ScoreKind::logits)
    v.eval_components["scores"] = kind == ScoreKind::probabilities ? "probabilities" : "log-probabilities";
  v.eval_components["executor"] = v.quant ? v.spec.quantization.executor : "float";
  if (!v.quant) {
    v.eval_components["quantization"] = "none";
  } else {
    v.eval_components["quantization"] = v.quant->identity();
    // For whoever compares runs: identity follows from the graph and the encodings' key already.
    if (const std::string changes = network_changes(v.spec.quantization); !changes.empty())
      v.eval_components["changes"] = changes;
    make_tuning_key(v, common);
    if (v.calibrates()) {
      v.calibration_components = common;
      v.calibration_components["quantization"] = v.quant->identity();
      if (v.reads_calibration_images()) {
        v.calibration_components["calibration_manifest"] = v.calibration.fingerprint();
        v.calibration_components["calibration_batch_size"] = std::to_string(v.calibration_batch_size);
      }
      add_components(v.imported_components, v.calibration_components);
      v.calibration_key = make_key(v.calibration_components);
      v.eval_components["encodings"] = "calibrated " + v.calibration_key;
    } else {
      v.calibration_components = {{"quantization", v.quant->identity()}, {"graph", common.at("graph")}};
      add_components(v.imported_components, v.calibration_components);
      v.calibration_key = make_key(v.calibration_components);
      v.eval_components["encodings"] = "imported " + v.calibration_key;
    }
  }
  v.eval_key = make_key(v.eval_components);
}

void make_keys_of_repetition(PreparedVariant& v, const std::string& run_name) {
  if (!v.quant) return;
  const auto rename = [&](KeyComponents& components, std::string& key) {
    components["repetition"] = run_name;
    key = make_key(components);
  };
  rename(v.calibration_components, v.calibration_key);
  if (v.tuning) rename(v.tuning->components, v.tuning->key);
}

std::string network_changes(const QuantizationSpec& spec) {
  std::vector<std::string> changes;
  if (spec.equalize) changes.emplace_back("equalized");
  if (spec.rounding == "adaround")
    changes.push_back(fmt::format("AdaRound ({} iterations, regularization {}, learning rate {})",
                                  adaround_iterations(spec), spec.adaround_regularization,
                                  spec.adaround_learning_rate));
  if (spec.bias_correction != "none") changes.push_back("biases corrected (" + spec.bias_correction + ")");
  return fmt::format("{}", fmt::join(changes, ", "));
}

int adaround_iterations(const QuantizationSpec& spec) {
  if (spec.adaround_iterations != 0) return spec.adaround_iterations;
  return spec.param_bits < 8 ? 15'000 : 10'000;
}

}  // namespace qeval
