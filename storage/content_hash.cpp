#include "storage/content_hash.h"

#include "pipeline/base/sha256.h"
#include "storage/encoding_rows.h"
#include "storage/prediction_rows.h"

namespace qeval {

namespace {

void add_prediction(Sha256& hash, const PredictionRecord& row) {
  hash.add(row.ordinal).add(std::int64_t{row.label});
  for (const int top : row.top) hash.add(std::int64_t{top});
  hash.add(row.probability).add(row.margin).add(row.status);
}

void add_encoding(Sha256& hash, const EncodingRecord& row) {
  hash.add(row.role).add(row.tensor).add(row.layer).add(std::int64_t{row.channel}).add(std::int64_t{row.bits});
  hash.add(std::int64_t{row.symmetric}).add(row.min).add(row.max).add(row.scale).add(row.offset);
}

}  // namespace

std::string content_hash(Database& database, std::int64_t run_id) {
  Sha256 hash;
  std::int64_t rows = 0;
  for_each_prediction(database, run_id, [&](const PredictionRecord& row) {
    add_prediction(hash, row);
    ++rows;
  });
  // The count separates the two lists.
  hash.add(rows);
  for (const EncodingRecord& row : read_run_encodings(database, run_id)) add_encoding(hash, row);
  return hash.hex();
}

}  // namespace qeval
