#pragma once
/// The one way of images through the graph: evaluation, calibration, the admission of images for work layer by layer,
/// and sensitivity call it with a batch stage and a sink of their own. Errors: RunError for too many bad images, and
/// everything the graph reports.
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jobs/prepare/concurrency.h"
#include "jobs/run/image_graph.h"
#include "jobs/run/job_context.h"

namespace qeval {

/// When a batch counts towards the limit of bad images.
enum class BadImageLimit {
  before_commit,  ///< a batch that breaks the limit leaves nothing behind: a resumed run meets it again
  after_commit    ///< its rows are wanted
};

struct ImagePass {
  ImageGraph& graph;
  std::string label;                 ///< for progress
  std::vector<std::int64_t> done{};  ///< batches that were committed before, ascending
  std::int64_t failed = 0;           ///< images of theirs that could not be used
  BadImageLimit limit = BadImageLimit::after_commit;
  std::function<std::optional<std::pair<double, double>>()> accuracy{};
  std::function<void()> on_failure{};
};

/// Puts the batches that are left through `stage`, named `name`, into `sink` (null: nothing is committed). False:
/// stopped before the last one; everything that was admitted is committed.
[[nodiscard]] bool run_images(const JobContext& context, const RunSettings& settings, const ImagePass& pass,
                              const std::string& name, BatchStage& stage, BatchSink* sink);

}  // namespace qeval
