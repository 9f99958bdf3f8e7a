#include "tools/qeval/job_progress.h"

namespace qeval {

std::unique_ptr<ProgressReporter> make_job_progress(ProgressMode mode, const std::string& label,
                                                    const std::string& batch_stage, std::int64_t total,
                                                    std::int64_t already_done, const ImageGraph& graph,
                                                    const RunningAccuracy* accuracy) {
  ProgressSetup setup;
  setup.label = label;
  setup.total = total;
  setup.already_done = already_done;
  setup.nodes = graph.metered_nodes(batch_stage);
  if (accuracy)
    setup.accuracy = [accuracy]() -> std::optional<std::pair<double, double>> {
      if (accuracy->images == 0) return std::nullopt;
      const auto images = static_cast<double>(accuracy->images);
      return std::pair(static_cast<double>(accuracy->correct1) / images,
                       static_cast<double>(accuracy->correct5) / images);
    };
  return std::make_unique<ProgressReporter>(mode, std::move(setup));
}

}  // namespace qeval
