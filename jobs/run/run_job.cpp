#include "jobs/run/run_job.h"

#include <algorithm>
#include <chrono>
#include <set>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "jobs/compare/comparability.h"
#include "jobs/compare/stored_baseline.h"
#include "jobs/prepare/calibration_overlap.h"
#include "jobs/prepare/changed_inputs.h"
#include "jobs/prepare/class_check.h"
#include "jobs/prepare/encoding_records.h"
#include "jobs/prepare/job_check.h"
#include "jobs/prepare/job_inputs.h"
#include "jobs/prepare/output_files.h"
#include "jobs/prepare/tunable_layers.h"
#include "jobs/prepare/variant_keys.h"
#include "jobs/run/calibrate.h"
#include "jobs/run/evaluate.h"
#include "jobs/run/gates.h"
#include "jobs/run/layer_tuning.h"
#include "jobs/run/preflight.h"
#include "jobs/run/run_request.h"
#include "jobs/run/write_encodings.h"
#include "pipeline/base/current_error.h"
#include "pipeline/base/visible_text.h"
#include "storage/run_store.h"

namespace qeval {
namespace {

/// One attempt at one run; whatever happens, the attempt is closed with what happened.
class Attempt {
 public:
  Attempt(RunStore& store, std::int64_t run_id, const std::string& device)
      : store_(store), run_id_(run_id), id_(store.begin_attempt(run_id, device)) {}

  void finish(RunState state, ExitCode code, const std::string& error = "") {
    const std::chrono::duration<double> active = std::chrono::steady_clock::now() - started_;
    store_.finish_attempt(run_id_, id_, state, active.count(), error, static_cast<int>(code));
    finished_ = true;
  }
  bool is_finished() const { return finished_; }

 private:
  RunStore& store_;
  std::int64_t run_id_, id_;
  bool finished_ = false;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

/// What there is to do before calibration.
struct TuningProgress {
  std::string title, key;
  std::size_t layers = 0;
};

class JobRunner {
 public:
  JobRunner(const JobSpec& job, const RunJobOptions& options, const JobContext& context)
      : job_(job),
        options_(options),
        context_(context),
        store_(context.store),
        images_(job.run, &context.stop, image_surroundings(context)),
        preflight_(job, context) {}

  JobResult run(std::vector<PreparedVariant> variants) {
    if (const std::string warning = store_.warning(); !warning.empty())
      remark(context_.observer, "warning: {}", warning);
    for (const PreparedVariant& variant : variants)
      for (const auto& file : variant.network.external_files) external_files_.push_back(file);
    // Whoever is compared with it wants its answer.
    std::stable_partition(variants.begin(), variants.end(),
                          [this](const PreparedVariant& v) { return v.spec.name == job_.baseline; });
    for (std::size_t i = 0; i < variants.size(); ++i)
      if (!run_variant(std::move(variants[i]), i == 0)) break;
    return std::move(result_);
  }

 private:
  /// False if the job must stop here.
  bool run_variant(PreparedVariant v, bool first) {
    add_images(v, first);
    context_.observer.variant_begins(v, job_.run, first);
    tell_once(class_order_text(v.images));
    tell_once(calibration_overlap_text(v.images));
    refuse_changed_inputs(v);
    std::optional<RunRecord> run = stored_run(v);
    if (run) preflight_.trust(v);
    const bool finished = run && is_through(run->state);
    if (finished && !options_.again) {
      remark(context_.observer, "{}: finished before as {}, nothing to compute", v.spec.name, run->name);
      keep(v.spec, *run, false);
      export_stored_encodings(v);
      return true;
    }
    check_output(v);
    load_weights_again(v, job_);
    if (!preflight_.look_at(v)) return stopped_before(v);
    if (run && !finished)
      remark(context_.observer, "{}: going on with {}, {} of {} images done", v.spec.name, run->name, run->n_done,
             run->n_total);
    else
      run = create_run(v, finished ? std::optional(run->id) : std::nullopt);
    if (run->repeats != 0) make_keys_of_repetition(v, run->name);
    return compute(std::move(v), *run);
  }

  bool stopped_before(const PreparedVariant& v) {
    remark(context_.observer, "{}: stopped before anything of it was computed; the same command begins anew",
           v.spec.name);
    result_.exit_code = static_cast<int>(exit_of_signal(context_.stop.reason()));
    return false;
  }

  /// What is resumed goes on whatever else there is. An unfinished repetition hides no finished run, but for --again.
  std::optional<RunRecord> stored_run(const PreparedVariant& v) {
    const auto& resumed = options_.resumed;
    if (resumed && resumed->variant == v.spec.name && resumed->eval_key == v.identity.evaluation.key)
      return store_.run(resumed->id);
    return options_.again ? store_.newest_run(v.identity.evaluation.key) : store_.find_run(v.identity.evaluation.key);
  }

  RunRecord create_run(const PreparedVariant& v, std::optional<std::int64_t> repeats) {
    RunRequest request = make_request(job_, v, options_.overrides_json);
    request.repeats = repeats;
    return store_.create_run(request);
  }

