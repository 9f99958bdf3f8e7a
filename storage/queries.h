#pragma once
/// Read-only questions to the results database. Works while a run is writing.
/// Thread-safety: one thread at a time per Queries. Errors: DatabaseError; UsageError for a bad --where.
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/cell.h"
#include "storage/committed_work.h"
#include "storage/paired_rows.h"
#include "storage/prediction_rows.h"
#include "storage/records.h"
#include "storage/sensitivity_rows.h"

namespace qeval {

/// A result table: column names and rows of as many cells.
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
};

struct HistoryFilter {
  std::string where{};  ///< SQL over the history view, evaluated on a read-only, defensive connection
  std::string sort{};   ///< "top1-", "created_at"
  int limit = 0;        ///< 0 = all
  /// Empty: whatever it is. A name, or a pattern with * and ?.
  std::string arch{}, dataset{};
  std::string tag{};    ///< one of the run's
  std::string since{};  ///< created then or later, UTC as utc_now has it
  bool operator==(const HistoryFilter&) const = default;
};

/// All that a run's predictions say, read once.
struct RunContent {
  RunOutcomes outcomes;
  std::string hash;  ///< see content_hash
};

class Queries {
 public:
  static std::unique_ptr<Queries> open(const std::filesystem::path& file);
  ~Queries();

  const std::filesystem::path& file() const;

  /// From now on every answer is of one moment, whatever a run commits meanwhile. Not for long: until the object goes,
  /// what a run commits cannot be moved into the main file.
  void hold();

  Table history(const HistoryFilter& filter);
  /// By exact name, unique prefix, or "@last", "@2" (second newest). UsageError with a did-you-mean otherwise.
  RunRecord run(const std::string& reference);
  /// Its row alone: whoever asks for its outcomes learns whether its predictions are sound.
  RunRecord run_row(const std::string& reference);
  /// The run that is not finished and was worked on last.
  std::optional<RunRecord> latest_unfinished();
  std::vector<RunRecord> runs();
  /// Who writes at this moment, in words; empty if nobody does. Takes no lock that a writer would wait for.
  std::string writer();
  /// Of the run's newest attempt.
  CommittedWork committed_work(std::int64_t run_id);
  std::optional<RunRecord> find_run(const std::string& eval_key);
  bool has_encoding_set(const std::string& cache_key);
  std::optional<EncodingSetRecord> encoding_set(const std::string& cache_key);
  std::vector<EncodingSetSummary> encoding_sets();
  /// By number, by name, or by the run that used it (as `run` takes it). UsageError if none fits, or several do.
  EncodingSetRecord named_encoding_set(const std::string& reference);
  std::int64_t calibration_batches_done(const std::string& cache_key);
  std::vector<TunedLayerRecord> tuned_layers(const std::string& cache_key);
  std::int64_t tuned_layers_done(const std::string& cache_key);
  std::int64_t batches_done(std::int64_t run_id);
  std::vector<PredictionRecord> predictions(std::int64_t run_id);
  /// See paired_rows.h.
  RunOutcomes outcomes(std::int64_t run_id);
  RunContent content(std::int64_t run_id);
  PairedRows paired_rows(const RunOutcomes& first, const RunOutcomes& second);
  PairedRows paired_rows(std::int64_t first_run, std::int64_t second_run);
  std::string sample_name(std::int64_t sample_id);
  SampleRecord sample(std::int64_t sample_id);
  std::string dataset_root(std::int64_t run_id);  ///< where its images were last seen
  std::vector<std::string> class_names(std::int64_t run_id);
  int class_count(std::int64_t run_id);  ///< of the network
  Table attempts(std::int64_t run_id);
  /// Those that could not be used.
  Table failed_images(std::int64_t run_id);
  NotFiniteRows not_finite(std::int64_t run_id);
  std::vector<EncodingRecord> encodings(std::int64_t run_id);
  std::optional<EncodingSetRecord> encoding_set_of_run(std::int64_t run_id);
  JobRecord job(std::int64_t run_id);
  std::vector<StoredSensitivity> sensitivities();
  std::vector<SensitivityRow> sensitivity_sums(std::int64_t id);  ///< by group number; none before the first batch
  /// As RunStore's.
  std::map<std::string, std::string> key_components(const std::string& key);
  std::vector<SampleRecord> samples(const std::string& fingerprint);
  /// Of the run's data set, by ordinal.
  std::vector<SampleRecord> images(std::int64_t run_id);
  /// SHA-256 over every stored prediction row and encoding row of the run, in order; independent of times, names, ids,
  /// attempts and interruptions.
  std::string content_hash(std::int64_t run_id);

 private:
  struct Impl;
  explicit Queries(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace qeval
