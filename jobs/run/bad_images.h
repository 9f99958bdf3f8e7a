#pragma once
/// Counts images that could not be used, and asks the run to stop when there are more than the job allows.
/// Thread-safety: used from the serial commit node only.
#include <cstdint>
#include <string>
#include <vector>

#include "jobs/language/job_spec.h"
#include "pipeline/stage.h"
#include "pipeline/stop_token.h"
#include "stages/dataset/manifest.h"

namespace qeval {

class BadImages {
 public:
  /// StopToken reason when the limit was passed; no signal has this number.
  static constexpr int stop_reason = 1000;

  BadImages(const RunSettings& settings, const Manifest& manifest, std::int64_t already_failed, StopToken& stop);

  void count(const Batch& batch);

  bool over_limit() const { return failed_ > allowed_; }
  /// What to tell the user when over_limit: the first few images, and how to go on.
  std::string explain() const;

 private:
  const Manifest& manifest_;
  StopToken& stop_;
  std::int64_t allowed_, failed_;
  std::vector<std::string> examples_;
};

}  // namespace qeval