  /// What holds for several variants in the same words.
  void tell_once(const std::string& text) {
    if (!text.empty() && told_.insert(text).second) remark(context_.observer, "{}", text);
  }

  void add_images(PreparedVariant& v, bool first) {
    JobComplaints complaints(job_);
    prepare_images(v, job_, options_.limit, images_, context_.executors, complaints);
    complaints.stop(first ? "nothing was run" : "variant '" + v.spec.name + "' was not run");
  }

  /// A resumed run must be the same run: anything else would mix two results in one.
  void refuse_changed_inputs(const PreparedVariant& v) const {
    const auto& resumed = options_.resumed;
    if (!resumed || resumed->variant != v.spec.name || resumed->eval_key == v.identity.evaluation.key) return;
    const StoredInputs stored{[this](const std::string& key) { return store_.key_components(key); },
                              [this](const std::string& fingerprint) { return store_.samples(fingerprint); }};
    throw InputError(
        fmt::format("{} cannot be resumed, these have changed since it began: {}\n"
                    "restore them, or start a new run with: qeval run {}",
                    resumed->name, changed_inputs_text(stored_identity(stored, *resumed), present_identity(job_, v)),
                    visible_name(job_.file.string())));
  }

  bool compute(PreparedVariant v, const RunRecord& run) {
    const VariantSpec spec = v.spec;
    const std::optional<TuningProgress> tuning = tuning_of(v);
    Attempt attempt(store_, run.id, v.identity.evaluation.components.at("device"));
    try {
      if (calibrate_and_evaluate(std::move(v), run)) {
        finish(spec, run, attempt);
        return true;
      }
      interrupt(spec, run, tuning, attempt);
      return false;
    } catch (...) {
      const Error error = current_error();
      close_failed(attempt, error);
      throw Error(error.code(), fmt::format("{} ({}): {}{}", run.name, spec.name, error.what(), resume_text(run)));
    }
  }

  void finish(const VariantSpec& spec, const RunRecord& run, Attempt& attempt) {
    const bool passed = missed(spec, store_.recompute_metrics(run.id), drop_of(run)).empty();
    const bool good = passed && store_.not_finite(run.id).images == 0;
    attempt.finish(passed ? RunState::done : RunState::gate_failed, good ? ExitCode::ok : ExitCode::negative);
    keep(spec, store_.run(run.id), true);
    if (run.repeats != 0) compare_with_repeated(spec, run);
  }

  void interrupt(const VariantSpec& spec, const RunRecord& run, const std::optional<TuningProgress>& tuning,
                 Attempt& attempt) {
    const ExitCode code = exit_of_signal(context_.stop.reason());
    attempt.finish(RunState::interrupted, code);
    const RunRecord now = store_.run(run.id);
    remark(context_.observer, "{} ({}): committed {}{} of {} images; go on with: qeval resume {} --db {}", now.name,
           spec.name, tuning ? layers_text(*tuning) : "", now.n_done, now.n_total, now.name,
           options_.database.string());
    result_.exit_code = static_cast<int>(code);
  }

  void compare_with_repeated(const VariantSpec& spec, const RunRecord& run) {
    const bool same = store_.content_hash(run.id) == store_.content_hash(run.repeats);
    remark(context_.observer, "{}: {} computed again what {} had computed: {}", spec.name, run.name, run.repeats_name,
           same ? "the content hash is the same" : "the content hash is ANOTHER one; compare the two with qeval show");
    if (!same) result_.exit_code = static_cast<int>(ExitCode::negative);
  }

  std::string resume_text(const RunRecord& run) const {
    if (!store_.in_place()) return "";
    return fmt::format("\nwhat was committed is kept; go on with: qeval resume {} --db {}", run.name,
                       visible_name(options_.database.string()));
  }

  std::optional<TuningProgress> tuning_of(const PreparedVariant& v) const {
    if (!v.recipe.tuning) return std::nullopt;
    return TuningProgress{v.recipe.tuning->title(), v.identity.tuning.key, layers_to_tune(v)};
  }

  /// "3 of 50 layers of AdaRound, " while that is what is being done.
  std::string layers_text(const TuningProgress& tuning) {
    const auto done = static_cast<std::size_t>(store_.tuned_layers_done(tuning.key));
    return done < tuning.layers ? fmt::format("{} of {} layers of {}, ", done, tuning.layers, tuning.title) : "";
  }

  /// False if stopped.
  bool calibrate_and_evaluate(PreparedVariant v, const RunRecord& run) {
    auto network = tuned_network(context_, job_.run, v);
    if (!network) return false;
    v.network = std::move(*network);
    EncodingTable encodings;
    if (v.recipe.quant) {
      auto outcome = provide_encodings(context_, job_.run, v);
      if (!outcome) return false;
      store_.set_encoding_set(run.id, outcome->set_id);
      for (const std::string& key : outcome->without_data)
        remark(context_.observer, "warning: {} has no encoding and is not quantized", key);
      export_encodings(v, outcome->encodings);
      encodings = std::move(outcome->encodings);
    }
    return evaluate(context_, job_.run, std::move(v), encodings, run);
  }

