#pragma once
/// Rows of layers that were changed on images. Thread-safety and errors: as Database.
#include <map>
#include <string>
#include <vector>

#include "storage/database.h"
#include "storage/records.h"

namespace qeval {

/// In the order in which they were changed.
std::vector<TunedLayerRecord> read_tuned_layers(Database& database, const std::string& cache_key);
std::int64_t count_tuned_layers(Database& database, const std::string& cache_key);

/// The next one, in one transaction; with the first come the key's components.
void insert_tuned_layer(Database& database, const std::string& cache_key,
                        const std::map<std::string, std::string>& key_components, const TunedLayerRecord& layer);

}  // namespace qeval
