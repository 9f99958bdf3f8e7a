#pragma once
/// The batch stage of a sensitivity analysis.
/// Thread-safety: process runs concurrently on different batches. Ownership: references must outlive the stage.
#include "pipeline/stage.h"
#include "stages/dataset/manifest.h"
#include "stages/infer/sensitivity_executor.h"
#include "stages/metrics/top_k.h"

namespace qeval {

/// Slab → one part for the unquantized network, one for the fully quantized one, then one per group. The whole slab is
/// computed; parts count the good images only.
class SensitivityStage : public BatchStage {
 public:
  SensitivityStage(const SensitivityExecutor& executor, const Manifest& manifest, int num_classes, SensitivityMode mode,
                   ScoreKind scores)
      : executor_(executor), manifest_(manifest), num_classes_(num_classes), mode_(mode), scores_(scores) {}
  void process(Batch& batch) override;

 private:
  const SensitivityExecutor& executor_;
  const Manifest& manifest_;
  int num_classes_;
  SensitivityMode mode_;
  ScoreKind scores_;
};

}  // namespace qeval
