#include "stages/infer/kernels/depthwise_families.h"

namespace qeval {
namespace {

constexpr int block = 16, channels = 4;

}  // namespace

void depthwise_portable(const std::int8_t* weights, int taps, const std::uint8_t* panel, int pixels,
                        std::int32_t* sums) {
  for (int first = 0; first < pixels; first += block) {
    std::int32_t sum[channels][block] = {};
    for (int t = 0; t < taps; ++t) {
      const std::uint8_t* codes = panel + (t * pixels + first) * channels;
      for (int c = 0; c < channels; ++c)
        for (int p = 0; p < block; ++p) sum[c][p] += codes[p * channels + c] * weights[t * channels + c];
    }
    for (int c = 0; c < channels; ++c)
      for (int p = 0; p < block; ++p) sums[c * pixels + first + p] = sum[c][p];
  }
}

}  // namespace qeval
