#pragma once
/// The layout of packed weights that all dot kernels begin with: a header of 64 bytes, then the tiles.
/// Thread-safety: free functions. Errors: InternalError for sizes that do not agree.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace qeval {

struct PackedHeader {
  std::int32_t rows = 0, steps = 0;
};

/// What tiles begin behind, in bytes: they stay aligned to it.
inline constexpr std::size_t packed_alignment = 64;

inline const PackedHeader& packed_header(const std::byte* packed) {
  return *reinterpret_cast<const PackedHeader*>(packed);
}

/// Throws unless there are 4 · rows · steps weights, and some.
void check_weights(std::span<const std::int8_t> weights, int rows, int steps);

/// A header, and `bytes` zeros behind it.
std::vector<std::byte> packed_bytes(int rows, int steps, std::size_t bytes);

/// Tiles of s8 [steps][outputs][4]; rows behind the last one are zero.
std::vector<std::byte> pack_interleaved(std::span<const std::int8_t> weights, int rows, int steps, int outputs);

/// Where such a tile begins.
inline const std::byte* interleaved_tile(const std::byte* packed, int tile, int outputs) {
  const auto bytes = static_cast<std::size_t>(packed_header(packed).steps) * static_cast<std::size_t>(outputs) * 4;
  return packed + packed_alignment + static_cast<std::size_t>(tile) * bytes;
}

/// How many rows of the tile there are.
inline int rows_of_tile(const std::byte* packed, int tile, int outputs) {
  const int rest = packed_header(packed).rows - tile * outputs;
  return rest < outputs ? rest : outputs;
}

/// Of kernels that need nothing before they run.
inline void prepare_nothing(const std::byte*) {}

}  // namespace qeval
