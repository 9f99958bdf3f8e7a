#include "stages/infer/kernels/depthwise_kernel.h"

#include "pipeline/base/processor.h"

namespace qeval {
namespace {

constexpr int block = 16;

/// Written once, compiled for each instruction set that pays.
[[gnu::always_inline]] inline void depthwise_body(const std::int8_t* weights, int taps, const std::uint8_t* panel,
                                                  int pixels, std::int32_t* sums) {
  for (int first = 0; first < pixels; first += block) {
    std::int32_t sum[block * 4] = {};
    for (int t = 0; t < taps; ++t) {
      const std::uint8_t* codes = panel + (t * pixels + first) * 4;
      for (int i = 0; i < block * 4; ++i) sum[i] += codes[i] * weights[t * 4 + i % 4];
    }
    for (int c = 0; c < 4; ++c)
      for (int p = 0; p < block; ++p) sums[c * pixels + first + p] = sum[p * 4 + c];
  }
}

void depthwise_portable(const std::int8_t* weights, int taps, const std::uint8_t* panel, int pixels,
                        std::int32_t* sums) {
  depthwise_body(weights, taps, panel, pixels, sums);
}

}  // namespace

DepthwiseKernel best_depthwise_kernel(DotIsa) { return depthwise_portable; }

}  // namespace qeval
