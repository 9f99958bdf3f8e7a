#pragma once
/// The serial ends of the two graphs: one batch, one transaction.
/// Thread-safety: commit is called by the serial node only. Ownership: references must outlive the sink.
#include "pipeline/stage.h"
#include "stages/dataset/manifest.h"
#include "storage/run_store.h"
#include "tools/qeval/bad_images.h"
#include "tools/qeval/not_finite_images.h"

namespace qeval {

/// Running figures of an evaluation, for progress.
struct RunningAccuracy {
  std::int64_t images = 0, correct1 = 0, correct5 = 0;
};

class PredictionSink : public BatchSink {
 public:
  PredictionSink(RunStore& store, std::int64_t run_id, const Manifest& manifest, BadImages& bad,
                 NotFiniteImages& not_finite, RunningAccuracy& accuracy)
      : store_(store), run_id_(run_id), manifest_(manifest), bad_(bad), not_finite_(not_finite), accuracy_(accuracy) {}
  void commit(Batch& batch) override;

 private:
  PredictionRecord make_record(const Batch& batch, std::size_t slot);

  RunStore& store_;
  std::int64_t run_id_;
  const Manifest& manifest_;
  BadImages& bad_;
  NotFiniteImages& not_finite_;
  RunningAccuracy& accuracy_;
};

class CalibrationSink : public BatchSink {
 public:
  CalibrationSink(RunStore& store, std::string cache_key, BadImages& bad)
      : store_(store), cache_key_(std::move(cache_key)), bad_(bad) {}
  void commit(Batch& batch) override;

 private:
  RunStore& store_;
  std::string cache_key_;
  BadImages& bad_;
};

}  // namespace qeval
