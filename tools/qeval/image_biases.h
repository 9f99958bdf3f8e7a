#pragma once
/// Empirical bias correction of a prepared variant (stages/quant/bias_correction/output_shift.h) on its calibration images,
/// between placement and calibration. Every corrected layer is committed, so an interrupted correction resumes.
/// Errors: RunError for too many bad images and everything the graph reports; InternalError for rows that do not fit.
#include <span>
#include <string>
#include <vector>

#include "pipeline/stop_token.h"
#include "stages/quant/bias_correction/correctable_layers.h"
#include "storage/run_store.h"
#include "tools/qeval/prepared_variant.h"
#include "tools/qeval/progress.h"

namespace qeval {

/// The layers that it changes. Free of images and encodings: a weight counts as quantized if it will be.
CorrectableLayers layers_to_correct(const PreparedVariant& variant);

/// Does nothing for a variant that does not ask for it. False: stopped by `stop`; the layers corrected so far are committed
/// and the variant is as it was.
bool correct_biases_on_images(PreparedVariant& variant, const RunSettings& settings, RunStore& store, StopToken& stop,
                              ProgressMode progress);

/// Puts stored biases into the network, as many as there are.
void apply_tuned_layers(Graph& graph, const CorrectableLayers& layers, std::span<const TunedLayerRecord> stored);

}  // namespace qeval
