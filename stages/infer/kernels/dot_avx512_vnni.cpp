#include "pipeline/base/processor.h"

#if QEVAL_X86

#include <immintrin.h>

#include <cstring>

#include "stages/infer/kernels/dot_families.h"
#include "stages/infer/kernels/packed_weights.h"
#include "stages/infer/kernels/unrolled.h"

namespace qeval {
namespace {

#define QEVAL_TARGET_AVX512_VNNI __attribute__((target("avx512f,avx512bw,avx512vnni")))

constexpr int outputs = 8, lanes = 16, pixels = 48;

QEVAL_TARGET_AVX512_VNNI inline __m512i broadcast(const std::byte* quad) {
  std::int32_t four;
  std::memcpy(&four, quad, 4);
  return _mm512_set1_epi32(four);
}

/// The first `rows` outputs of a tile and `registers` · 16 pixels of a panel.
template <int rows, int registers>
QEVAL_TARGET_AVX512_VNNI void run_part(const std::byte* w, int steps, const std::uint8_t* panel, std::int32_t* sums) {
  __m512i sum[rows][registers] = {};
  for (; steps > 0; --steps, w += outputs * 4, panel += pixels * 4) {
    __m512i codes[registers];
    QEVAL_UNROLLED
    for (int r = 0; r < registers; ++r) codes[r] = _mm512_loadu_si512(panel + r * lanes * 4);
    QEVAL_UNROLLED
    for (int o = 0; o < rows; ++o) {
      const __m512i four = broadcast(w + o * 4);
      QEVAL_UNROLLED
      for (int r = 0; r < registers; ++r) sum[o][r] = _mm512_dpbusd_epi32(sum[o][r], codes[r], four);
    }
  }
  QEVAL_UNROLLED
  for (int o = 0; o < rows; ++o) {
    QEVAL_UNROLLED
    for (int r = 0; r < registers; ++r) _mm512_storeu_si512(sums + o * pixels + r * lanes, sum[o][r]);
  }
}

template <int rows>
void run_rows(const std::byte* w, int steps, const std::uint8_t* panel, int used, std::int32_t* sums) {
  if (used > 2 * lanes)
    run_part<rows, 3>(w, steps, panel, sums);
  else if (used > lanes)
    run_part<rows, 2>(w, steps, panel, sums);
  else
    run_part<rows, 1>(w, steps, panel, sums);
}

std::vector<std::byte> pack(std::span<const std::int8_t> weights, int rows, int steps) {
  return pack_interleaved(weights, rows, steps, outputs);
}

void run(const std::byte* packed, int tile, const std::uint8_t* panel, int used, std::int32_t* sums) {
  const std::byte* w = interleaved_tile(packed, tile, outputs);
  const int steps = packed_header(packed).steps;
  if (rows_of_tile(packed, tile, outputs) > 4)
    run_rows<8>(w, steps, panel, used, sums);
  else
    run_rows<4>(w, steps, panel, used, sums);
}

}  // namespace

const DotKernel avx512_vnni_dot_kernel{"avx512-vnni", DotIsa::avx512_vnni, outputs, pixels, pack, prepare_nothing, run};

}  // namespace qeval

#endif
