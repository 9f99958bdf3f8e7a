#include "jobs/run/calibrate.h"

#include <numeric>

#include "jobs/prepare/encoding_records.h"
#include "jobs/run/run_images.h"
#include "jobs/run/sinks.h"
#include "jobs/run/stored_content.h"
#include "stages/flow/network_stages.h"
#include "stages/quant/calibration.h"

namespace qeval {
namespace {

EncodingSetRecord make_set(const PreparedVariant& v, const EncodingTable& encodings) {
  EncodingSetRecord set;
  set.name = v.spec.name + " of " + v.network.model.name;
  set.cache_key = v.identity.encodings.key;
  set.origin = v.calibrates() ? "calibrated" : "imported";
  set.mode = mode_name(v.recipe.quant->mode);
  const QuantizationSpec& spec = v.spec.quantization;
  set.source_path = (spec.freeze_encodings.empty() ? spec.import_encodings : spec.freeze_encodings).string();
  set.key_components = v.identity.encodings.components;
  set.calibration_images = static_cast<std::int64_t>(v.images.calibration.entries.size());
  set.encodings = encoding_records(v.network.graph, encodings);
  return set;
}

/// Frozen encodings stay as their file has them, whatever calibration makes of the others.
void put_frozen(const PreparedVariant& v, EncodingTable& table) {
  const EncodingTable frozen = encoding_table(v.network.graph, v.network.fixed_encodings);
  for (std::size_t q = 0; q < table.size(); ++q)
    if (!frozen[q].empty()) table[q] = frozen[q];
}

/// Frozen quantizers observe nothing. In aimet-torch-2 they quantize meanwhile, in the other modes they let pass.
std::vector<int> observed_sites(const PreparedVariant& v, EncodingTable& table) {
  std::vector<int> sites = activation_call_sites(v.network.graph);
  for (std::size_t q = 0; q < table.size(); ++q) {
    if (v.network.graph.quantizers[q].role == QuantizerRole::param || table[q].empty()) continue;
    sites[q] = 0;
    if (v.recipe.quant->mode != NumericsMode::aimet_torch_2) table[q].clear();
  }
  return sites;
}

std::vector<std::int64_t> first_batches(std::int64_t count) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

/// The states were made by the same network under the same key: what does not fit was damaged since.
void restore(ObserverBank& bank, const CalibrationProgress& before, const RunStore& store) {
  if (before.states.empty()) return;
  take_stored(store.file(), "the state of a calibration", [&] { bank.restore(before.states); });
}

/// False if stopped before the last batch.
bool observe_images(const JobContext& context, const RunSettings& settings, const PreparedVariant& v,
                    const EncodingTable& encodings, ObserverBank& bank) {
  const CalibrationProgress before = context.store.calibration_progress(v.identity.encodings.key);
  restore(bank, before, context.store);

  ExecutorOptions options = v.executor_options(settings.device);
  options.kind = "simulated";  // one set of encodings, under one key, for both ways to add up
  const auto executor =
      context.executors.make(v.network.graph, encodings_while_observing(v.network.graph, encodings), options);
  ImageGraph graph(v.images.calibration, v.recipe.preprocess, v.recipe.calibration_batch_size,
                   resolve_concurrency(settings, executor->device()));
  ObserveStage stage(*executor, bank);
  CalibrationSink sink(context.store, v.identity.encodings.key);
  // Progress keeps no list of bad images, so a batch that breaks the limit is not committed.
  return run_images(context, settings,
                    {.graph = graph,
                     .label = v.spec.name + " calibration",
                     .done = first_batches(before.batches_done),
                     .limit = BadImageLimit::before_commit,
                     .on_failure = [&bank] { bank.abort(); }},
                    "observe", stage, &sink);
}

/// nullopt if stopped before the last batch.
std::optional<EncodingTable> calibrated_table(const JobContext& context, const RunSettings& settings,
                                              const PreparedVariant& v) {
  EncodingTable table = v.known_encodings();
  ObserverBank bank(observed_sites(v, table), activation_schemes(v.network.graph, *v.recipe.quant),
                    v.recipe.quant->mode);
  if (v.reads_calibration_images() && !observe_images(context, settings, v, table, bank)) return std::nullopt;
  add_activation_encodings(v.network.graph, *v.recipe.quant, bank, table);
  put_frozen(v, table);
  return table;
}

}  // namespace

std::optional<CalibrationOutcome> provide_encodings(const JobContext& context, const RunSettings& settings,
                                                    const PreparedVariant& v) {
  RunStore& store = context.store;
  CalibrationOutcome outcome;
  auto stored = store.find_encoding_set(v.identity.encodings.key, &outcome.set_id);
  if (!stored) {
    const auto table = v.calibrates() ? calibrated_table(context, settings, v) : std::optional(v.known_encodings());
    if (!table) return std::nullopt;
    store.save_encoding_set(make_set(v, *table));
    stored = store.find_encoding_set(v.identity.encodings.key, &outcome.set_id);
  }
  // Always as stored: a later run must compute with the same numbers, and SQLite knows no negative zero.
  outcome.encodings = encoding_table(v.network.graph, encoding_map(stored->encodings));
  for (std::size_t q = 0; q < outcome.encodings.size(); ++q)
    if (outcome.encodings[q].empty()) outcome.without_data.push_back(v.network.graph.quantizers[q].key());
  return outcome;
}

}  // namespace qeval
