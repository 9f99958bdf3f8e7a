#include "tools/qeval/calibrate.h"

#include "pipeline/errors.h"
#include "stages/flow/network_stages.h"
#include "stages/quant/observer.h"
#include "tools/qeval/bad_images.h"
#include "tools/qeval/image_graph.h"
#include "tools/qeval/job_progress.h"
#include "tools/qeval/sinks.h"

namespace qeval {
namespace {

QuantizerSettings settings_of(const Quantizer& quantizer) {
  return {quantizer.bits, quantizer.symmetric, quantizer.strict_symmetric, quantizer.unsigned_symmetric};
}

/// Parameters are encoded from the whole tensor before any image is seen, as AIMET does.
EncodingMap parameter_encodings(const Graph& graph, const QuantRecipe& recipe) {
  EncodingMap map;
  const auto encode = [&](int index, const Tensor& tensor) {
    if (index < 0 || !tensor.defined()) return;
    const Quantizer& quantizer = graph.quantizers[static_cast<std::size_t>(index)];
    map[quantizer.key()] = compute_weight_encodings(tensor.values(), tensor.size(0), quantizer.per_channel,
                                                    recipe.scheme, recipe.mode, settings_of(quantizer));
  };
  for (const Node& node : graph.nodes) {
    encode(node.weight_quantizer, node.weight);
    encode(node.bias_quantizer, node.bias);
  }
  return map;
}

/// How often each activation quantizer is fed per batch; parameters are never observed.
std::vector<int> activation_call_sites(const Graph& graph) {
  std::vector<int> sites;
  for (const Quantizer& quantizer : graph.quantizers)
    sites.push_back(quantizer.role == QuantizerRole::param ? 0 : quantizer.call_sites);
  return sites;
}

void add_activation_encodings(const Graph& graph, const ObserverBank& bank, CalibrationOutcome& outcome) {
  for (std::size_t q = 0; q < graph.quantizers.size(); ++q) {
    const Quantizer& quantizer = graph.quantizers[q];
    if (quantizer.role == QuantizerRole::param) continue;
    const Encoding encoding = bank.observer(static_cast<int>(q)).compute(settings_of(quantizer));
    if (encoding.bits == 0)
      outcome.without_data.push_back(quantizer.key());
    else
      outcome.encodings[quantizer.key()] = {encoding};
  }
}

EncodingSetRecord make_set(const PreparedVariant& v, const EncodingMap& encodings) {
  EncodingSetRecord set;
  set.name = v.spec.name + " of " + v.model.name;
  set.cache_key = v.calibration_key;
  set.origin = v.calibrates() ? "calibrated" : "imported";
  set.mode = mode_name(v.quant->mode);
  set.source_path = v.spec.quantization.import_encodings.string();
  set.key_components = v.calibration_components;
  set.calibration_images = static_cast<std::int64_t>(v.calibration.entries.size());
  set.encodings = encoding_records(v.graph, encodings);
  return set;
}

/// False if stopped before the last batch.
bool observe_images(const PreparedVariant& v, const RunSettings& settings, const EncodingMap& parameters,
                    ObserverBank& bank, RunStore& store, StopToken& stop, ProgressMode mode) {
  const CalibrationProgress before = store.calibration_progress(v.calibration_key);
  if (!before.states.empty()) bank.restore(before.states);

  const auto executor =
      make_executor(v.graph, encoding_table(v.graph, parameters), v.executor_options(settings.device));
  const Concurrency concurrency = resolve_concurrency(settings, executor->device() == "cpu");
  ImageGraph graph(v.calibration, v.recipe, v.calibration_batch_size, concurrency);
  std::vector<std::int64_t> left;
  for (std::int64_t number = before.batches_done; number < graph.batch_count(); ++number) left.push_back(number);
  if (left.empty()) return true;

  BadImages bad(settings, v.calibration, 0, stop);
  ObserveStage stage(*executor, bank);
  CalibrationSink sink(store, v.calibration_key, bad);
  const auto images = static_cast<std::int64_t>(v.calibration.entries.size());
  const auto progress = make_job_progress(mode, v.spec.name + " calibration", "observe", images,
                                          before.batches_done * v.calibration_batch_size, concurrency);
  const GraphSummary summary = graph.run(std::move(left), {"observe", &stage, 0}, {"commit", &sink}, stop,
                                         progress.get(), [&bank] { bank.abort(); });
  progress->finish();
  return !summary.stopped;
}

}  // namespace

std::optional<CalibrationOutcome> provide_encodings(const PreparedVariant& v, const RunSettings& settings,
                                                    RunStore& store, StopToken& stop, ProgressMode progress) {
  CalibrationOutcome outcome;
  if (const auto stored = store.find_encoding_set(v.calibration_key, &outcome.set_id)) {
    outcome.encodings = encoding_map(stored->encodings);
    outcome.from_database = true;
    for (const Quantizer& quantizer : v.graph.quantizers)
      if (!outcome.encodings.count(quantizer.key())) outcome.without_data.push_back(quantizer.key());
    return outcome;
  }
  if (v.calibrates()) {
    outcome.encodings = parameter_encodings(v.graph, *v.quant);
    ObserverBank bank(activation_call_sites(v.graph), v.quant->scheme, v.quant->mode);
    if (!observe_images(v, settings, outcome.encodings, bank, store, stop, progress)) return std::nullopt;
    add_activation_encodings(v.graph, bank, outcome);
  } else {
    outcome.encodings = v.imported;
  }
  outcome.set_id = store.save_encoding_set(make_set(v, outcome.encodings));
  return outcome;
}

}  // namespace qeval
