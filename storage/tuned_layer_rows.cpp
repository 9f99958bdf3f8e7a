#include "storage/tuned_layer_rows.h"

#include "pipeline/base/sha256.h"
#include "storage/identity_rows.h"
#include "storage/process_info.h"

namespace qeval {

namespace {

std::string digest(std::int64_t position, const TunedLayerRecord& layer) {
  Sha256 hash;
  hash.add(position).add(layer.layer).add(layer.kind);
  return hash.add_bytes({reinterpret_cast<const char*>(layer.content.data()), layer.content.size()}).hex();
}

}  // namespace

std::vector<TunedLayerRecord> read_tuned_layers(Database& database, const std::string& cache_key) {
  std::vector<TunedLayerRecord> layers;
  Statement statement = database.query(
      "SELECT layer, kind, content, position, content_sha256 FROM tuned_layer WHERE cache_key = ?1 ORDER BY position",
      cache_key);
  while (statement.step()) {
    TunedLayerRecord layer{statement.required_text(0), statement.required_text(1), statement.blob(2)};
    const auto position = static_cast<std::int64_t>(layers.size());
    if (statement.integer(3) != position ||
        (!statement.is_null(4) && statement.required_text(4) != digest(position, layer)))
      database.raise_damage("layer " + layer.layer + " is not as it was stored");
    layers.push_back(std::move(layer));
  }
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
      "INSERT INTO tuned_layer(cache_key, position, layer, kind, content, created_at, content_sha256)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
      cache_key, position, layer.layer, layer.kind, std::span<const std::uint8_t>(layer.content), utc_now(),
      digest(position, layer));
  transaction.commit();
}

}  // namespace qeval
