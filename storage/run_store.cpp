#include "storage/run_store.h"

#include "pipeline/base/visible_text.h"
#include "storage/content_hash.h"
#include "storage/encoding_rows.h"
#include "storage/file_lock.h"
#include "storage/identity_rows.h"
#include "storage/open_database.h"
#include "storage/prediction_rows.h"
#include "storage/process_info.h"
#include "storage/run_attempts.h"
#include "storage/run_metrics.h"
#include "storage/run_names.h"
#include "storage/run_rows.h"
#include "storage/run_seal.h"
#include "storage/sensitivity_rows.h"
#include "storage/soundness.h"
#include "storage/tuned_layer_rows.h"
#include "storage/written_name.h"

namespace qeval {

namespace {

/// After a writer was killed. Whatever killed it may have hurt the file too.
void recover(Database& database) {
  const std::vector<std::int64_t> killed = running_runs(database);
  if (!killed.empty()) require_sound_pages(database);
  for (const std::int64_t run_id : killed) {
    require_sound_run(database, run_id);
    close_abandoned_run(database, run_id);
  }
}

std::string fresh_name(Database& database) {
  return fresh_run_name([&database](const std::string& name) {
    return database.integer("SELECT count(*) FROM run WHERE name = ?1", name) != 0;
  });
}

std::int64_t insert_run(Database& database, const RunRequest& request) {
  const std::int64_t model_id = store_model(database, request.model);
  const std::int64_t dataset_id = store_dataset(database, request.dataset);
  if (request.calibration) store_dataset(database, *request.calibration);
  const std::int64_t job_id = store_job(database, request.job);
  std::optional<std::int64_t> recipe_id;
  if (request.recipe) recipe_id = store_recipe(database, *request.recipe);
  store_key_components(database, request.eval_key, request.key_components);
  for (const auto* earlier : {&request.encodings_key_components, &request.tuning_key_components})
    if (!earlier->first.empty()) store_key_components(database, earlier->first, earlier->second);
  database.run(
      "INSERT INTO run(name, state, job_id, overrides_json, variant, model_id, dataset_id, recipe_id,"
      " precision, executor, mode, device, batch_size, n_total, eval_key, tool_version, tags, created_at, repeats)"
      " VALUES(?1, 'running', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
      fresh_name(database), job_id, request.overrides_json, request.variant, model_id, dataset_id, recipe_id,
      request.precision, request.executor, request.mode, request.device, request.batch_size,
      request.dataset.samples.size(), request.eval_key, request.tool_version, request.tags, utc_now(), request.repeats);
  return database.last_insert_id();
}

std::int64_t insert_imported_run(Database& database, const ImportRequest& request) {
  store_key_components(database, request.eval_key, request.key_components);
  database.run(
      "INSERT INTO run(name, state, job_id, overrides_json, variant, model_id, dataset_id, precision, executor, mode,"
      " device, batch_size, n_total, eval_key, tool_version, tags, created_at, finished_at, exit_code)"
      " SELECT ?2, 'done', job_id, overrides_json, ?3, ?4, dataset_id, ?5, ?5, '', 'elsewhere', 1, n_total, ?6, ?7,"
      " tags, ?8, ?8, 0 FROM run WHERE id = ?1",
      request.like, fresh_name(database), request.variant, store_model(database, request.model), imported_executor,
      request.eval_key, request.tool_version, utc_now());
  return database.last_insert_id();
}

/// Images that nobody commits in batches are one.
void insert_predictions(Database& database, std::int64_t run_id, std::span<const PredictionRecord> rows) {
  const std::int64_t dataset_id = database.integer("SELECT dataset_id FROM run WHERE id = ?1", run_id);
  for (const PredictionRecord& row : rows) insert_prediction(database, run_id, dataset_id, row);
  database.run("INSERT INTO batch_done(run_id, batch_number, n_rows, committed_at) VALUES(?1, 0, ?2, ?3)", run_id,
               rows.size(), utc_now());
}

}  // namespace

struct RunStore::Impl {
  Impl(const std::filesystem::path& file, JournalPolicy journal)
      : lock(file), database(open_for_writing(file, journal)), policy(journal) {}

