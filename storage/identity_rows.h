#pragma once
/// Rows that many runs share: stored once by what they are, found again by it. Call inside a Transaction.
/// Thread-safety and errors: as Database; InternalError if a known fingerprint comes with other samples.
#include <cstdint>
#include <map>
#include <string>

#include "storage/database.h"
#include "storage/records.h"

namespace qeval {

std::int64_t store_model(Database& database, const ModelRecord& model);
/// With all its samples and class names when it is new.
std::int64_t store_dataset(Database& database, const DatasetRecord& dataset);
/// Of the data set with this fingerprint, by ordinal; none if it is not stored.
std::vector<SampleRecord> read_samples(Database& database, const std::string& fingerprint);
SampleRecord read_sample(Database& database, std::int64_t sample_id);
/// Where the images of a run's data set were last seen.
std::string read_dataset_root(Database& database, std::int64_t run_id);
std::int64_t store_job(Database& database, const JobRecord& job);
JobRecord read_job(Database& database, std::int64_t run_id);
/// What a job's row is found by: of all that is stored of it.
std::string job_sha256(const JobRecord& job);
std::int64_t store_recipe(Database& database, const RecipeRecord& recipe);

void store_key_components(Database& database, const std::string& key,
                          const std::map<std::string, std::string>& components);
std::map<std::string, std::string> read_key_components(Database& database, const std::string& key);

}  // namespace qeval
