#pragma once
/// The gates that a stored run's job has for it, judged by what is stored. Thread-safety: free functions.
#include <string>
#include <vector>

#include "storage/queries.h"

namespace qeval {

struct GateVerdict {
  std::string gate;    ///< "top1 is 78.76 ± 0.10 %"
  std::string missed;  ///< what is there instead; empty: it is met
};

struct GateVerdicts {
  std::vector<GateVerdict> gates;
  std::string not_judged;  ///< why nothing is known of them: half a run, or a job of a form that is no longer read
};

GateVerdicts gate_verdicts(Queries& queries, const RunRecord& run);

}  // namespace qeval
