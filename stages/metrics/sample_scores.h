#pragma once
/// What a network answered to a sample of labelled images: enough to tell whether labels and pixels reach it as it
/// learned them. Ownership: a plain value. Thread-safety: different images may be set concurrently.
#include <span>
#include <vector>

#include "stages/metrics/top_k.h"

namespace qeval {

struct SampleScores {
  /// There is no answer: nobody asked, the image could not be read, or the scores were not finite.
  static constexpr int unseen = -2;

  SampleScores(std::vector<int> image_labels, int class_count);

  /// `scores` has a number per class.
  void set(std::size_t image, std::span<const float> scores, ScoreKind kind);

  bool seen(std::size_t image) const { return answers[image] != unseen; }
  bool right(std::size_t image) const { return answers[image] == labels[image]; }
  int seen_count() const;
  int right_count() const;
  double mean_probability() const;  ///< of the answers; 0 if there are none

  int classes;
  std::vector<int> labels, answers;
  /// How many standard deviations the label's score lies above the mean of the image's scores: comparable between
  /// networks and inputs of any scale.
  std::vector<float> standing;
  std::vector<float> probability;  ///< of the answer
};

}  // namespace qeval
