#pragma once
/// Other ways of giving the same pixels to a network, as training scripts and exporters have them: what a job may mean
/// that says something else. Thread-safety: free functions.
#include <string>
#include <vector>

#include "stages/image/preprocess.h"

namespace qeval {

struct PixelView {
  std::string fault;       ///< of the job, if this view is the right one: "channels are swapped"
  std::string correction;  ///< what to write: "preprocess.normalize.channels: rgb"
  PreprocessRecipe recipe;
};

/// Those that differ noticeably from the recipe and from each other; the simplest mistakes first.
std::vector<PixelView> other_pixel_views(const PreprocessRecipe& recipe);

}  // namespace qeval
