#pragma once
/// Runs what is left of one run's batches through the graph and commits every one.
/// Errors: RunError for too many bad images and everything the graph reports.
#include "jobs/run/job_context.h"

namespace qeval {

/// False if stopped by a signal before the last batch; everything admitted is committed. Takes the variant, because its
/// weights leave memory once the executor has its own.
[[nodiscard]] bool evaluate(const JobContext& context, const RunSettings& settings, PreparedVariant variant,
                            const EncodingTable& encodings, const RunRecord& run);

}  // namespace qeval
