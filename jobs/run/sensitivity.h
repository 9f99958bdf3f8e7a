#pragma once
/// Layer sensitivity of one quantized variant: measures what is not in the database yet, batch by batch, and returns
/// the sums over all batches. Errors: every Error class; what was committed before stays.
#include <optional>
#include <vector>

#include "jobs/run/run_job.h"
#include "stages/infer/sensitivity_executor.h"

namespace qeval {

/// "only-one-on", "all-but-one": stored, never rename.
const char* sensitivity_mode_name(SensitivityMode mode);
/// UsageError for an unknown name.
SensitivityMode parse_sensitivity_mode(const std::string& name);

struct SensitivityResult {
  SensitivityMode mode = SensitivityMode::only_one_on;
  std::vector<QuantizerGroup> groups;  ///< in network order
  SensitivityRow plain, quantized;     ///< the unquantized and the fully quantized network
  std::vector<SensitivityRow> rows;    ///< one per group
  int exit_code = 0;                   ///< not 0: interrupted; everything else is empty
};

/// UsageError unless the job has just one quantized variant.
[[nodiscard]] SensitivityResult measure_sensitivity(const JobSpec& job, const RunJobOptions& options,
                                                    SensitivityMode mode, const JobContext& context);

}  // namespace qeval
