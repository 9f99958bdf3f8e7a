#pragma once
/// What one quantizer group did to some images, as sums: parts of different images add up. Plain values.
#include <cstdint>

namespace qeval {

struct SensitivityPart {
  std::int64_t images = 0;                                   ///< usable ones
  std::int64_t correct = 0;                                  ///< top-1
  std::int64_t broke = 0, fixed = 0;                         ///< right only in the reference, right only here
  double divergence = 0;                                     ///< nats, from the unquantized network's softmax
  double change = 0, change_squares = 0;                     ///< of the divergence, against the reference
  double signal = 0, local_noise = 0, cumulative_noise = 0;  ///< sums of squares, see sensitivity_executor.h

  SensitivityPart& operator+=(const SensitivityPart& other) {
    images += other.images;
    correct += other.correct;
    broke += other.broke;
    fixed += other.fixed;
    divergence += other.divergence;
    change += other.change;
    change_squares += other.change_squares;
    signal += other.signal;
    local_noise += other.local_noise;
    cumulative_noise += other.cumulative_noise;
    return *this;
  }
};

}  // namespace qeval
