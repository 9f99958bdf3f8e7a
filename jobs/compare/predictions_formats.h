#pragma once
/// The formats of predictions_file.h, one each; `text` and `bytes` are what the file holds. Errors as there.
#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/compare/predictions_file.h"
#include "stages/model/weights/file_bytes.h"

namespace qeval {

ForeignPredictions read_predictions_csv(const std::filesystem::path& file, std::string_view text,
                                        const PredictionsRequest& request);
ForeignPredictions read_predictions_jsonl(const std::filesystem::path& file, std::string_view text,
                                          const PredictionsRequest& request);
ForeignPredictions read_predictions_safetensors(const std::filesystem::path& file,
                                                const std::shared_ptr<const FileBytes>& bytes,
                                                const PredictionsRequest& request);

/// The keys and columns that may name an image.
inline constexpr std::array<const char*, 4> image_keys{"image", "path", "file", "name"};

/// Both check that the numbers are classes of the network, or one score for each of them.
void set_classes(const std::vector<long long>& classes, const PredictionsRequest& request, ForeignPrediction& row);
void set_scores(const std::vector<float>& scores, const PredictionsRequest& request, ForeignPrediction& row);

}  // namespace qeval
