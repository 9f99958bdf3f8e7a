#pragma once
/// Encodings for a prepared variant: from the database, from an imported file, or computed from calibration images over
/// the same dataflow graph as evaluation. Every calibration batch is committed, so an interrupted one resumes.
/// Errors: RunError for too many bad images and everything the graph reports.
#include <optional>
#include <string>
#include <vector>

#include "jobs/run/job_context.h"

namespace qeval {

struct CalibrationOutcome {
  EncodingTable encodings;                ///< of the network's quantizers
  std::int64_t set_id = 0;                ///< in the database
  std::vector<std::string> without_data;  ///< quantizers that saw nothing and are off
};

/// nullopt: stopped, everything observed so far is committed.
[[nodiscard]] std::optional<CalibrationOutcome> provide_encodings(const JobContext& context,
                                                                  const RunSettings& settings,
                                                                  const PreparedVariant& variant);

}  // namespace qeval
