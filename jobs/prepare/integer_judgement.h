#pragma once
/// What `plan` says of a variant that runs on integer codes. Thread-safety: a free function. Errors: as judge_integers.
#include <optional>

#include "jobs/prepare/prepared_variant.h"
#include "stages/infer/integer/integer_network.h"

namespace qeval {

/// Nothing for a variant with another executor. The variant's weights may have left memory: its copy here has them for
/// the time being. Ranges that calibration has yet to find are taken as −1 … 1: which grids
/// there are does not depend on them.
std::optional<IntegerPlan> integer_judgement(PreparedVariant variant, const JobSpec& job);

}  // namespace qeval
