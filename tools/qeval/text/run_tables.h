#pragma once
/// What is stored of a run, as tables: for people short and rounded, for programs complete and exact. Names of columns
/// are read by scripts: never rename. Thread-safety: free functions.
#include <string>
#include <vector>

#include "storage/queries.h"
#include "tools/qeval/text/text_table.h"

namespace qeval {

/// A run's rows and what they name. Classes without a name are numbers.
struct RunRows {
  std::vector<PredictionRecord> predictions;
  std::vector<SampleRecord> images;  ///< by ordinal
  std::vector<std::string> classes;  ///< by index; may be empty
};

/// A row per image.
Table predictions_table(const RunRows& rows, TableFormat format);

/// A row per class that has images, in the order of their numbers.
Table class_scores_table(const RunRows& rows, TableFormat format);

/// A row per quantizer, those of a layer one behind the other: what its ranges and steps lie between.
Table layers_table(const std::vector<EncodingRecord>& encodings, TableFormat format);

/// Images of a data set, in its order.
Table images_table(const std::vector<SampleRecord>& images);

/// Program, device, libraries and processor, and where its attempts ran.
Table environment_table(const RunRecord& run, const Table& attempts);

}  // namespace qeval
