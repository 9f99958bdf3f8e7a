#pragma once
/// Images of a data set as they are stored. Thread-safety: free functions.
#include <vector>

#include "stages/dataset/manifest.h"
#include "storage/records.h"

namespace qeval {

std::vector<SampleRecord> sample_records(const Manifest& manifest);

}  // namespace qeval
