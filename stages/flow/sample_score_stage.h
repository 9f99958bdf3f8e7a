#pragma once
/// The batch stage of a preflight: slab → what the network answers to every image of a sample. Thread-safety: process
/// runs concurrently on different batches. Ownership: references must outlive the stage.
#include "pipeline/stage.h"
#include "stages/infer/executor.h"
#include "stages/metrics/sample_scores.h"

namespace qeval {

class SampleScoreStage : public BatchStage {
 public:
  /// `scores` has the images of the manifest that is run.
  SampleScoreStage(const Executor& executor, SampleScores& scores, ScoreKind kind)
      : executor_(executor), scores_(scores), kind_(kind) {}
  void process(Batch& batch) override;

 private:
  const Executor& executor_;
  SampleScores& scores_;
  ScoreKind kind_;
};

}  // namespace qeval
