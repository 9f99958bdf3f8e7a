#pragma once
/// The table of a sensitivity analysis, worst layer first. Thread-safety: free functions.
#include "storage/queries.h"
#include "tools/qeval/sensitivity.h"

namespace qeval {

/// The two references, then one row per group. Sorted by how much the group is to blame: in mode only-one-on by the
/// accuracy it costs alone, in mode all-but-one by the accuracy that leaving it out brings; ties by the divergence.
/// Columns: layer, kind, top1 (%), change (points of top-1 against the reference) with its 95 % interval and McNemar's
/// exact p, divergence (mean nats from the unquantized softmax) and its change with interval, SQNR in dB.
Table sensitivity_table(const SensitivityResult& result);

}  // namespace qeval
