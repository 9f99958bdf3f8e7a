#pragma once
/// Expected quantization error of (delta, offset) candidates over a Density124, in AIMET 1.24's float arithmetic:
///   cost = 3·(Σ below p·(mid − mid_lo)² + Σ above p·(mid − mid_hi)²) + Σ inside p·(mid − δ·(q + o))²
/// Each term is computed in double, each running sum is rounded to float after every addition.
/// Thread-safety: const after construction.
#include <array>
#include <cstddef>
#include <vector>

#include "stages/quant/analyzers/density_1_24.h"

namespace qeval {

struct Candidate124 {
  float delta = -1;
  int offset = -1;
  bool operator==(const Candidate124&) const = default;
};

inline constexpr std::size_t cost_lanes = 16;

/// Up to `cost_lanes` candidates side by side.
struct CostGroup {
  alignas(64) std::array<float, cost_lanes> delta, offset, mid_low, mid_high, cost;
  alignas(64) std::array<std::int32_t, cost_lanes> low, high;
};

class CostTable124 {
 public:
  /// `bits` alone sets the number of steps here: one too many for strict symmetric grids, as in AIMET.
  CostTable124(const Density124& density, int bits);

  /// By the definition, for any candidate.
  float cost(const Candidate124& candidate) const;

  /// True if cost_of_group gives the same float as cost: all integers involved are exact in float.
  bool is_regular(const Candidate124& candidate) const;

  void set_lane(CostGroup& group, std::size_t lane, const Candidate124& candidate) const;

  /// Fills group.cost. Gives up, with infinity in every lane, once no lane can be at or below `best`.
  void cost_of_group(CostGroup& group, float best) const;

 private:
  struct Bounds {
    int low, high;
  };
  Bounds bounds(const Candidate124& candidate) const;

  float start_, step_, steps_;
  std::array<float, histogram_bins> middle_;
  // Bins of probability zero add nothing and are left out.
  std::vector<std::int32_t> index_;
  std::vector<float> filled_middle_;
  std::vector<double> probability_;
};

}  // namespace qeval
