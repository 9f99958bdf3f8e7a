#include "jobs/run/sinks.h"

#include <algorithm>

#include "stages/flow/image_payload.h"

namespace qeval {
namespace {

void add(RunningAccuracy& accuracy, const PredictionRecord& record) {
  ++accuracy.images;
  if (!record.is_answered()) return;
  accuracy.correct1 += record.top[0] == record.label;
  accuracy.correct5 += std::find(record.top.begin(), record.top.end(), record.label) != record.top.end();
}

}  // namespace

std::optional<std::pair<double, double>> RunningAccuracy::fractions() const {
  if (images == 0) return std::nullopt;
  const auto all = static_cast<double>(images);
  return std::pair(static_cast<double>(correct1) / all, static_cast<double>(correct5) / all);
}

PredictionRecord PredictionSink::make_record(const Batch& batch, std::size_t slot) {
  const auto& data = static_cast<const ImageBatch&>(*batch.payload);
  PredictionRecord record;
  record.ordinal = batch.first_index + static_cast<std::int64_t>(slot);
  record.label = manifest_.entries[static_cast<std::size_t>(record.ordinal)].label;
  const ImageFacts& facts = data.facts[slot];
  record.width = facts.width;
  record.height = facts.height;
  record.warnings = facts.warnings;
  record.xxh64 = facts.xxh64;
  const TopK& outcome = data.outcomes[slot];
  if (const auto& failure = batch.failures[slot]) {
    record.status = failure->kind;
    record.message = failure->message;
  } else if (!outcome.finite) {
    record.status = status_not_finite;
    record.message = not_finite_.explain(batch, slot);
  } else {
    record.top = outcome.classes;
    record.probability = outcome.probability;
    record.margin = outcome.margin;
  }
  return record;
}

void PredictionSink::commit(Batch& batch) {
  std::vector<PredictionRecord> records;
  for (std::size_t slot = 0; slot < static_cast<std::size_t>(batch.size); ++slot)
    records.push_back(make_record(batch, slot));
  store_.commit_batch(run_id_, batch.number, records);
  for (const PredictionRecord& record : records) add(accuracy_, record);
}

void CalibrationSink::commit(Batch& batch) {
  const auto& data = static_cast<const ImageBatch&>(*batch.payload);
  store_.commit_calibration_batch(cache_key_, batch.number + 1, data.snapshot);
}

}  // namespace qeval
