#include "stages/quant/analyzers/search_torch_2.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "stages/quant/analyzers/encoding_torch_2.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {
namespace {

constexpr int asymmetric_deltas = 17, symmetric_deltas = 101, most_offsets = 21;
constexpr float clipping_weight = 3.0f;

// torch.sum over a contiguous row of up to 2048: 4 accumulators of 8 lanes, whatever the CPU, which are added to a
// second level every 16 rows; then accumulators, then lanes.
constexpr std::size_t sum_lanes = 8, sum_ways = 4, sum_row = sum_lanes * sum_ways, rows_per_level = 16;

struct NoiseTable {
  std::vector<float> middle, count;
  std::vector<std::uint8_t> filled;  // rows of zeros add nothing
  float steps;
};

[[gnu::always_inline]] inline float noise_body(const NoiseTable& table, CandidateTorch2 candidate) {
  alignas(64) float sum[sum_row] = {};
  alignas(64) float upper[sum_row] = {};
  const float delta = candidate.delta;
  const float offset = candidate.offset;
  const float steps = table.steps;
  for (std::size_t r = 0; r < table.filled.size(); ++r) {
    if (r % rows_per_level == 0)
      for (std::size_t k = 0; k < sum_row; ++k) {
        upper[k] += sum[k];
        sum[k] = 0;
      }
    if (!table.filled[r]) continue;
    const float* const middle = table.middle.data() + r * sum_row;
    const float* const count = table.count.data() + r * sum_row;
    for (std::size_t k = 0; k < sum_row; ++k) {
      const float code = std::rint(middle[k] / delta - offset);
      float clamped = code < 0.0f ? 0.0f : code;
      clamped = clamped > steps ? steps : clamped;
      const float error = (clamped + offset) * delta - middle[k];
      const float noise = error * error * count[k];
      sum[k] += code != clamped ? noise * clipping_weight : noise;
    }
  }
  for (std::size_t k = 0; k < sum_row; ++k) sum[k] += upper[k];
  float total = 0;
  for (std::size_t k = 0; k < sum_lanes; ++k) {
    float lane = sum[k];
    for (std::size_t way = 1; way < sum_ways; ++way) lane += sum[way * sum_lanes + k];
    total += lane;
  }
  return total;
}

QEVAL_DEFINE_FOR_EACH_ISA(float, noise, (const NoiseTable& table, CandidateTorch2 candidate), (table, candidate))

NoiseTable make_table(const GrowingHistogram& histogram, int steps) {
  NoiseTable table;
  table.steps = static_cast<float>(steps);
  table.count = histogram.counts();
  table.middle.resize(histogram.bins());
  table.filled.resize(histogram.bins() / sum_row);
  const float width = histogram.edge(1) - histogram.edge(0);
  const float start = histogram.edge(0) + width / 2;
  for (std::size_t i = 0; i < histogram.bins(); ++i) {
    table.middle[i] = start + width * static_cast<float>(i);
    if (table.count[i] != 0) table.filled[i / sum_row] = 1;
  }
  return table;
}

std::vector<CandidateTorch2> symmetric_candidates(float min, float max, int steps) {
  const float delta_max = 2 * std::max(max, -min) / static_cast<float>(steps);
  std::vector<CandidateTorch2> candidates;
  for (int k = 1; k <= symmetric_deltas; ++k)
    candidates.push_back({std::max(delta_max * static_cast<float>(k) / (symmetric_deltas - 1), minimum_scale_torch_2),
                          static_cast<float>(symmetric_offset(steps))});
  return candidates;
}

/// The evenly spaced offsets of torch.arange(−n, q, q) with q = n/(offsets − 2), rounded, then the observed one.
std::vector<float> offsets_to_try(int steps, float observed_offset) {
  const double interval = static_cast<double>(steps) / (std::min(steps + 2, most_offsets) - 2);
  const auto count = static_cast<int>(std::ceil((interval + steps) / interval));
  std::vector<float> offsets;
  for (int i = 0; i < count; ++i) offsets.push_back(std::nearbyint(static_cast<float>(-steps + interval * i)));
  offsets.push_back(observed_offset);
  return offsets;
}

/// Every pair starts from its own delta; both ends are clamped to the observed grid.
std::vector<CandidateTorch2> asymmetric_candidates(float min, float max, int steps) {
  const auto n = static_cast<float>(steps);
  const float delta_max = (max - min) / n;
  const float observed_offset = std::nearbyint(min / delta_max);
  const float observed_min = delta_max * observed_offset;
  const float observed_max = observed_min + delta_max * n;
  const auto offsets = offsets_to_try(steps, observed_offset);
  std::vector<CandidateTorch2> candidates;
  for (int k = 1; k <= asymmetric_deltas; ++k) {
    const float delta = delta_max * static_cast<float>(k) / (asymmetric_deltas - 1);
    for (const float offset : offsets) {
      const float test_min = std::max(observed_min, delta * offset);
      const float test_max = std::min(observed_max, delta * offset + delta * n);
      const float clamped = std::max((test_max - test_min) / n, minimum_scale_torch_2);
      candidates.push_back({clamped, std::nearbyint(test_min / clamped)});
    }
  }
  return candidates;
}

}  // namespace

CandidateTorch2 search_torch_2(const GrowingHistogram& histogram, int steps, bool symmetric) {
  const float min = std::min(histogram.min(), 0.0f);
  const float widened = min + minimum_scale_torch_2 * static_cast<float>(steps);
  const float max = std::max(std::max(histogram.max(), 0.0f), widened);
  const auto candidates = symmetric ? symmetric_candidates(min, max, steps) : asymmetric_candidates(min, max, steps);
  const NoiseTable table = make_table(histogram, steps);
  CandidateTorch2 best = candidates.front();
  float least = noise(table, best);
  for (const auto& candidate : candidates) {
    const float found = noise(table, candidate);
    if (!(found < least)) continue;
    least = found;
    best = candidate;
  }
  return best;
}

}  // namespace qeval
