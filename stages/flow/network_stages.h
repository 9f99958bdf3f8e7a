#pragma once
/// The batch stages of an image job: inference, and the observation of a calibration batch.
/// Thread-safety: process runs concurrently on different batches. Ownership: references must outlive the stage.
#include "pipeline/stage.h"
#include "stages/infer/executor.h"

namespace qeval {

/// Slab → top-5 of every slot. The whole slab is computed, padding and failed slots included: results depend on the
/// batch size, so it never changes.
class InferStage : public BatchStage {
 public:
  InferStage(const Executor& executor, int num_classes) : executor_(executor), num_classes_(num_classes) {}
  void process(Batch& batch) override;

 private:
  const Executor& executor_;
  int num_classes_;
};

/// Slab → observers; then the observers' state is kept with the batch for its commit. Failed slots are left out: a
/// zero image must not widen a histogram.
class ObserveStage : public BatchStage {
 public:
  ObserveStage(const Executor& executor, ObserverBank& bank) : executor_(executor), bank_(bank) {}
  void process(Batch& batch) override;

 private:
  const Executor& executor_;
  ObserverBank& bank_;
};

}  // namespace qeval
