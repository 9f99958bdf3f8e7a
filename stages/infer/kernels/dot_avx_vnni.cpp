#include "pipeline/base/processor.h"

#if QEVAL_X86

#include <immintrin.h>

#include <cstring>

#include "stages/infer/kernels/dot_families.h"
#include "stages/infer/kernels/packed_weights.h"
#include "stages/infer/kernels/unrolled.h"

namespace qeval {
namespace {

#define QEVAL_TARGET_AVX_VNNI __attribute__((target("avx2,avxvnni")))

// vpdpbusd takes five cycles and two begin in each: 4 outputs in 3 registers of 8 pixels are 12 sums on their way.
constexpr int outputs = 4, lanes = 8, registers = 3, pixels = 48;

QEVAL_TARGET_AVX_VNNI inline __m256i broadcast(const std::byte* quad) {
  std::int32_t four;
  std::memcpy(&four, quad, 4);
  return _mm256_set1_epi32(four);
}

QEVAL_TARGET_AVX_VNNI void run_part(const std::byte* w, int steps, const std::uint8_t* panel, std::int32_t* sums) {
  __m256i sum[outputs][registers] = {};
  for (; steps > 0; --steps, w += outputs * 4, panel += pixels * 4) {
    __m256i codes[registers];
    QEVAL_UNROLLED
    for (int r = 0; r < registers; ++r)
      codes[r] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(panel + r * lanes * 4));
    QEVAL_UNROLLED
    for (int o = 0; o < outputs; ++o) {
      const __m256i four = broadcast(w + o * 4);
      QEVAL_UNROLLED
      for (int r = 0; r < registers; ++r) sum[o][r] = _mm256_dpbusd_avx_epi32(sum[o][r], codes[r], four);
    }
  }
  QEVAL_UNROLLED
  for (int o = 0; o < outputs; ++o) {
    QEVAL_UNROLLED
    for (int r = 0; r < registers; ++r)
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + o * pixels + r * lanes), sum[o][r]);
  }
}

std::vector<std::byte> pack(std::span<const std::int8_t> weights, int rows, int steps) {
  return pack_interleaved(weights, rows, steps, outputs);
}

void run(const std::byte* packed, int tile, const std::uint8_t* panel, int used, std::int32_t* sums) {
  const std::byte* w = interleaved_tile(packed, tile, outputs);
  const int steps = packed_header(packed).steps;
  for (int first = 0; first < used; first += registers * lanes) run_part(w, steps, panel + first * 4, sums + first);
}

}  // namespace

const DotKernel avx_vnni_dot_kernel{"avx-vnni", DotIsa::avx_vnni, outputs, pixels, pack, prepare_nothing, run};

}  // namespace qeval

#endif
