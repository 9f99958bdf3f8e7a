#pragma once
/// Weights as tdpbsud wants them: tiles of 16 outputs by `block_steps` steps, in rows of 64 bytes.
/// Thread-safety: free functions. Errors: InternalError for sizes that do not agree.
#include <type_traits>

#include "stages/infer/kernels/amx_tiles.h"
#include "stages/infer/kernels/packed_weights.h"

#if QEVAL_X86

namespace qeval {

inline constexpr int amx_rows = 16, amx_steps = 16, amx_row_bytes = 64, amx_tile_bytes = amx_rows * amx_row_bytes;
/// Of weights in a tile of outputs, which are as many as pixels in a panel.
inline constexpr int amx_weight_tiles = 2, amx_outputs = amx_weight_tiles * amx_rows;
/// Registers: 0 to 3 are sums, 4 and 5 weights, 6 and 7 codes.
inline constexpr int amx_sum_registers = 4, amx_registers = 8;

/// What a packed layer begins with.
struct AmxHeader {
  PackedHeader sizes;
  /// Blocks of equally many steps. The last one ends with the last step, so that nothing behind the panel is read;
  /// what it has in common with the one before is zero.
  std::int32_t blocks = 0, block_steps = 0;
  std::int32_t zeros[12] = {};
  TileConfig config;
};
static_assert(std::has_unique_object_representations_v<AmxHeader>, "packed bytes depend on the weights alone");

inline const AmxHeader& amx_header(const std::byte* packed) { return *reinterpret_cast<const AmxHeader*>(packed); }

/// The step that a block begins with.
inline int first_step(const AmxHeader& header, int block) {
  return block + 1 < header.blocks ? block * header.block_steps : header.sizes.steps - header.block_steps;
}

/// AmxHeader and s8 [tiles][blocks][2][16][64].
std::vector<std::byte> pack_amx(std::span<const std::int8_t> weights, int rows, int steps);

/// Where a tile's blocks begin in the packed bytes.
inline std::ptrdiff_t amx_tile_offset(const AmxHeader& header, int tile) {
  return static_cast<std::ptrdiff_t>(sizeof header) +
         static_cast<std::ptrdiff_t>(tile) * header.blocks * amx_weight_tiles * amx_tile_bytes;
}

}  // namespace qeval

#endif
