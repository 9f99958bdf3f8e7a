#include "tools/qeval/layer_tuning.h"
#include "tools/qeval/sensitivity.h"


#include "pipeline/errors.h"
#include "stages/flow/image_payload.h"
#include "stages/flow/network_scores.h"
#include "stages/flow/sensitivity_stage.h"
#include "storage/run_store.h"
#include "tools/qeval/bad_images.h"
#include "tools/qeval/calibrate.h"
#include "tools/qeval/encoding_records.h"
#include "tools/qeval/image_graph.h"
#include "tools/qeval/interrupt.h"
#include "tools/qeval/job_progress.h"
#include "tools/qeval/quantized_variant.h"
#include "tools/qeval/settings_text.h"
#include "tools/qeval/terminal.h"

namespace qeval {
namespace {

SensitivityRow to_row(const SensitivityPart& p) {
  return {p.images, p.correct, p.broke, p.fixed, p.divergence, p.change, p.change_squares, p.signal, p.local_noise,
          p.cumulative_noise};
}

class PartSink : public BatchSink {
 public:
  PartSink(RunStore& store, std::int64_t id, BadImages& bad) : store_(store), id_(id), bad_(bad) {}
  void commit(Batch& batch) override {
    std::vector<SensitivityRow> rows;
    for (const SensitivityPart& part : static_cast<const ImageBatch&>(*batch.payload).parts)
      rows.push_back(to_row(part));
    store_.commit_sensitivity_batch(id_, batch.number, rows);
    bad_.count(batch);
  }

 private:
  RunStore& store_;
  std::int64_t id_;
  BadImages& bad_;
};

SensitivityRecord make_record(const JobSpec& job, const PreparedVariant& v, const SensitivityResult& result) {
  SensitivityRecord record;
  record.job_name = job.name;
  record.variant = v.spec.name;
  record.arch = v.spec.model.arch;
  record.mode = sensitivity_mode_name(result.mode);
  record.key_components = v.eval_components;
  record.key_components["sensitivity"] = record.mode;
  record.cache_key = make_key(record.key_components);
  record.n_images = static_cast<std::int64_t>(v.manifest.entries.size());
  record.batch_size = v.batch_size;
  record.groups = {{"", "float"}, {"", "quantized"}};
  for (const QuantizerGroup& group : result.groups)
    record.groups.push_back({group.module, group_kind_name(group.kind), group.shared_with});
  return record;
}

/// In forward passes per image: the two references, and of every group the part behind its first node.
double work_per_image(const PreparedVariant& v, const std::vector<QuantizerGroup>& groups) {
  const auto nodes = static_cast<double>(v.graph.nodes.size());
  double passes = 2;
  for (const QuantizerGroup& group : groups) passes += (nodes - group.first_node) / nodes;
  return passes;
}

std::int64_t images_in(const std::vector<std::int64_t>& batches, std::int64_t images, int batch_size) {
  std::int64_t count = 0;
  for (const std::int64_t number : batches)
    count += std::min<std::int64_t>(batch_size, images - number * batch_size);
  return count;
}

class Analysis {
 public:
  Analysis(const JobSpec& job, const RunJobOptions& options, SensitivityMode mode)
      : job_(job), options_(options), store_(RunStore::open(options.database)), guard_(stop_) {
    result_.mode = mode;
  }

  SensitivityResult run() {
    if (const std::string warning = store_->warning(); !warning.empty()) err("warning: {}\n", warning);
    ImageSets images(job_.run, &stop_);
    PreparedVariant v = prepare_variant(job_, only_quantized_variant(job_, "sensitivity"), options_.limit, images);
    write_err(device_text(v, job_.run));
    write_err(settings_text(v));
    if (v.spec.quantization.bias_correction != "none")
      err("{}: note: biases are corrected for quantized weights, also where a weight is not quantized: in "
          "the network that is compared with, and in groups that are off\n", v.spec.name);
    if (!tune_layers(v, job_.run, *store_, stop_, options_.progress)) return interrupted();
    if (v.spec.quantization.rounding == "adaround")
      err("{}: note: AdaRound has put the weights on their grids, also in the network that is compared with: "
          "groups of weights change nothing\n", v.spec.name);
    const auto encodings = provide_encodings(v, job_.run, *store_, stop_, options_.progress);
    if (!encodings || !measure(v, encoding_table(v.graph, encodings->encodings))) return interrupted();
    return std::move(result_);
  }

