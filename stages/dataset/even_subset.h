#pragma once
/// Subsets that are spread over a manifest instead of taken from its beginning, which holds a few classes only. The
/// same images every time; manifest order is kept. Thread-safety: free functions without state.
#include <cstdint>

#include "stages/dataset/manifest.h"

namespace qeval {

/// Every `step`-th entry, the first among them.
Manifest keep_every(const Manifest& manifest, std::int64_t step);

/// `count` entries, or all if there are fewer. Every class has one of them while there is room, wherever its entries
/// stand, and the rest are shared out in proportion to the classes' sizes; with fewer entries than classes, every so
/// many-th class has one. Within a class, they are spread evenly.
Manifest keep_spread(const Manifest& manifest, std::int64_t count);

/// How much there is to choose from.
struct DatasetExtent {
  std::int64_t images = 0;
  std::int64_t classes = 0;  ///< labels that an image has
};

DatasetExtent extent_of(const Manifest& manifest);

}  // namespace qeval
