#pragma once
/// Predictions made elsewhere, put beside the images of a stored run. Thread-safety: free functions.
#include <string>
#include <vector>

#include "jobs/compare/predictions_file.h"
#include "storage/records.h"

namespace qeval {

struct MatchedPredictions {
  std::vector<PredictionRecord> rows;  ///< by ordinal
  bool by_name = false;                ///< else by order
  std::size_t unknown = 0;             ///< rows that name no image of the run
};

/// By name – the whole one, or its last part where that is one image's alone – if the file has names and `in_order` is
/// not asked for; else row by row. InputError for rows that fit no image, an image named twice, or another label.
MatchedPredictions match_predictions(const ForeignPredictions& predictions, const std::vector<SampleRecord>& samples,
                                     const std::string& file, bool in_order);

}  // namespace qeval
