#pragma once
/// Whether a sample of answers proves that labels or pixels are not what the network learned. Nothing is judged by a
/// threshold on accuracy alone: a finding needs answers that chance gives more rarely than once in a thousand or ten
/// thousand times, so that twenty images are judged as honestly as two hundred. Thread-safety: free functions.
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "stages/metrics/sample_scores.h"

namespace qeval {

/// A way of numbering classes that a mistake leads to.
struct ClassOrder {
  std::string mistake;        ///< for people
  std::vector<int> class_of;  ///< by label: the class that it stands for
};

/// Labels that stand for other classes.
struct LabelFinding {
  enum class Kind {
    plus_one,    ///< a label is right once 1 is added
    minus_one,   ///< … subtracted
    order,       ///< ClassOrder `order` of those asked about
    permuted,    ///< some other order: each half of the images judged by what the other shows
    other_order  ///< one image per class, so that the order cannot be told: the answers are as different as the labels
  };
  Kind kind = Kind::permuted;
  std::size_t order = 0;
  int images = 0;                          ///< that were judged by
  int right = 0;                           ///< of them, with the labels as they are
  int right_then = 0;                      ///< with the corrected ones; of other_order: different answers
  std::vector<std::pair<int, int>> moved;  ///< permuted: label → class, where they differ and the test agrees
};

/// The likeliest, if one is proven: the corrected labels have significantly more images right than the written ones
/// (McNemar's exact test), and than labels would have by chance with answers as frequent as these.
std::optional<LabelFinding> find_label_fault(const SampleScores& scores, std::span<const ClassOrder> orders);

/// The answers have no more to do with the labels than chance has, and would have if the network knew only three in
/// ten of what is beyond chance.
bool is_at_chance(const SampleScores& scores);

/// Nine of ten are right: nothing is to be looked for.
bool is_beyond_doubt(const SampleScores& scores);

/// What `other` says against `plain`, the same images with other pixels.
enum class ViewEvidence {
  worse,  ///< labels stand out less in significantly more images than they stand out more
  none,
  hint,   ///< they stand out more, and more images are right, but it may be chance: one in twenty
  better  ///< … one in a thousand (sign test over the images that both have seen)
};
ViewEvidence compare_views(const SampleScores& other, const SampleScores& plain);

/// So many more right answers, one in fifty, mean nothing.
int slack(const SampleScores& scores);

}  // namespace qeval
