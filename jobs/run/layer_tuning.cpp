#include "jobs/run/layer_tuning.h"

#include <fmt/core.h>

#include "jobs/run/run_images.h"
#include "stages/flow/network_stages.h"
#include "storage/damage.h"

namespace qeval {
namespace {

/// Puts stored rows into `graph`, as many as there are. They were stored under a key that says which network they
/// belong to.
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
void fix_rounded(const LayerTuner& tuner, const EncodingTable& table, Network& network) {
  for (const std::size_t index : tuner.layers()) {
    const auto quantizer = static_cast<std::size_t>(network.graph.nodes[index].weight_quantizer);
    network.fixed_encodings[network.graph.quantizers[quantizer].key()] = table[quantizer];
  }
}

class Tuning {
 public:
  Tuning(const JobContext& context, const RunSettings& settings, const PreparedVariant& v)
      : context_(context),
        settings_(settings),
        v_(v),
        table_(v.known_encodings()),
        tuner_(make_layer_tuner(v, table_)),
        network_(v.network) {}

  std::optional<Network> run() {
    const std::vector<TunedLayerRecord> stored = context_.store.tuned_layers(v_.identity.tuning.key);
    apply_rows(*tuner_, stored, network_.graph, context_.store.file());
    if (stored.size() < tuner_->layers().size() && !tune(stored.size())) return std::nullopt;
    if (v_.recipe.tuning->rounds()) fix_rounded(*tuner_, table_, network_);
    return std::move(network_);
  }

 private:
  /// All layers but the first `done`; false if stopped before the last one.
  bool tune(std::size_t done) {
    const Concurrency concurrency = resolve_concurrency(settings_, v_.identity.evaluation.components.at("device"));
    ImageGraph images(v_.images.calibration, v_.recipe.preprocess, v_.recipe.calibration_batch_size, concurrency);
    const auto batches = static_cast<std::size_t>(images.batch_count());
    const auto executor = make_executor(batches, done);
    const LayerWork work{*executor, batches, concurrency.replicas, [this] { return !context_.stop.requested(); }};
    return admit(images, *executor) && learn(done, work);
  }

  /// Compares with the network as it was, and is as far as the network is by now.
  std::unique_ptr<LayerwiseExecutor> make_executor(std::size_t batches, std::size_t done) {
    ExecutorOptions options = v_.executor_options(settings_.device);
    options.kind = "simulated";  // one outcome, under one key, for both ways to add up
    auto executor = context_.executors.make_layerwise(v_.network.graph, table_, batches, layerwise_bytes, options);
    for (std::size_t i = 0; i < done; ++i) replace(*executor, tuner_->layers()[i]);
    return executor;
  }

  void replace(LayerwiseExecutor& executor, std::size_t index) const {
    const Node& layer = network_.graph.nodes[index];
    executor.replace(index, layer.weight, layer.bias);
  }

  bool admit(ImageGraph& images, LayerwiseExecutor& executor) {
    AdmitStage stage(executor);
    return run_images(context_, settings_,
                      {.graph = images, .label = label() + " images", .limit = BadImageLimit::before_commit}, "admit",
                      stage, nullptr);
  }

  bool learn(std::size_t done, const LayerWork& work) {
    const auto progress = context_.observer.layers_begin(label(), done, tuner_->layers().size());
    for (; done < tuner_->layers().size(); ++done) {
      const std::size_t index = tuner_->layers()[done];
      Node& layer = network_.graph.nodes[index];
      const auto content = tuner_->learn(work, index, layer, [&](double share) {
        if (progress) progress->within(layer.name, share);
      });
      if (!content) return false;
      context_.store.commit_tuned_layer(v_.identity.tuning.key, v_.identity.tuning.components,
                                        {layer.name, tuner_->kind(), *content});
      tuner_->apply(*content, layer);
      replace(work.executor, index);
      if (progress) progress->done(layer.name);
    }
    return true;
  }

  std::string label() const { return v_.spec.name + " " + v_.recipe.tuning->title(); }

  const JobContext& context_;
  const RunSettings& settings_;
  const PreparedVariant& v_;
  const EncodingTable table_;
  const std::unique_ptr<LayerTuner> tuner_;
  Network network_;  ///< changed so far
};

}  // namespace

std::optional<Network> tuned_network(const JobContext& context, const RunSettings& settings, const PreparedVariant& v) {
  return v.recipe.tuning ? Tuning(context, settings, v).run() : v.network;
}

std::optional<Network> network_as_tuned(const PreparedVariant& v, const std::vector<TunedLayerRecord>& rows,
                                        const std::filesystem::path& database) {
  const EncodingTable table = v.known_encodings();
  const auto tuner = make_layer_tuner(v, table);
  if (rows.size() != tuner->layers().size()) return std::nullopt;
  Network network = v.network;
  apply_rows(*tuner, rows, network.graph, database);
  if (v.recipe.tuning->rounds()) fix_rounded(*tuner, table, network);
  return network;
}

}  // namespace qeval
