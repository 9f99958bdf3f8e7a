#pragma once
/// What is changed in a prepared variant's network on its calibration images, layer by layer, between placement and
/// calibration: AdaRound, or empirical bias correction. Every changed layer is committed, so an interrupted tuning
/// resumes. Errors: RunError for too many bad images and everything the graph reports; InternalError for stored rows
/// that do not fit.
#include <optional>
#include <vector>

#include "jobs/run/job_context.h"
#include "jobs/run/layer_tuner.h"

namespace qeval {

/// The network to calibrate: the variant's own, or another where it asks for a tuning; weights that were rounded have
/// fixed encodings in that one.
/// nullopt: stopped, the layers changed so far are committed.
[[nodiscard]] std::optional<Network> tuned_network(const JobContext& context, const RunSettings& settings,
                                                   const PreparedVariant& variant);

/// The same from the rows stored in `database` under the key of the variant's tuning; nullopt if layers are missing.
std::optional<Network> network_as_tuned(const PreparedVariant& variant, const std::vector<TunedLayerRecord>& rows,
                                        const std::filesystem::path& database);

}  // namespace qeval
