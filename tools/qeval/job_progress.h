#pragma once
/// The progress reporter of an image graph: its nodes, their capacities, and the accuracy so far.
#include <memory>

#include "tools/qeval/image_graph.h"
#include "tools/qeval/progress.h"
#include "tools/qeval/sinks.h"

namespace qeval {

/// `batch_stage`: name of the batch node. `accuracy` may be null and must outlive the reporter.
std::unique_ptr<ProgressReporter> make_job_progress(ProgressMode mode, const std::string& label,
                                                    const std::string& batch_stage, std::int64_t total,
                                                    std::int64_t already_done, const ImageGraph& graph,
                                                    const RunningAccuracy* accuracy = nullptr);

}  // namespace qeval
