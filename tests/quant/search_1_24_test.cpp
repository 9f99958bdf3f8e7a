// The pruned, vectorized search must pick what a plain pass over the candidates in order picks.
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "stages/quant/analyzers/search_1_24.h"
#include "stages/quant/isa_dispatch.h"
#include "tests/quant/aimet_inputs.h"

namespace qeval::test {
namespace {

class Search124 : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    limit_isa(GetParam());
    if (active_isa() != GetParam()) GTEST_SKIP() << "this CPU lacks the instruction set";
  }
  void TearDown() override { limit_isa(Isa::avx512); }
};

INSTANTIATE_TEST_SUITE_P(AllIsas, Search124, testing::Values(Isa::baseline, Isa::avx2, Isa::avx512));

Candidate124 first_minimum(const CostTable124& table, const std::vector<Candidate124>& candidates) {
  Candidate124 best;
  float least = std::numeric_limits<float>::max();
  for (const auto& candidate : candidates) {
    const float cost = table.cost(candidate);
    if (!(cost < least)) continue;
    least = cost;
    best = candidate;
  }
  return best;
}

/// Data of many shapes: two-sided, one-sided, far from zero, heavy-tailed, few values, tiny, and wide apart.
std::vector<std::vector<float>> shapes() {
  const auto a = normal_input(1, 1, 0);
  std::vector<std::vector<float>> list{a, relu(a), scaled(relu(a), -1), scaled(a, 0x1p-20f), normal_input(2, 2, 2),
                                       normal_input(6, 0.01, 1000), normal_input(7, 0.5, -20)};
  auto cubed = a;
  for (float& x : cubed) x = x * x * x;
  list.push_back(cubed);
  list.push_back({-1, 3, 2, 0.5f, -0.25f, 0, 0, 7, 1});
  list.push_back({1e8f, 1e8f + 8});
  list.push_back({1e-30f, 3e-30f});
  list.push_back(scaled(a, 1e20f));
  return list;
}

TEST_P(Search124, PicksTheFirstMinimum) {
  int shape = 0;
  for (const auto& values : shapes()) {
    Density124 density;
    density.observe(values);
    const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
    const float min = std::min(*lowest, 0.0f);
    const float max = std::max(std::max(*highest, 0.0f), min + 0.01f);
    for (const int bits : {2, 4, 8, 16}) {
      const CostTable124 table(density, bits);
      const int steps = (1 << bits) - 1;
      for (const auto& candidates : {asymmetric_candidates(min, max, steps), symmetric_candidates(min, max, steps, true),
                                     symmetric_candidates(min, max, steps - 1, false)}) {
        const Candidate124 found = best_candidate(table, candidates);
        const Candidate124 wanted = first_minimum(table, candidates);
        EXPECT_EQ(found.delta, wanted.delta) << "shape " << shape << ", " << bits << " bit";
        EXPECT_EQ(found.offset, wanted.offset) << "shape " << shape << ", " << bits << " bit";
      }
    }
    ++shape;
  }
}

TEST_P(Search124, LanesCostWhatTheDefinitionCosts) {
  Density124 density;
  density.observe(normal_input(1, 1, 0));
  for (const int bits : {2, 8, 16}) {
    const CostTable124 table(density, bits);
    const auto candidates = symmetric_candidates(-3.5f, 3.6f, (1 << bits) - 1, false);
    CostGroup group;
    for (std::size_t k = 0; k < cost_lanes; ++k) table.set_lane(group, k, candidates[k * 6]);
    table.cost_of_group(group, std::numeric_limits<float>::max());
    for (std::size_t k = 0; k < cost_lanes; ++k) EXPECT_EQ(group.cost[k], table.cost(candidates[k * 6])) << bits << k;
  }
}

TEST(Candidates124, OneSidedDataCollapseTheStickyDelta) {
  // The first offset of each row, −n, clamps the delta to zero, and it stays there for the rest of the row.
  const auto candidates = asymmetric_candidates(0, 4, 255);
  for (std::size_t i = 0; i + 1 < candidates.size(); ++i) EXPECT_EQ(candidates[i].delta, 0) << i;
  EXPECT_FLOAT_EQ(candidates.back().delta, 4.0f / 255);
}

TEST(Candidates124, SymmetricFactorsAccumulateInFloat) {
  const auto candidates = symmetric_candidates(-1, 1, 255, false);
  float factor = 0.01f;
  for (const auto& candidate : candidates) {
    EXPECT_EQ(candidate.delta, factor * (2.0f / 255));
    EXPECT_EQ(candidate.offset, -128);
    factor = static_cast<float>(static_cast<double>(factor) + 0.01);
  }
  EXPECT_GE(candidates.size(), 100u);
}

TEST(Candidates124, OverflowingCostsLeaveTheStartValue) {
  Density124 density;
  density.observe(scaled(normal_input(1, 1, 0), 1e22f));
  const CostTable124 table(density, 2);
  EXPECT_EQ(best_candidate(table, symmetric_candidates(-1e-3f, 1e-3f, 3, false)), (Candidate124{-1, -1}));
}

}  // namespace
}  // namespace qeval::test
