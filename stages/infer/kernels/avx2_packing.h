#pragma once
/// Weights for vpmaddubsw, which adds two products in 16 bits and saturates. It never does here: pairs of weights whose
/// sum could leave 16 bits are taken out of the matrix and added in 32 bits. Two of its results may also be added in 16
/// bits before they are widened, which is faster and takes out more; where too much would be taken out, all is in s16.
/// Each tile has the form that is the fastest for its weights.
/// Thread-safety: free functions. Errors: InternalError for sizes that do not agree.
#include <type_traits>

#include "stages/infer/kernels/packed_weights.h"

namespace qeval {

inline constexpr int avx2_outputs = 4, avx2_pixels = 16;

enum class Avx2Form : std::int32_t {
  fours,  ///< s8 [steps][4 outputs][4]; steps 2i and 2i + 1 are added in 16 bits
  pairs,  ///< the same matrix, each step widened by itself
  words   ///< s16 [steps][4 outputs][2 · 2]: inputs 0 and 2, inputs 1 and 3
};

/// Two adjacent weights that are not in the matrix, but zeros.
struct Outlier {
  std::uint32_t step = 0;  ///< where its codes are in the panel, in bytes, at the first pixel
  std::uint32_t half = 0;  ///< 0: inputs 0 and 1 of the step; 1: inputs 2 and 3
  std::int16_t weights[2] = {};
};

/// A tile: this, outliers in ascending order of output, the matrix; the latter two aligned to 64.
struct alignas(64) Avx2Tile {
  Avx2Form form = Avx2Form::fours;
  std::int32_t matrix = 0;                       ///< where it begins, in bytes from the tile's own begin
  std::int32_t outliers_end[avx2_outputs] = {};  ///< of each output; the next one's begin there
  std::int32_t zeros[10] = {};

  const Outlier* outliers() const { return reinterpret_cast<const Outlier*>(this + 1); }
};

static_assert(std::has_unique_object_representations_v<Avx2Tile>, "packed bytes depend on the weights alone");

/// The tiles' offsets, s64 [tiles], follow the header.
inline const Avx2Tile& avx2_tile(const std::byte* packed, int tile) {
  const auto* offsets = reinterpret_cast<const std::int64_t*>(packed + packed_alignment);
  return *reinterpret_cast<const Avx2Tile*>(packed + offsets[tile]);
}

std::vector<std::byte> pack_avx2(std::span<const std::int8_t> weights, int rows, int steps);

}  // namespace qeval
