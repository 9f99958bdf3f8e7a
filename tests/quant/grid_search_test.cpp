// The pruned, vectorized search must pick what a plain pass over the candidates in order picks.
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "stages/quant/analyzers/grid_search.h"
#include "stages/quant/arithmetic/isa_dispatch.h"
#include "tests/quant/aimet_inputs.h"
#include "tests/quant/every_isa.h"

namespace qeval::test {
namespace {

constexpr auto mode = NumericsMode::aimet_1_24;

QEVAL_ON_EVERY_ISA(GridSearch);

template <typename Sum>
GridCandidate first_minimum(const CostTable<Sum>& table, const std::vector<GridCandidate>& candidates) {
  GridCandidate best;
  Sum least = std::numeric_limits<float>::max();
  for (const auto& candidate : candidates) {
    const Sum cost = table.cost(candidate);
    if (!(cost < least)) continue;
    least = cost;
    best = candidate;
  }
  return best;
}

/// Data of many shapes: two-sided, one-sided, far from zero, heavy-tailed, few values, tiny, and wide apart.
std::vector<std::vector<float>> shapes() {
  const auto a = normal_input(1, 1, 0);
  std::vector<std::vector<float>> list{a,
                                       relu(a),
                                       scaled(relu(a), -1),
                                       scaled(a, 0x1p-20f),
                                       normal_input(2, 2, 2),
                                       normal_input(6, 0.01, 1000),
                                       normal_input(7, 0.5, -20)};
  auto cubed = a;
  for (float& x : cubed) x = x * x * x;
  list.push_back(cubed);
  list.push_back({-1, 3, 2, 0.5f, -0.25f, 0, 0, 7, 1});
  list.push_back({1e8f, 1e8f + 8});
  list.push_back({1e-30f, 3e-30f});
  list.push_back(scaled(a, 1e20f));
  return list;
}

template <typename Sum>
void expect_first_minimum(DensityLayout layout, NumericsMode generation) {
  int shape = 0;
  for (const auto& values : shapes()) {
    Density density(layout);
    density.observe(values);
    const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
    const float min = std::min(*lowest, 0.0f);
    const float max = std::max(std::max(*highest, 0.0f), min + 0.01f);
    for (const int bits : {2, 4, 8, 16}) {
      const CostTable<Sum> table(density, bits);
      const int steps = (1 << bits) - 1;
      for (const auto& candidates :
           {asymmetric_candidates(min, max, steps, generation), symmetric_candidates(min, max, steps, true, generation),
            symmetric_candidates(min, max, steps - 1, false, generation)}) {
        const GridCandidate found = best_candidate(table, candidates);
        const GridCandidate wanted = first_minimum(table, candidates);
        EXPECT_EQ(found.delta, wanted.delta) << "shape " << shape << ", " << bits << " bit";
        EXPECT_EQ(found.offset, wanted.offset) << "shape " << shape << ", " << bits << " bit";
      }
    }
    ++shape;
  }
}

TEST_P(GridSearch, PicksTheFirstMinimum) {
  expect_first_minimum<float>(DensityLayout::float_edges, NumericsMode::aimet_1_24);
}

TEST_P(GridSearch, PicksTheFirstMinimumWithSumsInDouble) {
  expect_first_minimum<double>(DensityLayout::zero_aligned, NumericsMode::aimet_onnx_2);
}

TEST_P(GridSearch, LanesCostWhatTheDefinitionCosts) {
  Density density(DensityLayout::float_edges);
  density.observe(normal_input(1, 1, 0));
  for (const int bits : {2, 8, 16}) {
    const CostTable<float> table(density, bits);
    const auto candidates = symmetric_candidates(-3.5f, 3.6f, (1 << bits) - 1, false, mode);
    CostGroup<float> group;
    for (std::size_t k = 0; k < cost_lanes; ++k) table.set_lane(group, k, candidates[k * 6]);
    table.cost_of_group(group, std::numeric_limits<float>::max());
    for (std::size_t k = 0; k < cost_lanes; ++k) EXPECT_EQ(group.cost[k], table.cost(candidates[k * 6])) << bits << k;
  }
}

TEST(GridCandidates, OneSidedDataCollapseTheStickyDelta) {
  // The first offset of each row, −n, clamps the delta to zero, and it stays there for the rest of the row.
  const auto candidates = asymmetric_candidates(0, 4, 255, mode);
  for (std::size_t i = 0; i + 1 < candidates.size(); ++i) EXPECT_EQ(candidates[i].delta, 0) << i;
  EXPECT_FLOAT_EQ(candidates.back().delta, 4.0f / 255);
}

TEST(GridCandidates, SymmetricFactorsAccumulateInFloat) {
  const auto candidates = symmetric_candidates(-1, 1, 255, false, mode);
  float factor = 0.01f;
  for (const auto& candidate : candidates) {
    EXPECT_EQ(candidate.delta, factor * (2.0f / 255));
    EXPECT_EQ(candidate.offset, -128);
    factor = static_cast<float>(static_cast<double>(factor) + 0.01);
  }
  EXPECT_GE(candidates.size(), 100u);
}

TEST(GridCandidates, OverflowingCostsLeaveTheStartValue) {
  Density density(DensityLayout::float_edges);
  density.observe(scaled(normal_input(1, 1, 0), 1e22f));
  const CostTable<float> table(density, 2);
  EXPECT_EQ(best_candidate(table, symmetric_candidates(-1e-3f, 1e-3f, 3, false, mode)), (GridCandidate{-1, -1}));
}

}  // namespace
}  // namespace qeval::test
