#pragma once
/// What travels through the graph of an image job.
#include <cstdint>
#include <vector>

#include "pipeline/stage.h"
#include "stages/image/image.h"
#include "stages/metrics/sensitivity_part.h"
#include "stages/metrics/top_k.h"

namespace qeval {

/// Working data of one image; each stage frees what it has used up.
struct ImageItem : Payload {
  std::vector<std::uint8_t> file;  ///< encoded bytes, as on disk
  Image image;                     ///< decoded, later resized and cropped
};

/// What is remembered of an image beside its prediction.
struct ImageFacts {
  int width = 0, height = 0;  ///< as decoded, pixels
  int warnings = 0;           ///< libjpeg warnings
  std::uint64_t xxh64 = 0;    ///< of the file's bytes
};

/// One batch: the network's input slab, then its outcomes.
struct ImageBatch : Payload {
  /// `capacity` slots of `image_values` floats. Slots without a good image stay zero, so that the network always runs
  /// on full batches of the same size.
  ImageBatch(int capacity, std::size_t image_values)
      : slab(static_cast<std::size_t>(capacity) * image_values),
        facts(static_cast<std::size_t>(capacity)),
        outcomes(static_cast<std::size_t>(capacity)) {}

  std::vector<float> slab;  ///< f32 NCHW [capacity, 3, H, W], normalized
  std::vector<ImageFacts> facts;
  std::vector<TopK> outcomes;
  std::vector<std::vector<std::uint8_t>> snapshot;  ///< calibration: every observer's state after this batch
  std::vector<SensitivityPart> parts;               ///< sensitivity: the two references, then every group
};

}  // namespace qeval
