#pragma once
/// What a variant will really do, echoed before any work: a wrong setting should be seen in the first second.
#include <string>

#include "jobs/prepare/prepared_variant.h"

namespace qeval {

std::string settings_text(const PreparedVariant& variant);

/// "1,000 of 50,000 images, 1,000 of 1,000 classes" of a part of a data set, "50,000 images" of a whole one.
std::string images_text(const VariantImages& images);

/// Device and library versions, the same for all variants of a job.
std::string device_text(const PreparedVariant& variant, const RunSettings& settings);

}  // namespace qeval
