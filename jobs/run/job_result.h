#pragma once
/// What a job ended with, variant by variant. Plain values.
#include <optional>
#include <string>
#include <vector>

#include "jobs/compare/stored_baseline.h"
#include "storage/records.h"

namespace qeval {

struct VariantResult {
  RunRecord run;
  NotFiniteRows not_finite;
  bool computed = false;            ///< false: it was finished already
  std::vector<std::string> missed;  ///< gates that were missed, as text
  std::optional<Drop> drop;         ///< against the job's baseline; nothing of that itself
  double alpha = usual_alpha;       ///< below which its drop of top-1 counts as real
};

struct JobResult {
  std::vector<VariantResult> variants;
  int exit_code = 0;
};

}  // namespace qeval
