#pragma once
/// The serial ends of the two graphs: one batch, one transaction.
/// Thread-safety: commit is called by the serial node only. Ownership: references must outlive the sink.
#include <optional>
#include <utility>

#include "jobs/run/not_finite_images.h"
#include "pipeline/stage.h"
#include "stages/dataset/manifest.h"
#include "storage/run_store.h"

namespace qeval {

/// Running figures of an evaluation, for progress.
struct RunningAccuracy {
  std::int64_t images = 0, correct1 = 0, correct5 = 0;

  /// Top-1 and top-5 as fractions; nothing before the first image.
  std::optional<std::pair<double, double>> fractions() const;
};

class PredictionSink : public BatchSink {
 public:
  PredictionSink(RunStore& store, std::int64_t run_id, const Manifest& manifest, NotFiniteImages& not_finite,
                 RunningAccuracy& accuracy)
      : store_(store), run_id_(run_id), manifest_(manifest), not_finite_(not_finite), accuracy_(accuracy) {}
  void commit(Batch& batch) override;

 private:
  PredictionRecord make_record(const Batch& batch, std::size_t slot);

  RunStore& store_;
  std::int64_t run_id_;
  const Manifest& manifest_;
  NotFiniteImages& not_finite_;
  RunningAccuracy& accuracy_;
};

class CalibrationSink : public BatchSink {
 public:
  CalibrationSink(RunStore& store, std::string cache_key) : store_(store), cache_key_(std::move(cache_key)) {}
  void commit(Batch& batch) override;

 private:
  RunStore& store_;
  std::string cache_key_;
};

}  // namespace qeval
