#pragma once
/// Runs what is left of one run's batches through the graph and commits every one.
/// Errors: RunError for too many bad images and everything the graph reports.
#include "pipeline/stop_token.h"
#include "storage/run_store.h"
#include "tools/qeval/prepared_variant.h"
#include "tools/qeval/progress.h"

namespace qeval {

/// False if stopped by a signal before the last batch; everything admitted is committed.
bool evaluate(PreparedVariant& variant, const EncodingMap& encodings, const RunSettings& settings, RunStore& store,
              const RunRecord& run, StopToken& stop, ProgressMode progress);

}  // namespace qeval
