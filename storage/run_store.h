#pragma once
/// The results database: runs, predictions, encodings, calibration progress. The one writer.
///
/// Thread-safety: one thread at a time. Only one process writes: a kernel lock on the file and on "<db>.lock" is taken
/// for the store's lifetime and frees itself on kill -9. Readers use storage/queries.h on their own read-only
/// connection. Durability: every commit_* call is one transaction, WAL + synchronous=FULL on local disks (rollback
/// journal on network file systems): what was committed survives kill -9 and power loss. Errors: DatabaseError (in use
/// — by whom —, newer, foreign, read-only, damaged, gone from where it was); RunError for a full disk or I/O error.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/paired_rows.h"
#include "storage/records.h"

namespace qeval {

struct RunRequest {
  JobRecord job;
  std::string overrides_json;
  std::string variant, precision, executor, mode, device, tags;
  ModelRecord model;
  DatasetRecord dataset;
  std::optional<DatasetRecord> calibration;  ///< images that something is computed from before the evaluation
  std::optional<RecipeRecord> recipe;
  std::string eval_key;
  std::map<std::string, std::string> key_components;
  int batch_size = 1;
  std::string tool_version;
  /// What comes before the evaluation, under keys of its own: the key and its components; an empty key for nothing.
  std::pair<std::string, std::map<std::string, std::string>> encodings_key_components, tuning_key_components;
  std::optional<std::int64_t> repeats;  ///< id of the finished run that is computed again
};

/// Predictions made elsewhere, which become a finished run beside the run `like`: of its job and its images.
struct ImportRequest {
  std::int64_t like = 0;
  std::string variant;
  ModelRecord model;  ///< stands for whatever made them
  std::string eval_key;
  std::map<std::string, std::string> key_components;
  std::string tool_version;
};

struct CalibrationProgress {
  std::int64_t batches_done = 0;
  std::vector<std::vector<std::uint8_t>> states;  ///< one per quantizer, as of batches_done; empty if none yet
};

class RunStore {
 public:
  /// Creates the file (and its folder) if absent, migrates an older one after a backup, refuses a newer or foreign one.
  static std::unique_ptr<RunStore> open(const std::filesystem::path& file);
  ~RunStore();

  const std::filesystem::path& file() const;

  /// Whether the file is still where it was opened; otherwise nothing more can be committed, and what was is lost.
  bool in_place() const;

  /// What the user should know about where the file is (a network file system); empty if nothing.
  std::string warning() const;

  // Runs -------------------------------------------------------------------------------------------------------------
  /// The run with this key: the newest finished one, else the newest.
  std::optional<RunRecord> find_run(const std::string& eval_key);
  /// The newest with this key, whatever its state.
  std::optional<RunRecord> newest_run(const std::string& eval_key);
  RunRecord run(std::int64_t run_id);
  /// Newest first.
  std::vector<RunRecord> runs();
  /// A new run in state "running" with a fresh two-word name.
  RunRecord create_run(const RunRequest& request);
  /// One transaction. `rows`: of some or all images of the other run.
  RunRecord import_run(const ImportRequest& request, std::span<const PredictionRecord> rows);
  /// Opens an attempt: state "running", host/pid/start time recorded. Returns the attempt id.
  std::int64_t begin_attempt(std::int64_t run_id, const std::string& device);
  /// Batch numbers already committed, ascending.
  std::vector<std::int64_t> committed_batches(std::int64_t run_id);
  /// One batch: its rows, its batch row, and the run's figures and time with it, together.
  /// Committing a batch twice is an InternalError.
  void commit_batch(std::int64_t run_id, std::int64_t batch_number, std::span<const PredictionRecord> rows);
  /// Names the encodings the run is computed with; they may not exist yet when the run is created.
  void set_encoding_set(std::int64_t run_id, std::int64_t encoding_set_id);
  /// The run with its counts and accuracies recomputed from the stored rows.
  RunRecord recompute_metrics(std::int64_t run_id);
  /// As Queries::content_hash.
  std::string content_hash(std::int64_t run_id);
  /// None for an unknown key.
  std::map<std::string, std::string> key_components(const std::string& key);
  /// Images of the data set with this fingerprint, as a run of it saw them; none if it is not stored.
  std::vector<SampleRecord> samples(const std::string& fingerprint);
  NotFiniteRows not_finite(std::int64_t run_id);
  /// See paired_rows.h.
  PairedRows paired_rows(std::int64_t first_run, std::int64_t second_run);
  /// Ends an attempt; the run is in `state` then. Metrics are recomputed from the stored rows.
  void finish_attempt(std::int64_t run_id, std::int64_t attempt_id, RunState state, double active_s,
                      const std::string& error, int exit_code);

  // Encodings --------------------------------------------------------------------------------------------------------
  std::optional<EncodingSetRecord> find_encoding_set(const std::string& cache_key, std::int64_t* id);
  /// Stores a finished set and drops its calibration progress, in one transaction. Returns its id.
  std::int64_t save_encoding_set(const EncodingSetRecord& set);
  CalibrationProgress calibration_progress(const std::string& cache_key);
  void commit_calibration_batch(const std::string& cache_key, std::int64_t batches_done,
                                const std::vector<std::vector<std::uint8_t>>& states);

  // Layers changed on images; see tuned_layer_rows.h ------------------------------------------------------------------
  std::vector<TunedLayerRecord> tuned_layers(const std::string& cache_key);
  std::int64_t tuned_layers_done(const std::string& cache_key);
  void commit_tuned_layer(const std::string& cache_key, const std::map<std::string, std::string>& key_components,
                          const TunedLayerRecord& layer);

  // Sensitivity; see sensitivity_rows.h ------------------------------------------------------------------------------
  std::int64_t open_sensitivity(const SensitivityRecord& record);
  std::vector<std::int64_t> sensitivity_batches(std::int64_t id);
  void commit_sensitivity_batch(std::int64_t id, std::int64_t batch_number, std::span<const SensitivityRow> parts);
  std::vector<SensitivityRow> sensitivity_sums(std::int64_t id);

 private:
  struct Impl;
  explicit RunStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace qeval
