#include "tools/qeval/job_progress.h"

#include <algorithm>

namespace qeval {

std::unique_ptr<ProgressReporter> make_job_progress(ProgressMode mode, const std::string& label,
                                                    const std::string& batch_stage, std::int64_t total,
                                                    std::int64_t already_done, const Concurrency& concurrency,
                                                    const RunningAccuracy* accuracy) {
  const int decode = concurrency.decode > 0 ? std::min(concurrency.decode, concurrency.threads) : concurrency.threads;
  ProgressSetup setup;
  setup.label = label;
  setup.total = total;
  setup.already_done = already_done;
  setup.nodes = {{"read", concurrency.threads},
                 {"decode", decode},
                 {"resize", decode},
                 {"normalize", concurrency.threads},
                 {batch_stage, std::min(concurrency.replicas, concurrency.threads)},
                 {"commit", 1}};
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
