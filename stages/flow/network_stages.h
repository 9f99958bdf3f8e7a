#pragma once
/// The batch stages of an image job: inference, the observation of a calibration batch, and keeping a batch for work
/// layer by layer. Thread-safety: process runs concurrently on different batches. Ownership: references must outlive
/// the stage.
#include <vector>

#include "pipeline/stage.h"
#include "stages/flow/image_payload.h"
#include "stages/infer/executor.h"
#include "stages/infer/layerwise_executor.h"
#include "stages/metrics/top_k.h"

namespace qeval {

/// What the network gives to every slot of the slab, [capacity, classes]. The whole slab is computed, padding and
/// failed slots included: results depend on the batch size, so it never changes.
std::vector<float> batch_logits(const Executor& executor, const ImageBatch& data, std::size_t classes);

/// Slab → top-5 of every slot. The slab is kept if a good image's logits are not finite, to be looked at again.
class InferStage : public BatchStage {
 public:
  InferStage(const Executor& executor, int num_classes, ScoreKind scores = ScoreKind::logits)
      : executor_(executor), num_classes_(num_classes), scores_(scores) {}
  void process(Batch& batch) override;

 private:
  const Executor& executor_;
  int num_classes_;
  ScoreKind scores_;
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

/// Slab → the executor, which keeps it. Failed slots are left out.
class AdmitStage : public BatchStage {
 public:
  explicit AdmitStage(LayerwiseExecutor& executor) : executor_(executor) {}
  void process(Batch& batch) override;

 private:
  LayerwiseExecutor& executor_;
};

}  // namespace qeval
