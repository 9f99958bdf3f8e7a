#pragma once
/// The table of a sensitivity analysis, worst layer first. Thread-safety: free functions.
#include <cstddef>
#include <vector>

#include "jobs/run/sensitivity.h"
#include "storage/queries.h"
#include "tools/qeval/text/text_table.h"

namespace qeval {

/// Numbers of the groups, the most to blame first.
std::vector<std::size_t> groups_by_blame(const SensitivityResult& result);

/// How many modules the prediction takes out.
inline constexpr std::size_t worst_modules = 3;

/// The two references, what is predicted without the worst modules (see sensitivity_prediction.h; its intervals are the
/// references' alone), then one row per group. Sorted by how much the group is to blame: by the divergence it causes
/// alone (mode only-one-on) or whose end leaving it out brings (all-but-one); top-1 of a few hundred images would order
/// all but the very worst by chance.
/// Columns: layer, kind, top1 (%), change (points of top-1 against the reference) with its 95 % interval and McNemar's
/// exact p, divergence (mean nats from the unquantized softmax) and its change with interval, SQNR in dB.
/// A group of shared quantizers has the first module's name; tables for people add how many others share it, csv and
/// json name them in a last column.
Table sensitivity_table(const SensitivityResult& result, TableFormat format);

}  // namespace qeval