 private:
  /// False if stopped before the last batch.
  bool measure(PreparedVariant& v, const EncodingTable& table) {
    result_.groups = quantizer_groups(v.graph, table);
    if (result_.groups.empty()) throw UsageError("sensitivity: " + v.spec.name + " has no active quantizer");
    const std::int64_t id = store_->open_sensitivity(make_record(job_, v, result_));
    const Concurrency concurrency = resolve_concurrency(job_.run, v.eval_components.at("device") == "cpu");
    ImageGraph graph(v.manifest, v.recipe, v.batch_size, concurrency);
    const auto done = store_->sensitivity_batches(id);
    announce(v, static_cast<std::int64_t>(done.size()), graph.batch_count());
    const bool complete = compute(v, table, graph, id, done);
    if (complete) collect(store_->sensitivity_sums(id));
    return complete;
  }

  void announce(const PreparedVariant& v, std::int64_t done, std::int64_t batches) const {
    const double passes = work_per_image(v, result_.groups);
    err("{}: {} quantizer groups, {} images, {} of {} batches done; {:.1f} forward passes per image, "
        "{:.1f} without shared prefixes\n",
        v.spec.name, result_.groups.size(), v.manifest.entries.size(), done, batches, passes,
        2.0 + static_cast<double>(result_.groups.size()));
  }

  bool compute(PreparedVariant& v, const EncodingTable& table, ImageGraph& graph, std::int64_t id,
               const std::vector<std::int64_t>& done) {
    std::vector<std::int64_t> left = batches_left(graph.batch_count(), done);
    if (left.empty()) return true;
    const auto images = static_cast<std::int64_t>(v.manifest.entries.size());
    const std::int64_t before = images_in(done, images, v.batch_size);
    const auto sums = store_->sensitivity_sums(id);
    std::vector<QuantizerIndices> groups;
    for (const QuantizerGroup& group : result_.groups) groups.push_back(group.quantizers);
    const auto executor =
        make_sensitivity_executor(v.graph, table, groups, result_.mode, v.executor_options(job_.run.device));
    v.release_weights();

    BadImages bad(job_.run, v.manifest, sums.empty() ? 0 : before - sums.front().images, stop_);
    SensitivityStage stage(*executor, v.manifest, v.graph.num_classes, result_.mode,
                           network_scores(v.graph).kind);
    PartSink sink(*store_, id, bad);
    const auto progress =
        make_job_progress(options_.progress, v.spec.name + " sensitivity", "measure", images, before, graph);
    const GraphSummary summary =
        graph.run(std::move(left), {"measure", &stage, 0}, {"commit", &sink}, stop_, progress.get());
    progress->finish();
    if (bad.over_limit()) throw RunError(bad.explain());
    return !summary.stopped;
  }

  void collect(std::vector<SensitivityRow> sums) {
    result_.plain = sums.at(0);
    result_.quantized = sums.at(1);
    result_.rows.assign(sums.begin() + 2, sums.end());
  }

  SensitivityResult interrupted() const {
    err("stopped; what was committed is kept, the same command goes on from there\n");
    SensitivityResult result;
    result.exit_code = static_cast<int>(exit_of_signal(stop_.reason()));
    return result;
  }

  const JobSpec& job_;
  const RunJobOptions& options_;
  std::unique_ptr<RunStore> store_;
  StopToken stop_;
  InterruptGuard guard_;
  SensitivityResult result_;
};

}  // namespace

const char* sensitivity_mode_name(SensitivityMode mode) {
  return mode == SensitivityMode::only_one_on ? "only-one-on" : "all-but-one";
}

SensitivityMode parse_sensitivity_mode(const std::string& name) {
  for (const SensitivityMode mode : {SensitivityMode::only_one_on, SensitivityMode::all_but_one})
    if (name == sensitivity_mode_name(mode)) return mode;
  throw UsageError("--mode: '" + name + "' is not one of only-one-on, all-but-one");
}

SensitivityResult measure_sensitivity(const JobSpec& job, const RunJobOptions& options, SensitivityMode mode) {
  return Analysis(job, options, mode).run();
}

}  // namespace qeval
