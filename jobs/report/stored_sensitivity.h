#pragma once
/// Layer sensitivity that was measured of the network a run evaluated. Thread-safety: free functions.
#include <cstdint>
#include <vector>

#include "jobs/run/sensitivity.h"
#include "storage/queries.h"

namespace qeval {

struct MeasuredSensitivity {
  SensitivityResult result;
  std::int64_t images = 0;        ///< it was to see
  std::int64_t batches_left = 0;  ///< 0: all of it was measured
};

/// Analyses of the run's network, quantization and preprocessing, on whatever images, that have a batch.
std::vector<MeasuredSensitivity> sensitivities_of(Queries& queries, const RunRecord& run);

}  // namespace qeval
