#include "tools/qeval/run_job.h"

#include <chrono>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "pipeline/current_error.h"
#include "storage/run_store.h"
#include "tools/qeval/calibrate.h"
#include "tools/qeval/changed_inputs.h"
#include "tools/qeval/encoding_records.h"
#include "tools/qeval/evaluate.h"
#include "tools/qeval/gates.h"
#include "tools/qeval/interrupt.h"
#include "tools/qeval/job_check.h"
#include "tools/qeval/job_inputs.h"
#include "tools/qeval/layer_tuning.h"
#include "tools/qeval/settings_text.h"
#include "tools/qeval/terminal.h"
#include "tools/qeval/variant_keys.h"
#include "tools/qeval/version.h"
#include "tools/qeval/write_encodings.h"

namespace qeval {
namespace {

SampleRecord sample_record(const ManifestEntry& entry) {
  SampleRecord record{entry.name, entry.label, entry.file.bytes};
  if (entry.content == ImageContent::read) record.sha256.assign(entry.sha256.begin(), entry.sha256.end());
  return record;
}

DatasetRecord dataset_record(const DatasetSpec& spec, const Manifest& manifest, int class_count) {
  DatasetRecord record;
  record.name = spec.name;
  record.kind = spec.kind;
  record.root = manifest.root.string();
  record.fingerprint = manifest.fingerprint();
  record.class_count = class_count;
  record.class_names = manifest.classes;
  for (const ManifestEntry& entry : manifest.entries)
    record.samples.push_back(sample_record(entry));
  return record;
}

std::string precision_text(const PreparedVariant& v) {
  if (!v.quant) return v.precision_in_file.empty() ? "fp32" : v.precision_in_file;
  return fmt::format("w{}{}a{}{}", v.quant->param_float16 ? "f" : "", v.quant->param_bits,
                     v.quant->activation_float16 ? "f" : "", v.quant->activation_bits);
}

RunRequest make_request(const JobSpec& job, const PreparedVariant& v, const std::string& overrides_json) {
  RunRequest request;
  request.job = {job.name, job.file.string(), job.source_text, job.resolved_json};
  request.overrides_json = overrides_json;
  request.variant = v.spec.name;
  request.precision = precision_text(v);
  request.executor = v.eval_components.at("executor");
  request.mode = v.quant ? mode_name(v.quant->mode) : "";
  request.device = v.eval_components.at("device");
  request.tags = fmt::format("{}", fmt::join(job.tags, ","));
  request.model = v.model;
  request.dataset = dataset_record(v.spec.dataset, v.manifest, v.graph.num_classes);
  if (!v.calibration.entries.empty())
    request.calibration = dataset_record(v.spec.quantization.calibration, v.calibration, v.graph.num_classes);
  if (v.quant)
    request.recipe = RecipeRecord{v.spec.name,
                                  scheme_name(v.quant->scheme),
                                  mode_name(v.quant->mode),
                                  v.quant->identity(),
                                  v.quant->param_bits,
                                  v.quant->activation_bits,
                                  v.quant->per_channel,
                                  v.quant->quantize_input,
                                  v.spec.model.fold_batch_norm};
  request.eval_key = v.eval_key;
  request.key_components = v.eval_components;
  if (v.quant) request.encodings_key_components = {v.calibration_key, v.calibration_components};
  if (v.tuning) request.tuning_key_components = {v.tuning->key, v.tuning->components};
  request.batch_size = v.batch_size;
  request.tool_version = k_version;
  return request;
}

/// One attempt at one run; whatever happens, the attempt is closed with what happened.
class Attempt {
 public:
  Attempt(RunStore& store, std::int64_t run_id, const std::string& device)
      : store_(store), run_id_(run_id), id_(store.begin_attempt(run_id, device)) {}

