#pragma once
/// The processor's tiles: how they are configured, by whom. The configuration belongs to the thread; other libraries
/// set theirs, so whoever computes with tiles looks first.
/// Thread-safety: free functions. Errors: SIGILL where has_amx_int8() is false.
#include "pipeline/base/processor.h"

#if QEVAL_X86

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace qeval {

#define QEVAL_TARGET_AMX __attribute__((target("amx-tile,amx-int8")))

/// As ldtilecfg reads it.
struct alignas(64) TileConfig {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};
};

/// Loading takes ten times as long as looking, and would be half the time of a small tile.
QEVAL_TARGET_AMX inline void use_tiles(const TileConfig& wanted) {
  TileConfig loaded;
  // Not the intrinsics: those of GCC 12 tell the compiler of 8 of the 64 bytes.
  __asm__ volatile("sttilecfg %0" : "=m"(loaded));
  if (std::memcmp(&loaded, &wanted, sizeof wanted) != 0) __asm__ volatile("ldtilecfg %0" ::"m"(wanted));
}

}  // namespace qeval

#endif
