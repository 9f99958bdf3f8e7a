#include "jobs/run/sensitivity.h"

#include <fmt/core.h>

#include "jobs/prepare/encoding_records.h"
#include "jobs/prepare/quantized_variant.h"
#include "jobs/run/calibrate.h"
#include "jobs/run/layer_tuning.h"
#include "jobs/run/run_images.h"
#include "pipeline/base/errors.h"
#include "stages/flow/image_payload.h"
#include "stages/flow/network_scores.h"
#include "stages/flow/sensitivity_stage.h"
#include "storage/run_store.h"

namespace qeval {
namespace {

SensitivityRow to_row(const SensitivityPart& p) {
  return {p.images, p.correct,        p.broke,  p.fixed,       p.divergence,
          p.change, p.change_squares, p.signal, p.local_noise, p.cumulative_noise};
}

class PartSink : public BatchSink {
 public:
  PartSink(RunStore& store, std::int64_t id) : store_(store), id_(id) {}
  void commit(Batch& batch) override {
    std::vector<SensitivityRow> rows;
    for (const SensitivityPart& part : static_cast<const ImageBatch&>(*batch.payload).parts)
      rows.push_back(to_row(part));
    store_.commit_sensitivity_batch(id_, batch.number, rows);
  }

 private:
  RunStore& store_;
  std::int64_t id_;
};

SensitivityRecord make_record(const JobSpec& job, const PreparedVariant& v, const SensitivityResult& result) {
  SensitivityRecord record;
  record.job_name = job.name;
  record.variant = v.spec.name;
  record.arch = v.spec.model.arch;
  record.mode = sensitivity_mode_name(result.mode);
  record.key_components = v.identity.evaluation.components;
  record.key_components["sensitivity"] = record.mode;
  record.cache_key = make_key(record.key_components);
  record.n_images = static_cast<std::int64_t>(v.images.evaluation.entries.size());
  record.batch_size = v.recipe.batch_size;
  record.groups = {{"", "float"}, {"", "quantized"}};
  for (const QuantizerGroup& group : result.groups)
    record.groups.push_back({group.module, group_kind_name(group.kind), group.shared_with});
  return record;
}

/// In forward passes per image: the two references, and of every group the part behind its first node.
double work_per_image(const PreparedVariant& v, const std::vector<QuantizerGroup>& groups) {
  const auto nodes = static_cast<double>(v.network.graph.nodes.size());
  double passes = 2;
  for (const QuantizerGroup& group : groups) passes += (nodes - group.first_node) / nodes;
  return passes;
}

class Analysis {
 public:
  Analysis(const JobSpec& job, const RunJobOptions& options, SensitivityMode mode, const JobContext& context)
      : job_(job), options_(options), context_(context), store_(context.store) {
    result_.mode = mode;
  }

  SensitivityResult run() {
    if (const std::string warning = store_.warning(); !warning.empty())
      remark(context_.observer, "warning: {}", warning);
    ImageSets images(job_.run, &context_.stop, image_surroundings(context_));
    PreparedVariant v =
        prepare_variant(job_, only_quantized_variant(job_, "sensitivity"), options_.limit, images, context_.executors);
    context_.observer.variant_begins(v, job_.run, true);
    if (v.spec.quantization.bias_correction != BiasCorrectionMethod::none)
      remark(context_.observer,
             "{}: note: biases are corrected for quantized weights, also where a weight is not quantized: in "
             "the network that is compared with, and in groups that are off",
             v.spec.name);
    auto network = tuned_network(context_, job_.run, v);
    if (!network) return interrupted();
    v.network = std::move(*network);
    if (v.spec.quantization.rounding == WeightRounding::adaround)
      remark(context_.observer,
             "{}: note: AdaRound has put the weights on their grids, also in the network that is compared with: "
             "groups of weights change nothing",
             v.spec.name);
    const auto encodings = provide_encodings(context_, job_.run, v);
    if (!encodings || !measure(std::move(v), encodings->encodings)) return interrupted();
    return std::move(result_);
  }

 private:
  /// False if stopped before the last batch.
  bool measure(PreparedVariant v, const EncodingTable& table) {
    result_.groups = quantizer_groups(v.network.graph, table);
    if (result_.groups.empty()) throw UsageError("sensitivity: " + v.spec.name + " has no active quantizer");
    const std::int64_t id = store_.open_sensitivity(make_record(job_, v, result_));
    const std::string& device = v.identity.evaluation.components.at("device");
    ImageGraph graph(v.images.evaluation, v.recipe.preprocess, v.recipe.batch_size,
                     resolve_concurrency(job_.run, device));
    const auto done = store_.sensitivity_batches(id);
    announce(v, static_cast<std::int64_t>(done.size()), graph.batch_count());
    const bool complete =
        static_cast<std::int64_t>(done.size()) == graph.batch_count() || compute(v, table, graph, id, done);
    if (complete) collect(store_.sensitivity_sums(id));
    return complete;
  }

  void announce(const PreparedVariant& v, std::int64_t done, std::int64_t batches) const {
    const double passes = work_per_image(v, result_.groups);
    remark(context_.observer,
           "{}: {} quantizer groups, {} images, {} of {} batches done; {:.1f} forward passes per image, "
           "{:.1f} without shared prefixes",
           v.spec.name, result_.groups.size(), v.images.evaluation.entries.size(), done, batches, passes,
           2.0 + static_cast<double>(result_.groups.size()));
  }

  bool compute(PreparedVariant& v, const EncodingTable& table, ImageGraph& graph, std::int64_t id,
               const std::vector<std::int64_t>& done) {
    std::vector<QuantizerIndices> groups;
    for (const QuantizerGroup& group : result_.groups) groups.push_back(group.quantizers);
    const auto executor = context_.executors.make_sensitivity(v.network.graph, table, groups, result_.mode,
                                                              v.executor_options(job_.run.device));
    drop_weights(v.network);
    const auto sums = store_.sensitivity_sums(id);
    const std::int64_t used = sums.empty() ? 0 : sums.front().images;
    SensitivityStage stage(*executor, v.images.evaluation, v.network.graph.num_classes, result_.mode,
                           network_scores(v.network.graph).kind);
    PartSink sink(store_, id);
    return run_images(
        context_, job_.run,
        {.graph = graph, .label = v.spec.name + " sensitivity", .done = done, .failed = graph.images_in(done) - used},
        "measure", stage, &sink);
  }

  void collect(std::vector<SensitivityRow> sums) {
    result_.plain = sums.at(0);
    result_.quantized = sums.at(1);
    result_.rows.assign(sums.begin() + 2, sums.end());
  }

  SensitivityResult interrupted() const {
    remark(context_.observer, "stopped; what was committed is kept, the same command goes on from there");
    SensitivityResult result;
    result.exit_code = static_cast<int>(exit_of_signal(context_.stop.reason()));
    return result;
  }

  const JobSpec& job_;
  const RunJobOptions& options_;
  const JobContext& context_;
  RunStore& store_;
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

SensitivityResult measure_sensitivity(const JobSpec& job, const RunJobOptions& options, SensitivityMode mode,
                                      const JobContext& context) {
  return Analysis(job, options, mode, context).run();
}

}  // namespace qeval
