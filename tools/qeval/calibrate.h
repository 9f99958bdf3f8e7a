#pragma once
/// Encodings for a prepared variant: from the database, from an imported file, or computed from calibration images over
/// the same dataflow graph as evaluation. Every calibration batch is committed, so an interrupted one resumes.
/// Errors: RunError for too many bad images and everything the graph reports.
#include <optional>
#include <string>
#include <vector>

#include "pipeline/stop_token.h"
#include "storage/run_store.h"
#include "tools/qeval/prepared_variant.h"
#include "tools/qeval/progress.h"

namespace qeval {

struct CalibrationOutcome {
  EncodingMap encodings;                  ///< by Quantizer::key()
  std::int64_t set_id = 0;                ///< in the database
  std::vector<std::string> without_data;  ///< quantizers that saw nothing and are off
};

/// nullopt: stopped by `stop`, everything observed so far is committed.
std::optional<CalibrationOutcome> provide_encodings(const PreparedVariant& variant, const RunSettings& settings,
                                                    RunStore& store, StopToken& stop, ProgressMode progress);

}  // namespace qeval
