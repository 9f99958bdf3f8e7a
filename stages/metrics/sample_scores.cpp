#include "stages/metrics/sample_scores.h"

#include <algorithm>
#include <cmath>

namespace qeval {

SampleScores::SampleScores(std::vector<int> image_labels, int class_count)
    : classes(class_count),
      labels(std::move(image_labels)),
      answers(labels.size(), unseen),
      standing(labels.size(), 0),
      probability(labels.size(), 0) {}

void SampleScores::set(std::size_t image, std::span<const float> scores, ScoreKind kind) {
  const TopK best = top_k(scores, kind);
  if (!best.finite) return;
  answers[image] = best.classes[0];
  probability[image] = best.probability;
  double sum = 0, squares = 0;
  for (const float score : scores) sum += score;
  const double mean = sum / static_cast<double>(scores.size());
  for (const float score : scores) squares += (score - mean) * (score - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(scores.size()));
  const double above = scores[static_cast<std::size_t>(labels[image])] - mean;
  standing[image] = deviation > 0 ? static_cast<float>(above / deviation) : 0;
}

int SampleScores::seen_count() const {
  return static_cast<int>(answers.size() -
                          static_cast<std::size_t>(std::count(answers.begin(), answers.end(), unseen)));
}

int SampleScores::right_count() const {
  int count = 0;
  for (std::size_t image = 0; image < labels.size(); ++image) count += right(image) ? 1 : 0;
  return count;
}

double SampleScores::mean_probability() const {
  double sum = 0;
  for (std::size_t image = 0; image < labels.size(); ++image) sum += seen(image) ? probability[image] : 0;
  const int count = seen_count();
  return count > 0 ? sum / count : 0;
}

}  // namespace qeval
