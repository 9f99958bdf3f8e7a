#include "tools/qeval/layer_tuning.h"

#include <fmt/core.h>

#include "pipeline/errors.h"
#include "stages/flow/network_stages.h"
#include "stages/infer/executor_library.h"
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

/// Puts stored rows into `graph`, as many as there are.
void apply_rows(const LayerTuner& tuner, const std::vector<TunedLayerRecord>& rows, Graph& graph) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Node& layer = graph.nodes[tuner.layers().at(i)];
    if (layer.name != rows[i].layer || tuner.kind() != rows[i].kind)
      throw InternalError(fmt::format("stored {} of {} where {} of {} is expected", rows[i].kind, rows[i].layer,
                                      tuner.kind(), layer.name));
    tuner.apply(rows[i].content, layer);
  }
}

/// Rounded weights must not be laid on another grid afterwards.
void freeze_rounded(PreparedVariant& v, const LayerTuner& tuner, const EncodingTable& table) {
  if (tuner.kind() != "rounding") return;
  for (const std::size_t index : tuner.layers()) {
    const auto quantizer = static_cast<std::size_t>(v.graph.nodes[index].weight_quantizer);
    v.imported[v.graph.quantizers[quantizer].key()] = table[quantizer];
  }
}

class Tuning {
 public:
  Tuning(PreparedVariant& v, const RunSettings& settings, RunStore& store, StopToken& stop, ProgressMode mode)
      : v_(v), settings_(settings), store_(store), stop_(stop), mode_(mode), table_(v.known_encodings()), graph_(v.graph) {}

  bool run() {
    std::vector<std::unique_ptr<LayerTuner>> tuners;
    for (const LayerTuning& tuning : v_.tunings) {
      tuners.push_back(make_layer_tuner(v_, tuning, table_));
      if (!tune(tuning, *tuners.back())) return false;
    }
    for (const auto& tuner : tuners) freeze_rounded(v_, *tuner, table_);
    v_.graph = std::move(graph_);
    return true;
  }

 private:
  /// False if stopped before the last layer.
  bool tune(const LayerTuning& tuning, const LayerTuner& tuner) {
    const std::vector<TunedLayerRecord> stored = store_.tuned_layers(tuning.key);
    apply_rows(tuner, stored, graph_);
    if (stored.size() == tuner.layers().size()) return true;
    const Concurrency concurrency = resolve_concurrency(settings_, v_.eval_components.at("device") == "cpu");
    ImageGraph images(v_.calibration, v_.recipe, v_.calibration_batch_size, concurrency);
    const auto executor = make_executor(static_cast<std::size_t>(images.batch_count()));
    if (!admit(tuning, images, *executor)) return false;
    LayerTuner::Work work{*executor, static_cast<std::size_t>(images.batch_count()), concurrency.replicas,
                          [this] { return !stop_.requested(); }};
    return learn(tuning, tuner, stored.size(), work);
  }

  /// Compares with the network as it was before any tuning, and is as far as the network is by now.
  std::unique_ptr<LayerwiseExecutor> make_executor(std::size_t batches) {
    ExecutorOptions options = v_.executor_options(settings_.device);
    options.kind = "simulated";  // one outcome, under one key, for both ways to add up
    auto executor = make_layerwise_executor(v_.graph, table_, batches, k_layerwise_bytes, options);
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
      if (graph_.nodes[i].weight.data() != v_.graph.nodes[i].weight.data() ||
          graph_.nodes[i].bias.data() != v_.graph.nodes[i].bias.data())
        executor->replace(i, graph_.nodes[i].weight, graph_.nodes[i].bias);
    return executor;
  }

  bool admit(const LayerTuning& tuning, ImageGraph& images, LayerwiseExecutor& executor) {
    BadImages bad(settings_, v_.calibration, 0, stop_);
    AdmitStage stage(executor);
    CountingSink sink(bad);
    const auto progress = make_job_progress(mode_, label(tuning) + " images", "admit",
                                            static_cast<std::int64_t>(v_.calibration.entries.size()), 0, images);
    const GraphSummary summary = images.run(batches_left(images.batch_count(), {}), {"admit", &stage, 0},
                                            {"count", &sink}, stop_, progress.get());
    progress->finish();
    return !summary.stopped;
  }

  bool learn(const LayerTuning& tuning, const LayerTuner& tuner, std::size_t done, LayerTuner::Work& work) {
    LayerProgress progress(mode_, label(tuning), done, tuner.layers().size());
    for (; done < tuner.layers().size(); ++done) {
      const std::size_t index = tuner.layers()[done];
      Node& layer = graph_.nodes[index];
      const auto content = tuner.learn(work, index, layer);
      if (!content) return false;
      store_.commit_tuned_layer(tuning.key, tuning.components, {layer.name, tuner.kind(), *content});
      tuner.apply(*content, layer);
      work.executor.replace(index, layer.weight, layer.bias);
      progress.done(layer.name);
    }
    return true;
  }

  std::string label(const LayerTuning& tuning) const { return v_.spec.name + " " + tuning.title(); }

  PreparedVariant& v_;
  const RunSettings& settings_;
  RunStore& store_;
  StopToken& stop_;
  ProgressMode mode_;
  const EncodingTable table_;
  Graph graph_;  ///< changed so far
};

}  // namespace

bool tune_layers(PreparedVariant& v, const RunSettings& settings, RunStore& store, StopToken& stop, ProgressMode mode) {
  return v.tunings.empty() || Tuning(v, settings, store, stop, mode).run();
}

bool apply_stored_tuning(PreparedVariant& v,
                         const std::function<std::vector<TunedLayerRecord>(const std::string&)>& stored) {
  if (v.tunings.empty()) return true;
  const EncodingTable table = v.known_encodings();
  std::vector<std::unique_ptr<LayerTuner>> tuners;
  for (const LayerTuning& tuning : v.tunings) {
    tuners.push_back(make_layer_tuner(v, tuning, table));
    const auto rows = stored(tuning.key);
    if (rows.size() != tuners.back()->layers().size()) return false;
    apply_rows(*tuners.back(), rows, v.graph);
  }
  for (const auto& tuner : tuners) freeze_rounded(v, *tuner, table);
  return true;
}

}  // namespace qeval
