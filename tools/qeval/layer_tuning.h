#pragma once
/// What is changed in a prepared variant's network on its calibration images, layer by layer, between placement and
/// calibration: AdaRound, or empirical bias correction. Every changed layer is committed, so an interrupted tuning resumes.
/// Errors: RunError for too many bad images and everything the graph reports; InternalError for stored rows
/// that do not fit.
#include <vector>

#include "pipeline/stop_token.h"
#include "storage/run_store.h"
#include "tools/qeval/layer_tuner.h"
#include "tools/qeval/prepared_variant.h"
#include "tools/qeval/progress.h"

namespace qeval {

/// Does nothing for a variant that asks for none. False: stopped by `stop`; the layers changed so far are committed and the
/// variant is as it was. Weights that were rounded keep their encodings from then on (PreparedVariant::imported).
bool tune_layers(PreparedVariant& variant, const RunSettings& settings, RunStore& store, StopToken& stop,
                 ProgressMode progress);

/// The same from the rows stored under the key of the variant's tuning, which there must be; false if layers are missing.
bool apply_stored_tuning(PreparedVariant& variant, const std::vector<TunedLayerRecord>& rows,
                         const std::filesystem::path& database);

}  // namespace qeval
