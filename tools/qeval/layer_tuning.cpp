#include "tools/qeval/layer_tuning.h"

#include <fmt/core.h>

#include "pipeline/base/errors.h"
#include "stages/flow/network_stages.h"
#include "stages/infer/executor_library.h"
#include "storage/damage.h"
#include "tools/qeval/bad_images.h"
#include "tools/qeval/image_graph.h"
#include "tools/qeval/job_progress.h"
#include "tools/qeval/layer_progress.h"

namespace qeval {
namespace {

/// Batches have nothing to commit here: what is kept of them is only in memory.
class CountingSink : public BatchSink {
 public:
  explicit CountingSink(BadImages& bad) : bad_(bad) {}
  void commit(Batch& batch) override {
    bad_.count(batch);
    if (bad_.over_limit()) throw RunError(bad_.explain());
  }

 private:
  BadImages& bad_;
};

/// Puts stored rows into `graph`, as many as there are. They were stored under a key that says which network they belong to.
void apply_rows(const LayerTuner& tuner, const std::vector<TunedLayerRecord>& rows, Graph& graph,
                const std::filesystem::path& database) {
  if (rows.size() > tuner.layers().size()) throw_damaged(database, "more layers than there are");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Node& layer = graph.nodes[tuner.layers()[i]];
    const std::string stored = fmt::format("{} of {}", rows[i].kind, rows[i].layer);
    if (layer.name != rows[i].layer || tuner.kind() != rows[i].kind)
      throw_damaged(database, fmt::format("stored {} where {} of {} is expected", stored, tuner.kind(), layer.name));
    if (!tuner.fits(rows[i].content, layer)) throw_damaged(database, stored + " has another size");
    tuner.apply(rows[i].content, layer);
  }
}

/// Rounded weights must not be laid on another grid afterwards.
void freeze_rounded(PreparedVariant& v, const LayerTuner& tuner, const EncodingTable& table) {
  if (!v.tuning->rounds()) return;
  for (const std::size_t index : tuner.layers()) {
    const auto quantizer = static_cast<std::size_t>(v.graph.nodes[index].weight_quantizer);
    v.imported[v.graph.quantizers[quantizer].key()] = table[quantizer];
  }
}

class Tuning {
 public:
  Tuning(PreparedVariant& v, const RunSettings& settings, RunStore& store, StopToken& stop, ProgressMode mode)
      : v_(v),
        settings_(settings),
        store_(store),
        stop_(stop),
        mode_(mode),
        table_(v.known_encodings()),
        tuner_(make_layer_tuner(v, table_)),
        graph_(v.graph) {}

  bool run() {
    const std::vector<TunedLayerRecord> stored = store_.tuned_layers(v_.tuning->key);
    apply_rows(*tuner_, stored, graph_, store_.file());
    if (stored.size() < tuner_->layers().size() && !tune(stored.size())) return false;
    freeze_rounded(v_, *tuner_, table_);
    v_.graph = std::move(graph_);
    return true;
  }

 private:
  /// All layers but the first `done`; false if stopped before the last one.
  bool tune(std::size_t done) {
    const Concurrency concurrency = resolve_concurrency(settings_, v_.eval_components.at("device") == "cpu");
    ImageGraph images(v_.calibration, v_.recipe, v_.calibration_batch_size, concurrency);
    const auto batches = static_cast<std::size_t>(images.batch_count());
    const auto executor = make_executor(batches, done);
    const LayerWork work{*executor, batches, concurrency.replicas, [this] { return !stop_.requested(); }};
    return admit(images, *executor) && learn(done, work);
  }

  /// Compares with the network as it was, and is as far as the network is by now.
  std::unique_ptr<LayerwiseExecutor> make_executor(std::size_t batches, std::size_t done) {
    ExecutorOptions options = v_.executor_options(settings_.device);
    options.kind = "simulated";  // one outcome, under one key, for both ways to add up
    auto executor = make_layerwise_executor(v_.graph, table_, batches, k_layerwise_bytes, options);
    for (std::size_t i = 0; i < done; ++i) replace(*executor, tuner_->layers()[i]);
    return executor;
  }

  void replace(LayerwiseExecutor& executor, std::size_t index) const {
    executor.replace(index, graph_.nodes[index].weight, graph_.nodes[index].bias);
  }

  bool admit(ImageGraph& images, LayerwiseExecutor& executor) {
    BadImages bad(settings_, v_.calibration, 0, stop_);
    AdmitStage stage(executor);
    CountingSink sink(bad);
    const auto progress = make_job_progress(mode_, label() + " images", "admit",
                                            static_cast<std::int64_t>(v_.calibration.entries.size()), 0, images);
    const GraphSummary summary = images.run(batches_left(images.batch_count(), {}), {"admit", &stage, 0},
                                            {"count", &sink}, stop_, progress.get());
    progress->finish();
    return !summary.stopped;
  }

  bool learn(std::size_t done, const LayerWork& work) {
    LayerProgress progress(mode_, label(), done, tuner_->layers().size());
    for (; done < tuner_->layers().size(); ++done) {
      const std::size_t index = tuner_->layers()[done];
      Node& layer = graph_.nodes[index];
      const auto content =
          tuner_->learn(work, index, layer, [&](double share) { progress.within(layer.name, share); });
      if (!content) return false;
      store_.commit_tuned_layer(v_.tuning->key, v_.tuning->components, {layer.name, tuner_->kind(), *content});
      tuner_->apply(*content, layer);
      replace(work.executor, index);
      progress.done(layer.name);
    }
    return true;
  }

  std::string label() const { return v_.spec.name + " " + v_.tuning->title(); }

  PreparedVariant& v_;
  const RunSettings& settings_;
  RunStore& store_;
  StopToken& stop_;
  ProgressMode mode_;
  const EncodingTable table_;
  const std::unique_ptr<LayerTuner> tuner_;
  Graph graph_;  ///< changed so far
};

}  // namespace

bool tune_layers(PreparedVariant& v, const RunSettings& settings, RunStore& store, StopToken& stop, ProgressMode mode) {
  return !v.tuning || Tuning(v, settings, store, stop, mode).run();
}

bool apply_stored_tuning(PreparedVariant& v, const std::vector<TunedLayerRecord>& rows,
                         const std::filesystem::path& database) {
  const EncodingTable table = v.known_encodings();
  const auto tuner = make_layer_tuner(v, table);
  if (rows.size() != tuner->layers().size()) return false;
  apply_rows(*tuner, rows, v.graph, database);
  freeze_rounded(v, *tuner, table);
  return true;
}

}  // namespace qeval
