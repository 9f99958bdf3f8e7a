#include "jobs/compare/imported_predictions.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/core.h>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

std::string last_part(const std::string& name) { return name.substr(name.find_last_of('/') + 1); }

/// Ordinals by name. A list may name an image twice; a last part may be that of several images, which is no use.
class ImageIndex {
 public:
  explicit ImageIndex(const std::vector<SampleRecord>& samples) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::string& name = samples[i].name;
      std::vector<std::size_t>& ordinals = by_name_[name];
      if (ordinals.empty()) names_by_last_part_[last_part(name)].push_back(name);
      ordinals.push_back(i);
    }
  }

  std::vector<std::size_t> find(const std::string& name) const {
    if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
    const auto near = names_by_last_part_.find(last_part(name));
    const bool is_one = near != names_by_last_part_.end() && near->second.size() == 1;
    return is_one ? by_name_.at(near->second.front()) : std::vector<std::size_t>{};
  }

 private:
  std::unordered_map<std::string, std::vector<std::size_t>> by_name_;
  std::unordered_map<std::string, std::vector<std::string>> names_by_last_part_;
};

PredictionRecord record_of(const ForeignPrediction& row, const SampleRecord& sample, std::size_t ordinal) {
  if (row.label && *row.label != sample.label)
    throw InputError(fmt::format("{}label {}, and the run has {} for {}; are the classes in another order?", row.where,
                                 *row.label, sample.label, visible_name(sample.name)));
  PredictionRecord record;
  record.ordinal = static_cast<std::int64_t>(ordinal);
  record.label = sample.label;
  record.top = row.top;
  record.probability = row.probability;
  record.margin = row.margin;
  if (row.finite) return record;
  record.status = status_not_finite;
  record.message = "the imported scores are NaN or infinite, first of " + sample.name;
  return record;
}

void match_by_order(const ForeignPredictions& predictions, const std::vector<SampleRecord>& samples,
                    const std::string& file, MatchedPredictions& matched) {
  if (predictions.rows.size() != samples.size())
    throw InputError(
        fmt::format("{}: {} predictions for the run's {} images; without names there must be one for each, "
                    "in the run's order",
                    visible_name(file), predictions.rows.size(), samples.size()));
  for (std::size_t i = 0; i < samples.size(); ++i)
    matched.rows.push_back(record_of(predictions.rows[i], samples[i], i));
}

void match_by_name(const ForeignPredictions& predictions, const std::vector<SampleRecord>& samples,
                   const std::string& file, MatchedPredictions& matched) {
  const ImageIndex index(samples);
  std::vector<bool> seen(samples.size());
  for (const ForeignPrediction& row : predictions.rows) {
    const std::vector<std::size_t> ordinals = index.find(row.image);
    if (ordinals.empty()) ++matched.unknown;
    for (const std::size_t ordinal : ordinals) {
      if (seen[ordinal]) throw InputError(row.where + visible_name(row.image) + " has a prediction already");
      seen[ordinal] = true;
      matched.rows.push_back(record_of(row, samples[ordinal], ordinal));
    }
  }
  if (matched.rows.empty())
    throw InputError(fmt::format("{}: none of its images is one of the run; \"{}\" there, \"{}\" here",
                                 visible_name(file), visible_name(predictions.rows.front().image),
                                 visible_name(samples.front().name)));
  std::sort(matched.rows.begin(), matched.rows.end(),
            [](const PredictionRecord& a, const PredictionRecord& b) { return a.ordinal < b.ordinal; });
}

}  // namespace

MatchedPredictions match_predictions(const ForeignPredictions& predictions, const std::vector<SampleRecord>& samples,
                                     const std::string& file, bool in_order) {
  MatchedPredictions matched;
  matched.by_name = !in_order && !predictions.rows.front().image.empty();
  if (matched.by_name)
    match_by_name(predictions, samples, file, matched);
  else
    match_by_order(predictions, samples, file, matched);
  return matched;
}

}  // namespace qeval
