#pragma once
/// The smallest and largest value seen so far: all that a min-max observer keeps.
/// Thread-safety: none, as Observer.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "stages/quant/analyzers/state_codec.h"
#include "stages/quant/arithmetic/histogram.h"

namespace qeval {

class RunningRange {
 public:
  bool seen() const { return seen_ != 0; }
  float min() const { return min_; }
  float max() const { return max_; }

  void fold(const ValueRange& range) {
    seen_ = 1;
    min_ = std::min(min_, range.min);
    max_ = std::max(max_, range.max);
  }

  /// Persisted under the observer's own tag: a change of the layout needs a new version.
  std::vector<std::uint8_t> serialize(StateTag tag) const {
    StateWriter out(tag, state_version);
    out.put(seen_);
    out.put(min_);
    out.put(max_);
    return out.take();
  }

  void restore(std::span<const std::uint8_t> state, StateTag tag) {
    StateReader in(state, tag, state_version);
    seen_ = in.get<std::uint8_t>();
    min_ = in.get<float>();
    max_ = in.get<float>();
    in.expect_end();
  }

 private:
  static constexpr std::uint8_t state_version = 1;

  std::uint8_t seen_ = 0;
  float min_ = std::numeric_limits<float>::infinity();
  float max_ = -std::numeric_limits<float>::infinity();
};

}  // namespace qeval
