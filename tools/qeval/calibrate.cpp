#include "tools/qeval/calibrate.h"

#include "pipeline/base/errors.h"
#include "stages/flow/network_stages.h"
#include "stages/quant/calibration.h"
#include "tools/qeval/bad_images.h"
#include "tools/qeval/encoding_records.h"
#include "tools/qeval/image_graph.h"
#include "tools/qeval/job_progress.h"
#include "tools/qeval/sinks.h"
#include "tools/qeval/stored_content.h"

namespace qeval {
namespace {

EncodingSetRecord make_set(const PreparedVariant& v, const EncodingTable& encodings) {
  EncodingSetRecord set;
  set.name = v.spec.name + " of " + v.model.name;
  set.cache_key = v.calibration_key;
  set.origin = v.calibrates() ? "calibrated" : "imported";
  set.mode = mode_name(v.quant->mode);
  const QuantizationSpec& spec = v.spec.quantization;
  set.source_path = (spec.freeze_encodings.empty() ? spec.import_encodings : spec.freeze_encodings).string();
  set.key_components = v.calibration_components;
  set.calibration_images = static_cast<std::int64_t>(v.calibration.entries.size());
  set.encodings = encoding_records(v.graph, encodings);
  return set;
}

/// Frozen encodings stay as their file has them, whatever calibration makes of the others.
void put_frozen(const PreparedVariant& v, EncodingTable& table) {
  const EncodingTable frozen = encoding_table(v.graph, v.imported);
  for (std::size_t q = 0; q < table.size(); ++q)
    if (!frozen[q].empty()) table[q] = frozen[q];
}

/// Frozen quantizers observe nothing. In aimet-torch-2 they quantize meanwhile, in the other modes they let pass.
std::vector<int> observed_sites(const PreparedVariant& v, EncodingTable& table) {
  std::vector<int> sites = activation_call_sites(v.graph);
  for (std::size_t q = 0; q < table.size(); ++q) {
    if (v.graph.quantizers[q].role == QuantizerRole::param || table[q].empty()) continue;
    sites[q] = 0;
    if (v.quant->mode != NumericsMode::aimet_torch_2) table[q].clear();
  }
  return sites;
}

/// The states were made by the same network under the same key: what does not fit was damaged since.
void restore(ObserverBank& bank, const CalibrationProgress& before, const RunStore& store) {
  if (before.states.empty()) return;
  take_stored(store.file(), "the state of a calibration", [&] { bank.restore(before.states); });
}

/// False if stopped before the last batch.
bool observe_images(const PreparedVariant& v, const RunSettings& settings, const EncodingTable& encodings,
                    ObserverBank& bank, RunStore& store, StopToken& stop, ProgressMode mode) {
  const CalibrationProgress before = store.calibration_progress(v.calibration_key);
  restore(bank, before, store);

  ExecutorOptions options = v.executor_options(settings.device);
  options.kind = "simulated";  // one set of encodings, under one key, for both ways to add up
  const auto executor = make_executor(v.graph, encodings, options);
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
                                          before.batches_done * v.calibration_batch_size, graph);
  const GraphSummary summary = graph.run(std::move(left), {"observe", &stage, 0}, {"commit", &sink}, stop,
                                         progress.get(), [&bank] { bank.abort(); });
  progress->finish();
  return !summary.stopped;
}

/// nullopt if stopped before the last batch.
std::optional<EncodingTable> calibrated_table(const PreparedVariant& v, const RunSettings& settings, RunStore& store,
                                              StopToken& stop, ProgressMode progress) {
  EncodingTable table = v.known_encodings();
  ObserverBank bank(observed_sites(v, table), activation_schemes(v.graph, v.quant->scheme), v.quant->mode);
  if (v.reads_calibration_images() && !observe_images(v, settings, table, bank, store, stop, progress))
    return std::nullopt;
  add_activation_encodings(v.graph, *v.quant, bank, table);
  put_frozen(v, table);
  return table;
}

}  // namespace

std::optional<CalibrationOutcome> provide_encodings(const PreparedVariant& v, const RunSettings& settings,
                                                    RunStore& store, StopToken& stop, ProgressMode progress) {
  CalibrationOutcome outcome;
  auto stored = store.find_encoding_set(v.calibration_key, &outcome.set_id);
  if (!stored) {
    const auto table = v.calibrates() ? calibrated_table(v, settings, store, stop, progress)
                                      : std::optional(v.known_encodings());
    if (!table) return std::nullopt;
    store.save_encoding_set(make_set(v, *table));
    stored = store.find_encoding_set(v.calibration_key, &outcome.set_id);
  }
  // Always as stored: a later run must compute with the same numbers, and SQLite knows no negative zero.
  outcome.encodings = encoding_map(stored->encodings);
  for (const Quantizer& quantizer : v.graph.quantizers)
    if (!outcome.encodings.count(quantizer.key())) outcome.without_data.push_back(quantizer.key());
  return outcome;
}

}  // namespace qeval
