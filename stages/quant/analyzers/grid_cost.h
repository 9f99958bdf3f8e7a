#pragma once
/// Expected quantization error of (delta, offset) candidates over a Density, in DlQuantization's float arithmetic:
///   cost = 3·(Σ below p·(mid − mid_lo)² + Σ above p·(mid − mid_hi)²) + Σ inside p·(mid − δ·(q + o))²
/// Each term is computed in double; `Sum` is what each running sum is rounded to after every addition: float up
/// to 1.34, double since 2024. Thread-safety: const after construction.
#include <array>
#include <cstddef>
#include <vector>

#include "stages/quant/analyzers/density.h"

namespace qeval {

struct GridCandidate {
  float delta = -1;
  int offset = -1;
  bool operator==(const GridCandidate&) const = default;
};

inline constexpr std::size_t cost_lanes = 16;

/// Up to `cost_lanes` candidates side by side.
template <typename Sum>
struct CostGroup {
  alignas(64) std::array<float, cost_lanes> delta, offset, mid_low, mid_high;
  alignas(64) std::array<Sum, cost_lanes> cost;
  alignas(64) std::array<std::int32_t, cost_lanes> low, high;
};

template <typename Sum>
class CostTable {
 public:
  /// `bits` alone sets the number of steps here: one too many for strict symmetric grids, as in AIMET.
  CostTable(const Density& density, int bits);

  /// By the definition, for any candidate.
  Sum cost(const GridCandidate& candidate) const;

  /// True if cost_of_group gives the same number as cost: all integers involved are exact in float.
  bool is_regular(const GridCandidate& candidate) const;

  void set_lane(CostGroup<Sum>& group, std::size_t lane, const GridCandidate& candidate) const;

  /// Fills group.cost. Gives up, with infinity in every lane, once no lane can be at or below `best`.
  void cost_of_group(CostGroup<Sum>& group, Sum best) const;

 private:
  struct Bounds {
    int low, high;
  };
  Bounds bounds(const GridCandidate& candidate) const;

  float start_, step_, steps_;
  std::vector<float> middle_;
  // Bins of probability zero add nothing and are left out.
  std::vector<std::int32_t> index_;
  std::vector<float> filled_middle_;
  std::vector<double> probability_;
};

extern template class CostTable<float>;
extern template class CostTable<double>;

}  // namespace qeval
