#include "storage/identity_rows.h"

#include "pipeline/base/sha256.h"
#include "storage/process_info.h"

namespace qeval {

namespace {

void store_samples(Database& database, std::int64_t dataset_id, const DatasetRecord& dataset) {
  std::int64_t ordinal = 0;
  for (const SampleRecord& sample : dataset.samples) {
    const auto sha256 =
        sample.sha256.empty() ? std::nullopt : std::optional<std::span<const std::uint8_t>>(sample.sha256);
    database.run("INSERT INTO sample(dataset_id, ordinal, name, label, bytes, sha256) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                 dataset_id, ordinal++, sample.name, sample.label, sample.bytes, sha256);
  }
}

void store_classes(Database& database, std::int64_t dataset_id, const DatasetRecord& dataset) {
  int index = 0;
  for (const std::string& name : dataset.class_names) {
    database.run("INSERT INTO class(dataset_id, class_index, name) VALUES(?1, ?2, ?3)", dataset_id, index++, name);
  }
}

}  // namespace

std::int64_t store_model(Database& database, const ModelRecord& model) {
  return database.integer(
      "INSERT INTO model(name, arch, format, path, sha256, bytes, params, num_classes) VALUES(?1, ?2, ?3, ?4, ?5, ?6, "
      "?7, ?8)"
      " ON CONFLICT(sha256, arch) DO UPDATE SET path = excluded.path RETURNING id",
      model.name, model.arch, model.format, model.path, model.sha256, model.bytes, model.parameters, model.num_classes);
}

std::int64_t store_dataset(Database& database, const DatasetRecord& dataset) {
  const auto n_samples = static_cast<std::int64_t>(dataset.samples.size());
  const std::int64_t known = database.integer("UPDATE dataset SET root = ?2 WHERE fingerprint = ?1 RETURNING id",
                                              dataset.fingerprint, dataset.root);
  if (known != 0) {
    if (database.integer("SELECT n_samples FROM dataset WHERE id = ?1", known) != n_samples) {
      throw InternalError("dataset fingerprint " + dataset.fingerprint + " is stored with another number of samples");
    }
    return known;
  }
  database.run(
      "INSERT INTO dataset(name, kind, root, n_samples, n_classes, fingerprint, created_at) VALUES(?1, ?2, ?3, ?4, ?5, "
      "?6, ?7)",
      dataset.name, dataset.kind, dataset.root, n_samples, dataset.class_count, dataset.fingerprint, utc_now());
  const std::int64_t id = database.last_insert_id();
  store_samples(database, id, dataset);
  store_classes(database, id, dataset);
  return id;
}

std::vector<SampleRecord> read_samples(Database& database, const std::string& fingerprint) {
  std::vector<SampleRecord> samples;
  Statement statement = database.query(
      "SELECT s.name, s.label, s.bytes, s.sha256 FROM sample s JOIN dataset d ON d.id = s.dataset_id"
      " WHERE d.fingerprint = ?1 ORDER BY s.ordinal",
      fingerprint);
  while (statement.step()) {
    samples.push_back({statement.required_text(0), statement.small_integer(1), statement.integer(2), {}});
    if (!statement.is_null(3)) samples.back().sha256 = statement.blob(3);
  }
  return samples;
}

std::string job_sha256(const JobRecord& job) {
  return Sha256().add(job.name).add(job.source_path).add(job.source_text).add(job.resolved_json).hex();
}

SampleRecord read_sample(Database& database, std::int64_t sample_id) {
  Statement row = database.query("SELECT name, label, bytes, sha256 FROM sample WHERE id = ?1", sample_id);
  if (!row.step()) throw InternalError("no sample with id " + std::to_string(sample_id));
  SampleRecord sample{row.required_text(0), row.small_integer(1), row.integer(2), {}};
  if (!row.is_null(3)) sample.sha256 = row.blob(3);
  return sample;
}

std::string read_dataset_root(Database& database, std::int64_t run_id) {
  Statement row =
      database.query("SELECT d.root FROM dataset d JOIN run r ON r.dataset_id = d.id WHERE r.id = ?1", run_id);
  if (!row.step()) throw InternalError("no run with id " + std::to_string(run_id));
  return row.required_text(0);
}

std::int64_t store_job(Database& database, const JobRecord& job) {
  const std::string sha256 = job_sha256(job);
  database.run(
      "INSERT INTO job(name, sha256, source_path, source_text, resolved_json, created_at) VALUES(?1, ?2, ?3, ?4, ?5, "
      "?6)"
      " ON CONFLICT(sha256) DO NOTHING",
      job.name, sha256, job.source_path, job.source_text, job.resolved_json, utc_now());
  return database.integer("SELECT id FROM job WHERE sha256 = ?1", sha256);
}

JobRecord read_job(Database& database, std::int64_t run_id) {
  Statement row = database.query(
      "SELECT j.name, j.source_path, j.source_text, j.resolved_json FROM job j JOIN run r ON r.job_id = j.id"
      " WHERE r.id = ?1",
      run_id);
  if (!row.step()) throw InternalError("no run with id " + std::to_string(run_id));
  return {row.required_text(0), row.required_text(1), row.required_text(2), row.required_text(3)};
}

std::int64_t store_recipe(Database& database, const RecipeRecord& recipe) {
  const auto flag = [](bool value) { return std::int64_t{value}; };
  Sha256 hash;
  hash.add(recipe.name).add(recipe.scheme).add(recipe.mode).add(recipe.config_json);
  hash.add(std::int64_t{recipe.param_bits}).add(std::int64_t{recipe.activation_bits}).add(flag(recipe.per_channel));
  const std::string sha256 = hash.add(flag(recipe.quantize_input)).add(flag(recipe.fold_batch_norm)).hex();
  database.run(
      "INSERT INTO recipe(name, sha256, scheme, mode, param_bits, activation_bits, per_channel, quantize_input,"
      " fold_batch_norm, config_json) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT(sha256) DO NOTHING",
      recipe.name, sha256, recipe.scheme, recipe.mode, recipe.param_bits, recipe.activation_bits, recipe.per_channel,
      recipe.quantize_input, recipe.fold_batch_norm, recipe.config_json);
  return database.integer("SELECT id FROM recipe WHERE sha256 = ?1", sha256);
}

void store_key_components(Database& database, const std::string& key,
                          const std::map<std::string, std::string>& components) {
  for (const auto& [name, value] : components) {
    // A key is a hash over its components: what is there already is the same.
    database.run("INSERT INTO key_component(key, name, value) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING", key, name,
                 value);
  }
}

std::map<std::string, std::string> read_key_components(Database& database, const std::string& key) {
  std::map<std::string, std::string> components;
  Statement statement = database.query("SELECT name, value FROM key_component WHERE key = ?1", key);
  while (statement.step()) components[statement.required_text(0)] = statement.required_text(1);
  return components;
}

}  // namespace qeval
