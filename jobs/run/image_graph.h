#pragma once
/// The dataflow of an image job, ready for a batch stage and a sink. Used alike by calibration and evaluation.
/// Ownership: owns its item stages; manifest and recipe must outlive it. Thread-safety: run blocks; one run per object.
#include "jobs/prepare/concurrency.h"
#include "pipeline/graph_runner.h"
#include "pipeline/run_observer.h"
#include "stages/dataset/manifest.h"
#include "stages/flow/image_stages.h"
#include "stages/image/preprocess.h"

namespace qeval {

class ImageGraph {
 public:
  ImageGraph(const Manifest& manifest, const PreprocessRecipe& recipe, int batch_size, const Concurrency& concurrency);

  /// Runs the batches `numbers` through `stage` into `sink`.
  GraphSummary run(std::vector<std::int64_t> numbers, BatchNode stage, SinkNode sink, const StopToken& stop,
                   RunObserver* observer, std::function<void()> on_failure = {});

  /// Every node in the graph's order, for a progress reporter; `batch_stage` is the name of the batch node.
  std::vector<MeteredNode> metered_nodes(const std::string& batch_stage) const;

  const Manifest& manifest() const { return manifest_; }
  std::int64_t batch_count() const;
  /// How many images these batches have.
  std::int64_t images_in(const std::vector<std::int64_t>& batches) const;
  int items_in_flight() const;  ///< the bound on images between source and commit
  /// Bytes that decoded images and input slabs in flight can take at most, weights and activations excluded.
  std::int64_t memory_bound_bytes() const;

 private:
  GraphSpec make_spec() const;

  const Manifest& manifest_;
  Preprocessor preprocessor_;
  int batch_size_;
  Concurrency concurrency_;
  JpegLimits jpeg_;
  ReadStage read_;
  DecodeStage decode_;
  ResizeStage resize_;
  NormalizeStage normalize_;
};

/// 0, 1, 2 … count−1 without those in `done` (ascending).
std::vector<std::int64_t> batches_left(std::int64_t count, const std::vector<std::int64_t>& done);

}  // namespace qeval
