#pragma once
/// How far apart two classifiers are that were evaluated on the same images. Shares, not percent.
/// Thread-safety: free functions.
#include <cstdint>
#include <optional>

#include "stages/metrics/paired_comparison.h"
#include "stages/metrics/paired_counts.h"

namespace qeval {

inline constexpr const char* paired_interval_name = "Tango's score interval";

/// Accuracy of the second minus that of the first, with the score interval of T. Tango (Statistics in Medicine 17,
/// 1998, 891–908) at `confidence`: all differences that the score test does not reject, McNemar's without correction at
/// 0 among them. All zero without images.
PairedInterval paired_score_interval(const PairedCounts& counts, double confidence = 0.95);

/// The power at which images_that_would_tell promises an answer.
inline constexpr double telling_power = 0.8;

/// Of how many images a test at `alpha` would find a difference as large as the observed one, were it real, four times
/// in five (R. J. Connor, Biometrics 43, 1987, 207–211). Nothing where none was observed.
std::optional<std::int64_t> images_that_would_tell(const PairedCounts& counts, double alpha);

}  // namespace qeval
