#pragma once
/// What a job ended with, variant by variant. Plain values.
#include <string>
#include <vector>

#include "storage/records.h"

namespace qeval {

struct VariantResult {
  RunRecord run;
  NotFiniteRows not_finite;
  bool computed = false;            ///< false: it was finished already
  std::vector<std::string> missed;  ///< gates that were missed, as text
};

struct JobResult {
  std::vector<VariantResult> variants;
  int exit_code = 0;
};

}  // namespace qeval
