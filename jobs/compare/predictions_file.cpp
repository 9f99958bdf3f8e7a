#include "jobs/compare/predictions_file.h"

#include <algorithm>

#include <fmt/core.h>

#include "jobs/compare/predictions_formats.h"
#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"

namespace qeval {

void set_classes(const std::vector<long long>& classes, const PredictionsRequest& request, ForeignPrediction& row) {
  if (classes.empty()) throw InputError(row.where + "no class; the best one is needed at least");
  for (std::size_t rank = 0; rank < std::min(classes.size(), row.top.size()); ++rank) {
    if (classes[rank] < 0 || classes[rank] >= request.classes)
      throw InputError(
          fmt::format("{}class {} is none of the run's {}, 0 to {}; does the file count a background class?", row.where,
                      classes[rank], request.classes, request.classes - 1));
    row.top[rank] = static_cast<int>(classes[rank]);
  }
}

void set_scores(const std::vector<float>& scores, const PredictionsRequest& request, ForeignPrediction& row) {
  if (scores.size() != static_cast<std::size_t>(request.classes))
    throw InputError(fmt::format("{}{} scores, and the run has {} classes", row.where, scores.size(), request.classes));
  const TopK best = top_k(scores, request.scores);
  row.top = best.classes;
  row.probability = best.probability;
  row.margin = best.margin;
  row.finite = best.finite;
}

ForeignPredictions read_predictions_file(const std::filesystem::path& file, const PredictionsRequest& request) {
  // Once: what is hashed is what is read.
  WeightsFile opened(file);
  const auto bytes = FileBytes::read(opened);
  const std::string_view text(reinterpret_cast<const char*>(bytes->bytes().data()), bytes->bytes().size());
  const std::string kind = file.extension().string();
  ForeignPredictions found;
  if (kind == ".csv")
    found = read_predictions_csv(file, text, request);
  else if (kind == ".jsonl" || kind == ".ndjson")
    found = read_predictions_jsonl(file, text, request);
  else if (kind == ".safetensors")
    found = read_predictions_safetensors(file, bytes, request);
  else
    throw InputError(visible_name(file.string()) +
                     ": predictions are read from .csv, .jsonl and .safetensors; rename or convert the file");
  if (found.rows.empty()) throw InputError(visible_name(file.string()) + ": holds no prediction");
  found.sha256 = bytes->sha256();
  found.bytes = static_cast<std::int64_t>(bytes->bytes().size());
  return found;
}

}  // namespace qeval
