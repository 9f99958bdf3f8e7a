#include "tools/bench/kernel_peaks.h"

#include "pipeline/base/processor.h"

#if QEVAL_X86
#include "stages/infer/kernels/amx_tiles.h"
#endif

namespace qeval::bench {

#if QEVAL_X86

namespace {

constexpr std::int64_t rounds = 2000;

// Assembler, because a compiler would compute a loop without memory once.
#define QEVAL_FOURS(sum)                         \
  "vpmaddubsw %%ymm10, %%ymm8, %%ymm12\n\t"      \
  "vpmaddubsw %%ymm11, %%ymm9, %%ymm13\n\t"      \
  "vpaddw %%ymm12, %%ymm13, %%ymm12\n\t"         \
  "vpmaddwd %%ymm14, %%ymm12, %%ymm12\n\t"       \
  "vpaddd %%ymm12, %%ymm" sum ", %%ymm" sum "\n\t"

QEVAL_TARGET_AVX2 std::int64_t fours() {
  for (std::int64_t i = 0; i < rounds; ++i)
    __asm__ volatile(QEVAL_FOURS("0") QEVAL_FOURS("1") QEVAL_FOURS("2") QEVAL_FOURS("3") QEVAL_FOURS("4")
                         QEVAL_FOURS("5") QEVAL_FOURS("6") QEVAL_FOURS("7")::
                             : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm12", "xmm13");
  return rounds * 8 * 64;
}

#define QEVAL_DOT(size, sum) "%{vex%} vpdpbusd %%" size "mm13, %%" size "mm14, %%" size "mm" sum "\n\t"
#define QEVAL_WIDE_DOT(sum) "vpdpbusd %%zmm30, %%zmm31, %%zmm" sum "\n\t"

QEVAL_TARGET_AVX2 std::int64_t dots_of_256_bits() {
  for (std::int64_t i = 0; i < rounds; ++i)
    __asm__ volatile(QEVAL_DOT("y", "0") QEVAL_DOT("y", "1") QEVAL_DOT("y", "2") QEVAL_DOT("y", "3")
                         QEVAL_DOT("y", "4") QEVAL_DOT("y", "5") QEVAL_DOT("y", "6") QEVAL_DOT("y", "7")
                             QEVAL_DOT("y", "8") QEVAL_DOT("y", "9") QEVAL_DOT("y", "10") QEVAL_DOT("y", "11")::
                                 : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                                   "xmm10", "xmm11");
  return rounds * 12 * 32;
}

__attribute__((target("avx512f"))) std::int64_t dots_of_512_bits() {
  for (std::int64_t i = 0; i < rounds; ++i)
    __asm__ volatile(QEVAL_WIDE_DOT("0") QEVAL_WIDE_DOT("1") QEVAL_WIDE_DOT("2") QEVAL_WIDE_DOT("3")
                         QEVAL_WIDE_DOT("4") QEVAL_WIDE_DOT("5") QEVAL_WIDE_DOT("6") QEVAL_WIDE_DOT("7")
                             QEVAL_WIDE_DOT("8") QEVAL_WIDE_DOT("9") QEVAL_WIDE_DOT("10") QEVAL_WIDE_DOT("11")::
                                 : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                                   "xmm10", "xmm11");
  return rounds * 12 * 64;
}

QEVAL_TARGET_AMX std::int64_t tiles() {
  TileConfig config;
  for (int i = 0; i < 8; ++i) config.rows[i] = 16, config.row_bytes[i] = 64;
  use_tiles(config);
  for (std::int64_t i = 0; i < rounds; ++i) {
    _tile_dpbsud(0, 4, 6);
    _tile_dpbsud(1, 4, 7);
    _tile_dpbsud(2, 5, 6);
    _tile_dpbsud(3, 5, 7);
  }
  return rounds * 4 * 16 * 16 * 64;
}

}  // namespace

std::int64_t run_peak(DotIsa isa) {
  switch (isa) {
    case DotIsa::portable: return 0;
    case DotIsa::avx2: return fours();
    case DotIsa::avx_vnni: return dots_of_256_bits();
    case DotIsa::avx512_vnni: return dots_of_512_bits();
    case DotIsa::amx: return tiles();
  }
  return 0;
}

#else

std::int64_t run_peak(DotIsa) { return 0; }

#endif

}  // namespace qeval::bench
