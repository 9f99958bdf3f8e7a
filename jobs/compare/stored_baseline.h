#pragma once
/// With which of the stored runs a run is compared when nobody says. Thread-safety: free functions.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "jobs/compare/comparison.h"
#include "storage/records.h"

namespace qeval {

/// What a run cost against another one.
struct Drop {
  std::string baseline;                  ///< variant
  std::optional<Comparison> comparison;  ///< nothing: not compared
  std::string reason{};                  ///< why not
};

/// The baseline's run among `runs`, newest first, that belongs to `run`: of the same job, its baseline as it is written
/// there, of the same pictures; else, where the job names no other, one of the same weights without quantization. The
/// newest before `run` is the nearest, then the oldest behind it. Nothing for the baseline itself.
std::optional<RunRecord> stored_baseline(const std::vector<RunRecord>& runs, const RunRecord& run);

}  // namespace qeval
