#pragma once
/// The images of a variant. Plain values.
#include "stages/dataset/manifest.h"

namespace qeval {

struct VariantImages {
  Manifest evaluation;
  Manifest calibration;  ///< encodings come from these; empty unless something is computed from images
};

}  // namespace qeval
