#pragma once
/// The layers that learning on images changes. Thread-safety: free functions; the variant has a tuning unless said
/// otherwise.
#include <string>
#include <vector>

#include "jobs/prepare/prepared_variant.h"
#include "stages/quant/bias_correction/correctable_layers.h"

namespace qeval {

CorrectableLayers tunable_layers(const PreparedVariant& variant);

/// How many layers that will be.
std::size_t layers_to_tune(const PreparedVariant& variant);

/// Which they are, and which not and why, in words; nothing for a variant without a tuning.
std::vector<std::string> tuning_remarks(const PreparedVariant& variant);

}  // namespace qeval
