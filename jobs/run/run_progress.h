#pragma once
/// How far a stored run is, for whoever looks at it from another process. Thread-safety: free function. Errors: as the
/// database that is asked.
#include <cstdint>
#include <string>

#include "storage/queries.h"

namespace qeval {

struct RunProgress {
  enum class Phase { tuning, calibration, evaluation } phase = Phase::evaluation;
  std::int64_t done = 0;         ///< images; layers while tuning
  std::int64_t total = 0;        ///< of them; 0 = not known
  double images_per_second = 0;  ///< 0 = not known
  CommittedWork work;
};

/// Of a run that is not through; of one that is, its evaluation.
RunProgress run_progress(Queries& queries, const RunRecord& run);

}  // namespace qeval
