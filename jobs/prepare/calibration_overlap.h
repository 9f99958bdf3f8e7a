#pragma once
/// Images that encodings are computed from and that are evaluated, too. Thread-safety: free functions.
#include <cstdint>
#include <string>

#include "jobs/prepare/variant_images.h"

namespace qeval {

/// Calibration images with the content of an evaluated one, whatever their files are called.
std::int64_t calibration_overlap(const VariantImages& images);

/// For people, as one line; empty if there are none.
std::string calibration_overlap_text(const VariantImages& images);

}  // namespace qeval
