#include "tools/qeval/image_biases.h"

#include <bit>
#include <cstring>

#include <fmt/core.h>

#include "pipeline/errors.h"
#include "pipeline/run_in_parallel.h"
#include "stages/flow/network_stages.h"
#include "stages/infer/executor_library.h"
#include "tools/qeval/bad_images.h"
#include "tools/qeval/image_graph.h"
#include "tools/qeval/job_progress.h"
#include "tools/qeval/layer_progress.h"

namespace qeval {
namespace {

static_assert(std::endian::native == std::endian::little, "tuned_layer holds little-endian numbers");

TunedLayerRecord record_of(const Node& layer, const Tensor& bias) {
  TunedLayerRecord record{layer.name, "bias", {}};
  record.content.resize(bias.values().size_bytes());
  std::memcpy(record.content.data(), bias.values().data(), record.content.size());
  return record;
}

Tensor bias_of(const TunedLayerRecord& record) {
  std::vector<float> values(record.content.size() / sizeof(float));
  std::memcpy(values.data(), record.content.data(), values.size() * sizeof(float));
  const auto channels = static_cast<std::int64_t>(values.size());
  return Tensor({channels}, std::move(values));
}

/// Layers have no batches to commit here: what is kept of a batch is only in memory.
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

class Correction {
 public:
  Correction(PreparedVariant& v, const RunSettings& settings, RunStore& store, StopToken& stop, ProgressMode mode)
      : v_(v), settings_(settings), store_(store), stop_(stop), mode_(mode), layers_(layers_to_correct(v)) {}

  bool run() {
    std::vector<TunedLayerRecord> stored = store_.tuned_layers(v_.tuning_key);
    if (stored.size() < layers_.nodes.size() && !compute(stored)) return false;
    apply_tuned_layers(v_.graph, layers_, stored);
    return true;
  }

 private:
  /// Adds what is missing to `stored`; false if stopped before the last layer.
  bool compute(std::vector<TunedLayerRecord>& stored) {
    Graph graph = v_.graph;
    apply_tuned_layers(graph, layers_, stored);
    ExecutorOptions options = v_.executor_options(settings_.device);
    options.kind = "simulated";  // one set of biases, under one key, for both ways to add up
    const bool on_cpu = v_.eval_components.at("device") == "cpu";
    const Concurrency concurrency = resolve_concurrency(settings_, on_cpu);
    ImageGraph images(v_.calibration, v_.recipe, v_.calibration_batch_size, concurrency);
    const auto batches = static_cast<std::size_t>(images.batch_count());
    const auto executor = make_layerwise_executor(v_.graph, v_.known_encodings(), batches, k_layerwise_bytes, options);
    for (std::size_t i = 0; i < stored.size(); ++i)
      executor->set_bias(layers_.nodes[i], graph.nodes[layers_.nodes[i]].bias);
    return admit(images, *executor) && correct(*executor, graph, batches, concurrency.replicas, stored);
  }

  bool admit(ImageGraph& images, LayerwiseExecutor& executor) {
    BadImages bad(settings_, v_.calibration, 0, stop_);
    AdmitStage stage(executor);
    CountingSink sink(bad);
    const auto progress = make_job_progress(mode_, v_.spec.name + " bias correction", "admit",
                                            static_cast<std::int64_t>(v_.calibration.entries.size()), 0, images);
    const GraphSummary summary = images.run(batches_left(images.batch_count(), {}), {"admit", &stage, 0},
                                            {"count", &sink}, stop_, progress.get());
    progress->finish();
    return !summary.stopped;
  }

  bool correct(LayerwiseExecutor& executor, const Graph& graph, std::size_t batches, int replicas,
               std::vector<TunedLayerRecord>& stored) {
    LayerProgress progress(mode_, v_.spec.name + " bias correction", stored.size(), layers_.nodes.size());
    while (stored.size() < layers_.nodes.size()) {
      const std::size_t index = layers_.nodes[stored.size()];
      const Node& layer = graph.nodes[index];
      std::vector<OutputShift> parts(batches);
      run_in_parallel(batches, replicas, [&](std::size_t number) {
        if (!stop_.requested()) parts[number] = executor.output_shift(number, index);
      });
      if (stop_.requested()) return false;
      OutputShift shift;
      for (const OutputShift& part : parts) shift.add(part);
      const Tensor bias = corrected_bias(layer.bias, shift);
      stored.push_back(record_of(layer, bias));
      store_.commit_tuned_layer(v_.tuning_key, v_.tuning_components, stored.back());
      executor.set_bias(index, bias);
      progress.done(layer.name);
    }
    return true;
  }

  PreparedVariant& v_;
  const RunSettings& settings_;
  RunStore& store_;
  StopToken& stop_;
  ProgressMode mode_;
  const CorrectableLayers layers_;
};

}  // namespace

CorrectableLayers layers_to_correct(const PreparedVariant& v) {
  return correctable_layers(v.graph, [&](int quantizer) {
    return v.calibrates() || v.imported.count(v.graph.quantizers[static_cast<std::size_t>(quantizer)].key()) != 0;
  });
}

bool correct_biases_on_images(PreparedVariant& v, const RunSettings& settings, RunStore& store, StopToken& stop,
                              ProgressMode mode) {
  return !v.corrects_on_images() || Correction(v, settings, store, stop, mode).run();
}

void apply_tuned_layers(Graph& graph, const CorrectableLayers& layers, std::span<const TunedLayerRecord> stored) {
  for (std::size_t i = 0; i < stored.size(); ++i) {
    Node& layer = graph.nodes[layers.nodes.at(i)];
    if (layer.name != stored[i].layer || stored[i].kind != "bias")
      throw InternalError(fmt::format("stored {} of {} where {} is corrected", stored[i].kind, stored[i].layer, layer.name));
    layer.bias = bias_of(stored[i]);
  }
}

}  // namespace qeval