  void finish(const std::string& state, ExitCode code, const std::string& error = "") {
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

class JobRunner {
 public:
  JobRunner(const JobSpec& job, const RunJobOptions& options, std::vector<PreparedVariant> variants)
      : job_(job),
        options_(options),
        variants_(std::move(variants)),
        store_(RunStore::open(options.database)),
        guard_(stop_),
        images_(job.run, &stop_) {}

  JobResult run() {
    if (const std::string warning = store_->warning(); !warning.empty()) err("warning: {}\n", warning);
    for (PreparedVariant& variant : variants_) {
      if (!run_variant(variant)) break;
    }
    return std::move(result_);
  }

 private:
  /// False if the job must stop here.
  bool run_variant(PreparedVariant& v) {
    const VariantSpec& spec = v.spec;
    add_images(v);
    if (&v == &variants_.front()) write_err(device_text(v, job_.run));
    write_err(settings_text(v));
    refuse_changed_inputs(v);
    std::optional<RunRecord> run = stored_run(v);
    const bool finished = run && (run->state == "done" || run->state == "gate_failed");
    if (finished && !options_.again) {
      err("{}: finished before as {}, nothing to compute\n", spec.name, run->name);
      keep(v, *run, false);
      export_stored_encodings(v);
      v.release_weights();
      return true;
    }
    check_output(v);
    load_weights_again(v, job_);
    if (run && !finished)
      err("{}: going on with {}, {} of {} images done\n", spec.name, run->name, run->n_done, run->n_total);
    else
      run = create_run(v, finished ? std::optional(run->id) : std::nullopt);
    if (run->repeats != 0) make_keys_of_repetition(v, run->name);
    return compute(v, *run);
  }

  /// What is resumed goes on whatever else there is. An unfinished repetition hides no finished run, but for --again.
  std::optional<RunRecord> stored_run(const PreparedVariant& v) {
    const auto& resumed = options_.resumed;
    if (resumed && resumed->variant == v.spec.name && resumed->eval_key == v.eval_key) return store_->run(resumed->id);
    return options_.again ? store_->newest_run(v.eval_key) : store_->find_run(v.eval_key);
  }

  RunRecord create_run(const PreparedVariant& v, std::optional<std::int64_t> repeats) {
    RunRequest request = make_request(job_, v, options_.overrides_json);
    request.repeats = repeats;
    return store_->create_run(request);
  }

  void add_images(PreparedVariant& v) {
    JobComplaints complaints(job_);
    prepare_images(v, job_, options_.limit, images_, complaints);
    complaints.stop(&v == &variants_.front() ? "nothing was run" : "variant '" + v.spec.name + "' was not run");
  }

  /// A resumed run must be the same run: anything else would mix two results in one.
  void refuse_changed_inputs(const PreparedVariant& v) const {
    const auto& resumed = options_.resumed;
    if (!resumed || resumed->variant != v.spec.name || resumed->eval_key == v.eval_key) return;
    const StoredInputs stored{[this](const std::string& key) { return store_->key_components(key); },
                              [this](const std::string& fingerprint) { return store_->samples(fingerprint); }};
    throw InputError(fmt::format("{} cannot be resumed, these have changed since it began: {}\n"
                                 "restore them, or start a new run with: qeval run {}",
                                 resumed->name, changed_inputs_text(stored, *resumed, v),
                                 visible_name(job_.file.string())));
  }

  bool compute(PreparedVariant& v, const RunRecord& run) {
    Attempt attempt(*store_, run.id, v.eval_components.at("device"));
    try {
      if (calibrate_and_evaluate(v, run)) {
        finish(v, run, attempt);
        return true;
      }
      interrupt(v, run, attempt);
      return false;
    } catch (...) {
      const Error error = current_error();
      close_failed(attempt, error);
      throw Error(error.code(), fmt::format("{} ({}): {}{}", run.name, v.spec.name, error.what(), resume_text(run)));
    }
  }

  void finish(const PreparedVariant& v, const RunRecord& run, Attempt& attempt) {
    const bool passed = missed_gates(v.spec.gates, store_->recompute_metrics(run.id)).empty();
    const bool good = passed && store_->not_finite(run.id).images == 0;
    attempt.finish(passed ? "done" : "gate_failed", good ? ExitCode::ok : ExitCode::negative);
    keep(v, store_->run(run.id), true);
    if (run.repeats != 0) compare_with_repeated(v, run);
  }

  void interrupt(const PreparedVariant& v, const RunRecord& run, Attempt& attempt) {
    const ExitCode code = exit_of_signal(stop_.reason());
    attempt.finish("interrupted", code);
    const RunRecord now = store_->run(run.id);
    err("{} ({}): committed {}{} of {} images; go on with: qeval resume {} --db {}\n", now.name, v.spec.name,
        layers_text(v), now.n_done, now.n_total, now.name, options_.database.string());
    result_.exit_code = static_cast<int>(code);
  }

  void compare_with_repeated(const PreparedVariant& v, const RunRecord& run) {
    const bool same = store_->content_hash(run.id) == store_->content_hash(run.repeats);
    err("{}: {} computed again what {} had computed: {}\n", v.spec.name, run.name, run.repeats_name,
        same ? "the content hash is the same" : "the content hash is ANOTHER one; compare the two with qeval show");
    if (!same) result_.exit_code = static_cast<int>(ExitCode::negative);
  }

  std::string resume_text(const RunRecord& run) const {
    if (!store_->in_place()) return "";
    return fmt::format("\nwhat was committed is kept; go on with: qeval resume {} --db {}", run.name,
                       visible_name(options_.database.string()));
  }

  /// "3 of 50 layers of AdaRound, " while that is what is being done.
  std::string layers_text(const PreparedVariant& v) {
    if (!v.tuning) return "";
    const auto done = static_cast<std::size_t>(store_->tuned_layers_done(v.tuning->key)), all = layers_to_tune(v);
    return done < all ? fmt::format("{} of {} layers of {}, ", done, all, v.tuning->title()) : "";
  }

  bool calibrate_and_evaluate(PreparedVariant& v, const RunRecord& run) {
    EncodingMap encodings;
    if (v.quant) {
      if (!tune_layers(v, job_.run, *store_, stop_, options_.progress)) return false;
      const auto outcome = provide_encodings(v, job_.run, *store_, stop_, options_.progress);
      if (!outcome) return false;
      store_->set_encoding_set(run.id, outcome->set_id);
      encodings = outcome->encodings;
      for (const std::string& key : outcome->without_data)
        err("warning: {} has no encoding and is not quantized\n", key);
      export_encodings(v, encodings);
    }
    return evaluate(v, encodings, job_.run, *store_, run, stop_, options_.progress);
  }

  /// The database itself may be what failed (disk full); the first error is the one to report.
  void close_failed(Attempt& attempt, const Error& error) noexcept {
    if (attempt.is_finished()) return;  // what failed came behind it
    try {
      attempt.finish("failed", error.code(), error.what());
    } catch (const std::exception&) {
    }
  }

  void keep(const PreparedVariant& v, const RunRecord& run, bool computed) {
    result_.variants.push_back({run, store_->not_finite(run.id), computed, missed_gates(v.spec.gates, run)});
    const VariantResult& kept = result_.variants.back();
    if (kept.not_finite.images > 0)
      err("{}: {} of {} images have no usable answer: {}\n", v.spec.name, kept.not_finite.images, run.n_total,
          kept.not_finite.explanation);
    if (!kept.missed.empty() || kept.not_finite.images > 0) result_.exit_code = static_cast<int>(ExitCode::negative);
  }

  void export_stored_encodings(const PreparedVariant& v) {
    if (!v.quant || job_.export_encodings.empty()) return;
    std::int64_t id = 0;
    if (const auto set = store_->find_encoding_set(v.calibration_key, &id))
      export_encodings(v, encoding_map(set->encodings));
  }

  void export_encodings(const PreparedVariant& v, const EncodingMap& encodings) {
    const std::filesystem::path file = export_file(v);
    if (file.empty()) return;
    EncodingsFile content = encodings_file_of(v.graph, encodings, *v.quant, job_.encodings_version);
    outputs_beside(v).write(file, [&] {
      if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
      write_what_fits(content, file, v.spec.name);
    });
    err("{}: encodings written to {}\n", v.spec.name, file.string());
  }

  /// Empty: none is wanted.
  std::filesystem::path export_file(const PreparedVariant& v) const {
    if (!v.quant) return {};
    std::string path = job_.export_encodings.string();
    if (const auto at = path.find("${variant}"); at != std::string::npos) path.replace(at, 10, v.spec.name);
    return path;
  }

  /// Before hours are spent on what cannot be written.
  void check_output(const PreparedVariant& v) const {
    if (const auto file = export_file(v); !file.empty()) outputs_beside(v).check(file);
  }

  OutputFiles outputs_beside(const PreparedVariant& v) const {
    OutputFiles outputs(options_.force);
    add_inputs(job_, v, outputs);
    outputs.add_input(options_.database, "the results database");
    return outputs;
  }

  const JobSpec& job_;
  const RunJobOptions& options_;
  std::vector<PreparedVariant> variants_;
  std::unique_ptr<RunStore> store_;
  StopToken stop_;
  InterruptGuard guard_;
  ImageSets images_;
  JobResult result_;
};

}  // namespace

JobResult run_job(const JobSpec& job, const RunJobOptions& options) {
  return JobRunner(job, options, check_variants(job, FirstWeights::kept)).run();
}

}  // namespace qeval
