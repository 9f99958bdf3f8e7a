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
#define QEVAL_EIGHT(f) f("0") f("1") f("2") f("3") f("4") f("5") f("6") f("7")
#define QEVAL_TWELVE(f) QEVAL_EIGHT(f) f("8") f("9") f("10") f("11")
#define QEVAL_FOURS(sum)                  \
  "vpmaddubsw %%ymm10, %%ymm8, %%ymm12\n" \
  "vpmaddubsw %%ymm11, %%ymm9, %%ymm13\n" \
  "vpaddw %%ymm12, %%ymm13, %%ymm12\n"    \
  "vpmaddwd %%ymm14, %%ymm12, %%ymm12\n"  \
  "vpaddd %%ymm12, %%ymm" sum ", %%ymm" sum "\n"
#define QEVAL_DOT(sum) "%{vex%} vpdpbusd %%ymm13, %%ymm14, %%ymm" sum "\n"
#define QEVAL_WIDE_DOT(sum) "vpdpbusd %%zmm13, %%zmm14, %%zmm" sum "\n"
#define QEVAL_REGISTERS \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13"

QEVAL_TARGET_AVX2 std::int64_t fours() {
  for (std::int64_t i = 0; i < rounds; ++i) __asm__ volatile(QEVAL_EIGHT(QEVAL_FOURS) : : : QEVAL_REGISTERS);
  return rounds * 8 * 64;
}

QEVAL_TARGET_AVX2 std::int64_t dots_of_256_bits() {
  for (std::int64_t i = 0; i < rounds; ++i) __asm__ volatile(QEVAL_TWELVE(QEVAL_DOT) : : : QEVAL_REGISTERS);
  return rounds * 12 * 32;
}

__attribute__((target("avx512f"))) std::int64_t dots_of_512_bits() {
  for (std::int64_t i = 0; i < rounds; ++i) __asm__ volatile(QEVAL_TWELVE(QEVAL_WIDE_DOT) : : : QEVAL_REGISTERS);
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
