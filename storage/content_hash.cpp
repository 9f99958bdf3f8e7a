#include "storage/content_hash.h"

#include "storage/encoding_rows.h"
#include "storage/prediction_rows.h"

namespace qeval {

namespace {

void add_encoding(Sha256& hash, const EncodingRecord& row) {
  hash.add(row.role).add(row.tensor).add(row.layer).add(std::int64_t{row.channel}).add(std::int64_t{row.bits});
  hash.add(std::int64_t{row.symmetric}).add(row.min).add(row.max).add(row.scale).add(row.offset);
}

}  // namespace

void ContentHash::add(const PredictionRecord& row) {
  hash_.add(row.ordinal).add(std::int64_t{row.label});
  for (const int top : row.top) hash_.add(std::int64_t{top});
  hash_.add(row.probability).add(row.margin).add(row.status);
  ++rows_;
}

std::string ContentHash::with(const std::vector<EncodingRecord>& encodings) {
  // The count separates the two lists.
  hash_.add(rows_);
  for (const EncodingRecord& row : encodings) add_encoding(hash_, row);
  return hash_.hex();
}

std::string content_hash(Database& database, std::int64_t run_id) {
  ContentHash hash;
  for_each_prediction(database, run_id, [&](const PredictionRecord& row) { hash.add(row); });
  return hash.with(read_run_encodings(database, run_id));
}

}  // namespace qeval
