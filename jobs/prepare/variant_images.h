#pragma once
/// The images of a variant. Plain values.
#include "stages/dataset/even_subset.h"
#include "stages/dataset/manifest.h"

namespace qeval {

struct VariantImages {
  Manifest evaluation;
  DatasetExtent evaluated_of;  ///< the data set that `evaluation` was chosen from
  Manifest calibration;        ///< encodings come from these; empty unless something is computed from images
};

}  // namespace qeval
