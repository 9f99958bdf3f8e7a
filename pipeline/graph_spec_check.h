#pragma once
/// Refuses a GraphSpec that run_graph could not carry out.
#include "pipeline/graph_runner.h"

namespace qeval {

/// Throws UsageError for a number a user chose badly, InternalError for a spec that breaks its contract.
void check_graph_spec(const GraphSpec& spec);

}  // namespace qeval