  /// The database itself may be what failed (disk full); the first error is the one to report.
  void close_failed(Attempt& attempt, const Error& error) noexcept {
    if (attempt.is_finished()) return;  // what failed came behind it
    try {
      attempt.finish(RunState::failed, error.code(), error.what());
    } catch (const std::exception&) {
    }
  }

  void keep(const VariantSpec& spec, const RunRecord& run, bool computed) {
    VariantResult result{run, store_.not_finite(run.id), computed, {}, drop_of(run)};
    result.missed = missed(spec, run, result.drop);
    for (const DropGateSpec& gate : spec.drop_gates)
      if (gate.metric == Metric::top1) result.alpha = gate.alpha;
    result_.variants.push_back(std::move(result));
    const VariantResult& kept = result_.variants.back();
    if (kept.not_finite.images > 0)
      remark(context_.observer, "{}: {} of {} images have no usable answer: {}", spec.name, kept.not_finite.images,
             run.n_total, kept.not_finite.explanation);
    if (!kept.missed.empty() || kept.not_finite.images > 0) result_.exit_code = static_cast<int>(ExitCode::negative);
    context_.observer.variant_ends(kept);
  }

  static std::vector<std::string> missed(const VariantSpec& spec, const RunRecord& run,
                                         const std::optional<Drop>& drop) {
    std::vector<std::string> all = missed_gates(spec.gates, run);
    for (std::string& text : missed_drop_gates(spec.drop_gates, drop)) all.push_back(std::move(text));
    return all;
  }

  /// Of this call, else one that is stored.
  std::optional<RunRecord> baseline_of(const RunRecord& run) {
    for (const VariantResult& result : result_.variants)
      if (result.run.variant == job_.baseline) return result.run;
    return stored_baseline(store_.runs(), run);
  }

  std::optional<Drop> drop_of(const RunRecord& run) {
    if (job_.baseline.empty() || run.variant == job_.baseline) return std::nullopt;
    const auto baseline = baseline_of(run);
    if (!baseline)
      return Drop{
          job_.baseline, std::nullopt,
          fmt::format("{0} was not run; add --variant {0} (what is stored is not computed again)", job_.baseline)};
    const StoredInputs stored{[this](const std::string& key) { return store_.key_components(key); },
                              [this](const std::string& fingerprint) { return store_.samples(fingerprint); }};
    const std::vector<std::string> different = differing_pictures(stored, *baseline, run);
    if (!different.empty())
      return Drop{job_.baseline, std::nullopt, fmt::format("it saw other pictures ({})", fmt::join(different, ", "))};
    return Drop{baseline->variant, compare(store_.paired_rows(baseline->id, run.id))};
  }

  void export_stored_encodings(const PreparedVariant& v) {
    if (!v.recipe.quant || job_.export_encodings.empty()) return;
    std::int64_t id = 0;
    if (const auto set = store_.find_encoding_set(v.identity.encodings.key, &id))
      export_encodings(v, encoding_table(v.network.graph, encoding_map(set->encodings)));
  }

  void export_encodings(const PreparedVariant& v, const EncodingTable& encodings) {
    const std::filesystem::path file = export_file(v);
    if (file.empty()) return;
    EncodingsFile content = encodings_file_of(v.network.graph, encoding_map(v.network.graph, encodings),
                                              *v.recipe.quant, job_.encodings_version);
    std::string note;
    outputs().write(file, [&] {
      if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
      note = write_what_fits(content, file);
    });
    if (!note.empty()) remark(context_.observer, "{}: {}", v.spec.name, note);
    remark(context_.observer, "{}: encodings written to {}", v.spec.name, file.string());
  }

  /// Empty: none is wanted.
  std::filesystem::path export_file(const PreparedVariant& v) const {
    if (!v.recipe.quant) return {};
    std::string path = job_.export_encodings.string();
    if (const auto at = path.find("${variant}"); at != std::string::npos) path.replace(at, 10, v.spec.name);
    return path;
  }

  /// Before hours are spent on what cannot be written.
  void check_output(const PreparedVariant& v) {
    if (const auto file = export_file(v); !file.empty()) outputs().check(file);
  }

  OutputFiles outputs() {
    OutputFiles outputs(options_.force, context_.memory);
    add_inputs(job_, external_files_, images_, outputs);
    outputs.add_input(options_.database, "the results database");
    return outputs;
  }

  const JobSpec& job_;
  const RunJobOptions& options_;
  const JobContext& context_;
  RunStore& store_;
  ImageSets images_;
  std::vector<std::filesystem::path> external_files_;  ///< of all variants
  Preflight preflight_;
  std::set<std::string> told_;
  JobResult result_;
};

}  // namespace

JobResult run_job(const JobSpec& job, const RunJobOptions& options, std::vector<PreparedVariant> checked,
                  const JobContext& context) {
  return JobRunner(job, options, context).run(std::move(checked));
}

}  // namespace qeval
