#include "storage/queries.h"

#include "storage/content_hash.h"
#include "storage/encoding_rows.h"
#include "storage/encoding_set_reference.h"
#include "storage/history.h"
#include "storage/identity_rows.h"
#include "storage/open_database.h"
#include "storage/prediction_rows.h"
#include "storage/run_reference.h"
#include "storage/run_rows.h"
#include "storage/soundness.h"
#include "storage/tuned_layer_rows.h"

namespace qeval {

namespace {

void interrupt(RunRecord& run) {
  if (run.state == RunState::running) run.state = RunState::interrupted;
}

template <class Runs>
void interrupt(Runs& runs) {
  for (RunRecord& run : runs) interrupt(run);
}

void interrupt(std::optional<RunRecord>& run) {
  if (run) interrupt(*run);
}

}  // namespace

struct Queries::Impl {
  explicit Impl(ReadableDatabase opened) : writer(std::move(opened.writer)), database(std::move(opened.database)) {}

  std::unique_ptr<LockProbe> writer;  // goes last
  std::unique_ptr<Database> database;

  bool writer_is_gone() const { return !writer->is_held(); }

  /// Nobody could set the state of a run whose process was killed. The lock is looked at before its row is read, since
  /// a run that ends in between has ended, and once more behind it, since another may have begun.
  template <class Read>
  auto with_true_state(const Read& read) const {
    const bool was_gone = writer_is_gone();
    auto found = read();
    if (was_gone && writer_is_gone()) interrupt(found);
    return found;
  }
};

Queries::Queries(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Queries::~Queries() = default;

std::unique_ptr<Queries> Queries::open(const std::filesystem::path& file) {
  return std::unique_ptr<Queries>(new Queries(std::make_unique<Impl>(open_for_reading(file))));
}

const std::filesystem::path& Queries::file() const { return impl_->database->file(); }

void Queries::hold() { impl_->database->run("BEGIN"); }

Table Queries::history(const HistoryFilter& filter) {
  if (!impl_->writer_is_gone()) return read_history(*impl_->database, filter, false);
  Table table = read_history(*impl_->database, filter, true);
  return impl_->writer_is_gone() ? table : read_history(*impl_->database, filter, false);
}

RunRecord Queries::run_row(const std::string& reference) {
  return impl_->with_true_state([&] { return read_run(*impl_->database, find_run_id(*impl_->database, reference)); });
}

RunRecord Queries::run(const std::string& reference) {
  RunRecord run = run_row(reference);
  require_sound_run(*impl_->database, run.id);
  return run;
}

std::optional<RunRecord> Queries::latest_unfinished() {
  return impl_->with_true_state([&] {
    const std::int64_t id = impl_->database->integer(
        "SELECT r.id FROM run r LEFT JOIN run_attempt a ON a.run_id = r.id"
        " WHERE r.state IN ('running', 'interrupted', 'failed')"
        " GROUP BY r.id ORDER BY max(a.id) DESC, r.id DESC LIMIT 1");
    return id == 0 ? std::nullopt : std::optional(read_run(*impl_->database, id));
  });
}

std::vector<RunRecord> Queries::runs() {
  return impl_->with_true_state([&] { return read_runs(*impl_->database); });
}

std::string Queries::writer() { return impl_->writer->holder(); }

CommittedWork Queries::committed_work(std::int64_t run_id) { return read_committed_work(*impl_->database, run_id); }

std::optional<RunRecord> Queries::find_run(const std::string& eval_key) {
  return impl_->with_true_state([&] { return read_run_by_key(*impl_->database, eval_key); });
}

bool Queries::has_encoding_set(const std::string& cache_key) {
  return find_encoding_set_id(*impl_->database, cache_key).has_value();
}

std::optional<EncodingSetRecord> Queries::encoding_set(const std::string& cache_key) {
  const auto id = find_encoding_set_id(*impl_->database, cache_key);
  return id ? std::optional(read_encoding_set(*impl_->database, *id)) : std::nullopt;
}

std::vector<EncodingSetSummary> Queries::encoding_sets() { return read_encoding_sets(*impl_->database); }

EncodingSetRecord Queries::named_encoding_set(const std::string& reference) {
  return read_encoding_set(*impl_->database, find_named_encoding_set(*impl_->database, reference));
}

std::int64_t Queries::calibration_batches_done(const std::string& cache_key) {
  return read_calibration_batches_done(*impl_->database, cache_key);
}

std::vector<TunedLayerRecord> Queries::tuned_layers(const std::string& cache_key) {
  return read_tuned_layers(*impl_->database, cache_key);
}

std::int64_t Queries::tuned_layers_done(const std::string& cache_key) {
  return count_tuned_layers(*impl_->database, cache_key);
}

std::int64_t Queries::batches_done(std::int64_t run_id) {
  require_sound_run(*impl_->database, run_id);
  return impl_->database->integer("SELECT count(*) FROM batch_done WHERE run_id = ?1", run_id);
}

std::vector<PredictionRecord> Queries::predictions(std::int64_t run_id) {
  std::vector<PredictionRecord> rows;
  for_each_prediction(*impl_->database, run_id, [&rows](const PredictionRecord& row) { rows.push_back(row); });
  return rows;
}

RunOutcomes Queries::outcomes(std::int64_t run_id) { return read_outcomes(*impl_->database, run_id); }

RunContent Queries::content(std::int64_t run_id) {
  const ReadTransaction one_moment(*impl_->database);
  ContentHash hash;
  RunOutcomes outcomes = read_outcomes(*impl_->database, run_id, [&](const PredictionRecord& row) { hash.add(row); });
  return {std::move(outcomes), hash.with(read_run_encodings(*impl_->database, run_id))};
}

PairedRows Queries::paired_rows(const RunOutcomes& first, const RunOutcomes& second) {
  return pair_outcomes(*impl_->database, first, second);
}

PairedRows Queries::paired_rows(std::int64_t first_run, std::int64_t second_run) {
  return read_paired_rows(*impl_->database, first_run, second_run);
}

std::string Queries::sample_name(std::int64_t sample_id) { return read_sample_name(*impl_->database, sample_id); }

SampleRecord Queries::sample(std::int64_t sample_id) { return read_sample(*impl_->database, sample_id); }

std::string Queries::dataset_root(std::int64_t run_id) { return read_dataset_root(*impl_->database, run_id); }

std::vector<std::string> Queries::class_names(std::int64_t run_id) {
  return read_class_names(*impl_->database, run_id);
}

int Queries::class_count(std::int64_t run_id) {
  return static_cast<int>(impl_->database->integer(
      "SELECT n_classes FROM dataset WHERE id = (SELECT dataset_id FROM run WHERE id = ?1)", run_id));
}

Table Queries::attempts(std::int64_t run_id) {
  return read_table(impl_->database->query(
      "SELECT attempt, started_at, ended_at, CASE WHEN ended_at IS NULL AND ?2 THEN 'killed' ELSE end_reason END AS "
      "end_reason,"
      " from_done, to_done, round(active_s, 3) AS active_s, device, host, pid, argv FROM run_attempt WHERE run_id = ?1"
      " ORDER BY attempt",
      run_id, impl_->writer_is_gone()));
}

Table Queries::failed_images(std::int64_t run_id) {
  return read_table(
      impl_->database->query("SELECT s.ordinal, s.name AS image, p.label, p.status, p.message FROM prediction p JOIN "
                             "sample s ON s.id = p.sample_id"
                             " WHERE p.run_id = ?1 AND p.status NOT IN ('ok', ?2) ORDER BY s.ordinal",
                             run_id, status_not_finite));
}

NotFiniteRows Queries::not_finite(std::int64_t run_id) { return read_not_finite(*impl_->database, run_id); }

std::vector<EncodingRecord> Queries::encodings(std::int64_t run_id) {
  return read_run_encodings(*impl_->database, run_id);
}

std::optional<EncodingSetRecord> Queries::encoding_set_of_run(std::int64_t run_id) {
  return read_run_encoding_set(*impl_->database, run_id);
}

JobRecord Queries::job(std::int64_t run_id) { return read_job(*impl_->database, run_id); }

std::vector<StoredSensitivity> Queries::sensitivities() { return read_sensitivities(*impl_->database); }

std::vector<SensitivityRow> Queries::sensitivity_sums(std::int64_t id) {
  return read_sensitivity_sums(*impl_->database, id);
}

std::map<std::string, std::string> Queries::key_components(const std::string& key) {
  return read_key_components(*impl_->database, key);
}

std::vector<SampleRecord> Queries::samples(const std::string& fingerprint) {
  return read_samples(*impl_->database, fingerprint);
}

std::vector<SampleRecord> Queries::images(std::int64_t run_id) {
  Statement fingerprint = impl_->database->query(
      "SELECT fingerprint FROM dataset WHERE id = (SELECT dataset_id FROM run WHERE id = ?1)", run_id);
  return fingerprint.step() ? samples(fingerprint.required_text(0)) : std::vector<SampleRecord>();
}

std::string Queries::content_hash(std::int64_t run_id) { return qeval::content_hash(*impl_->database, run_id); }

}  // namespace qeval