  FileLock lock;  // first in, last out: nobody else opens the file while it is being closed
  std::unique_ptr<Database> database;
  JournalPolicy policy;
};

RunStore::RunStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

RunStore::~RunStore() = default;

std::unique_ptr<RunStore> RunStore::open(const std::filesystem::path& file) {
  const std::filesystem::path location = prepare_location(file);
  auto impl = std::make_unique<Impl>(location, journal_policy_for(location));
  impl->database->keep_place(
      renew_file_id(*impl->database, [&impl](const FileIds& ids) { impl->lock.tell_file_ids(ids); }));
  recover(*impl->database);
  return std::unique_ptr<RunStore>(new RunStore(std::move(impl)));
}

const std::filesystem::path& RunStore::file() const { return impl_->database->file(); }

bool RunStore::in_place() const { return impl_->database->in_place(); }

std::string RunStore::warning() const {
  if (impl_->policy == JournalPolicy::wal) return {};
  return "database " + visible_name(file().string()) +
         " is on a network file system: it is locked for readers while this run writes, and commits are slower; a "
         "local disk "
         "(--db) avoids both";
}

// Runs -------------------------------------------------------------------------------------------------------------

std::optional<RunRecord> RunStore::find_run(const std::string& eval_key) {
  const auto run = read_run_by_key(*impl_->database, eval_key);
  if (run) require_sound_run(*impl_->database, run->id);
  return run;
}

std::optional<RunRecord> RunStore::newest_run(const std::string& eval_key) {
  auto run = read_newest_run(*impl_->database, eval_key);
  if (run) require_sound_run(*impl_->database, run->id);
  return run;
}

RunRecord RunStore::run(std::int64_t run_id) {
  require_sound_run(*impl_->database, run_id);
  return read_run(*impl_->database, run_id);
}

std::vector<RunRecord> RunStore::runs() { return read_runs(*impl_->database); }

RunRecord RunStore::create_run(const RunRequest& request) {
  Transaction transaction(*impl_->database);
  const std::int64_t id = insert_run(*impl_->database, request);
  seal_run(*impl_->database, id);
  transaction.commit();
  return read_run(*impl_->database, id);
}

RunRecord RunStore::import_run(const ImportRequest& request, std::span<const PredictionRecord> rows) {
  Database& database = *impl_->database;
  Transaction transaction(database);
  const std::int64_t id = insert_imported_run(database, request);
  insert_predictions(database, id, rows);
  update_metrics(database, id);
  seal_run(database, id);
  transaction.commit();
  return read_run(database, id);
}

std::int64_t RunStore::begin_attempt(std::int64_t run_id, const std::string& device) {
  return qeval::begin_attempt(*impl_->database, run_id, device);
}

std::vector<std::int64_t> RunStore::committed_batches(std::int64_t run_id) {
  std::vector<std::int64_t> batches;
  Statement statement =
      impl_->database->query("SELECT batch_number FROM batch_done WHERE run_id = ?1 ORDER BY batch_number", run_id);
  while (statement.step()) batches.push_back(statement.integer(0));
  return batches;
}

void RunStore::commit_batch(std::int64_t run_id, std::int64_t batch_number, std::span<const PredictionRecord> rows) {
  Database& database = *impl_->database;
  Transaction transaction(database);
  if (database.integer("SELECT count(*) FROM batch_done WHERE run_id = ?1 AND batch_number = ?2", run_id,
                       batch_number) != 0) {
    throw InternalError("batch " + std::to_string(batch_number) + " of run " + read_run(database, run_id).name +
                        " was committed before");
  }
  const std::int64_t dataset_id = database.integer("SELECT dataset_id FROM run WHERE id = ?1", run_id);
  for (const PredictionRecord& row : rows) insert_prediction(database, run_id, dataset_id, row);
  const std::string now = utc_now();
  database.run("INSERT INTO batch_done(run_id, batch_number, n_rows, committed_at) VALUES(?1, ?2, ?3, ?4)", run_id,
               batch_number, rows.size(), now);
  add_to_metrics(database, run_id, rows);
  advance_attempt(database, run_id, now);
  seal_run(database, run_id);
  transaction.commit();
}

void RunStore::set_encoding_set(std::int64_t run_id, std::int64_t encoding_set_id) {
  Transaction transaction(*impl_->database);
  impl_->database->run("UPDATE run SET encoding_set_id = ?2 WHERE id = ?1", run_id, encoding_set_id);
  seal_run(*impl_->database, run_id);
  transaction.commit();
}

RunRecord RunStore::recompute_metrics(std::int64_t run_id) {
  Transaction transaction(*impl_->database);
  update_metrics(*impl_->database, run_id);
  seal_run(*impl_->database, run_id);
  transaction.commit();
  return read_run(*impl_->database, run_id);
}

std::string RunStore::content_hash(std::int64_t run_id) { return qeval::content_hash(*impl_->database, run_id); }

std::map<std::string, std::string> RunStore::key_components(const std::string& key) {
  return read_key_components(*impl_->database, key);
}

std::vector<SampleRecord> RunStore::samples(const std::string& fingerprint) {
  return read_samples(*impl_->database, fingerprint);
}
NotFiniteRows RunStore::not_finite(std::int64_t run_id) { return read_not_finite(*impl_->database, run_id); }

PairedRows RunStore::paired_rows(std::int64_t first_run, std::int64_t second_run) {
  return read_paired_rows(*impl_->database, first_run, second_run);
}

void RunStore::finish_attempt(std::int64_t run_id, std::int64_t attempt_id, RunState state, double active_s,
                              const std::string& error, int exit_code) {
  qeval::finish_attempt(*impl_->database, run_id, attempt_id, state, active_s, error, exit_code);
}

// Encodings --------------------------------------------------------------------------------------------------------

std::optional<EncodingSetRecord> RunStore::find_encoding_set(const std::string& cache_key, std::int64_t* id) {
  const auto found = find_encoding_set_id(*impl_->database, cache_key);
  if (!found) return std::nullopt;
  if (id) *id = *found;
  return read_encoding_set(*impl_->database, *found);
}

std::int64_t RunStore::save_encoding_set(const EncodingSetRecord& set) {
  return qeval::save_encoding_set(*impl_->database, set);
}

CalibrationProgress RunStore::calibration_progress(const std::string& cache_key) {
  return read_calibration_progress(*impl_->database, cache_key);
}

void RunStore::commit_calibration_batch(const std::string& cache_key, std::int64_t batches_done,
                                        const std::vector<std::vector<std::uint8_t>>& states) {
  save_calibration_progress(*impl_->database, cache_key, batches_done, states);
}

// Layers changed on images -----------------------------------------------------------------------------------------

std::vector<TunedLayerRecord> RunStore::tuned_layers(const std::string& cache_key) {
  return read_tuned_layers(*impl_->database, cache_key);
}

std::int64_t RunStore::tuned_layers_done(const std::string& cache_key) {
  return count_tuned_layers(*impl_->database, cache_key);
}

void RunStore::commit_tuned_layer(const std::string& cache_key,
                                  const std::map<std::string, std::string>& key_components,
                                  const TunedLayerRecord& layer) {
  insert_tuned_layer(*impl_->database, cache_key, key_components, layer);
}

// Sensitivity ------------------------------------------------------------------------------------------------------

std::int64_t RunStore::open_sensitivity(const SensitivityRecord& record) {
  return qeval::open_sensitivity(*impl_->database, record);
}

std::vector<std::int64_t> RunStore::sensitivity_batches(std::int64_t id) {
  return read_sensitivity_batches(*impl_->database, id);
}

void RunStore::commit_sensitivity_batch(std::int64_t id, std::int64_t batch_number,
                                        std::span<const SensitivityRow> parts) {
  insert_sensitivity_parts(*impl_->database, id, batch_number, parts);
}

std::vector<SensitivityRow> RunStore::sensitivity_sums(std::int64_t id) {
  return read_sensitivity_sums(*impl_->database, id);
}

}  // namespace qeval
