#include <algorithm>

#include "stages/infer/kernels/dot_families.h"
#include "stages/infer/kernels/packed_weights.h"

namespace qeval {
namespace {

constexpr int outputs = 4, pixels = 16;

std::vector<std::byte> pack(std::span<const std::int8_t> weights, int rows, int steps) {
  return pack_interleaved(weights, rows, steps, outputs);
}

void run(const std::byte* packed, int tile, const std::uint8_t* panel, int, std::int32_t* sums) {
  const auto* w = reinterpret_cast<const std::int8_t*>(interleaved_tile(packed, tile, outputs));
  std::int32_t sum[outputs][pixels] = {};
  for (int step = packed_header(packed).steps; step > 0; --step, w += outputs * 4, panel += pixels * 4)
    for (int o = 0; o < outputs; ++o)
      for (int p = 0; p < pixels; ++p)
        sum[o][p] += panel[p * 4] * w[o * 4] + panel[p * 4 + 1] * w[o * 4 + 1] + panel[p * 4 + 2] * w[o * 4 + 2] +
                     panel[p * 4 + 3] * w[o * 4 + 3];
  std::copy_n(&sum[0][0], outputs * pixels, sums);
}

}  // namespace

const DotKernel portable_dot_kernel{"portable", DotIsa::portable, outputs, pixels, pack, prepare_nothing, run};

}  // namespace qeval
