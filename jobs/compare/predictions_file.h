#pragma once
/// Predictions that something else made – a phone, AIMET, onnxruntime – as a file holds them: CSV with a header, JSON
/// lines, or a tensor of a safetensors file. Thread-safety: free functions. Errors: InputError naming file and line.
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "stages/metrics/top_k.h"

namespace qeval {

/// One image's answer.
struct ForeignPrediction {
  std::string image;         ///< its name; empty where the file has none
  std::string where;         ///< "file:line: ", or of a tensor's row
  std::optional<int> label;  ///< where the file has one
  std::array<int, 5> top{-1, -1, -1, -1, -1};
  double probability = std::numeric_limits<double>::quiet_NaN();  ///< NaN: only classes were given
  double margin = std::numeric_limits<double>::quiet_NaN();
  bool finite = true;
};

struct ForeignPredictions {
  std::string layout;  ///< "top-k" or "scores". Part of a key: never rename
  std::string sha256;  ///< of the file
  std::int64_t bytes = 0;
  std::vector<ForeignPrediction> rows;
};

/// What a file of scores is read as, and what it must fit.
struct PredictionsRequest {
  int classes = 0;                       ///< number of them
  std::size_t images = 0;                ///< of the run
  ScoreKind scores = ScoreKind::logits;  ///< what numbers per class are
  std::string tensor;                    ///< of a safetensors file; empty: the only one that fits
};

ForeignPredictions read_predictions_file(const std::filesystem::path& file, const PredictionsRequest& request);

}  // namespace qeval
