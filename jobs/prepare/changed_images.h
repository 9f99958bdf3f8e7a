#pragma once
/// What happened to the images of a data set since a run saw them, in words. Thread-safety: free functions.
#include <string>
#include <vector>

#include "stages/dataset/manifest.h"
#include "storage/records.h"

namespace qeval {

/// "2 images changed (val/a.jpg, val/b.jpg), 1 vanished (val/c.jpg)"; empty if nothing did, or nothing is known of
/// `before`.
std::string changed_images_text(const std::vector<SampleRecord>& before, const Manifest& now);
std::string changed_images_text(const std::vector<SampleRecord>& before, const std::vector<SampleRecord>& now);

}  // namespace qeval
