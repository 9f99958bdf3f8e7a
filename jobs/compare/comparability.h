#pragma once
/// Whether two runs saw the same pictures: a difference of their scores says nothing of their networks otherwise.
/// Thread-safety: free functions. Errors: as the database that is asked.
#include <string>
#include <vector>

#include "jobs/prepare/changed_inputs.h"
#include "storage/records.h"

namespace qeval {

/// The same images, labels and preprocessing.
bool same_pictures(const RunRecord& first, const RunRecord& second);

/// What differs of them, down to images and fields: "preprocess.resize.short_side 248 → 256". None if nothing does.
std::vector<std::string> differing_pictures(const StoredInputs& stored, const RunRecord& first,
                                            const RunRecord& second);

}  // namespace qeval
