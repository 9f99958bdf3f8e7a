#include "storage/tuned_layer_rows.h"

#include "storage/identity_rows.h"
#include "storage/process_info.h"

namespace qeval {

std::vector<TunedLayerRecord> read_tuned_layers(Database& database, const std::string& cache_key) {
  std::vector<TunedLayerRecord> layers;
  Statement statement = database.query(
      "SELECT layer, kind, content FROM tuned_layer WHERE cache_key = ?1 ORDER BY position", cache_key);
  while (statement.step()) layers.push_back({statement.text(0), statement.text(1), statement.blob(2)});
  return layers;
}

std::int64_t count_tuned_layers(Database& database, const std::string& cache_key) {
  return database.integer("SELECT count(*) FROM tuned_layer WHERE cache_key = ?1", cache_key);
}

void insert_tuned_layer(Database& database, const std::string& cache_key,
                        const std::map<std::string, std::string>& key_components, const TunedLayerRecord& layer) {
  Transaction transaction(database);
  const std::int64_t position = count_tuned_layers(database, cache_key);
  if (position == 0) store_key_components(database, cache_key, key_components);
  database.run(
      "INSERT INTO tuned_layer(cache_key, position, layer, kind, content, created_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
      cache_key, position, layer.layer, layer.kind, std::span<const std::uint8_t>(layer.content), utc_now());
  transaction.commit();
}

}  // namespace qeval
