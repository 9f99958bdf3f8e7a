#pragma once
/// Sums of products of unsigned codes and signed weights, exact in 32 bits, for a tile of output channels and a panel
/// of pixels. All that integer convolutions and linear layers are made of; one kernel per instruction set, all with the
/// same sums.
///
/// A panel is u8 [steps][pixels][4]: four values of the reduction (input channels at one tap of the window) of each
/// pixel, for each step of the reduction. Weights are packed once, in whatever order a kernel wants.
/// Thread-safety: everything is immutable; run may be called concurrently. No sum may leave 32 bits: the caller's to
/// ensure. Nothing is read outside the panel and the packed bytes, nothing written outside the sums.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace qeval {

/// What a kernel is made of, in ascending order of what processors have.
enum class DotIsa { portable, avx2, avx_vnni, avx512_vnni, amx };

struct DotKernel {
  const char* name;  ///< "portable", "avx2", "avx-vnni", "avx512-vnni", "amx"
  DotIsa isa;
  int outputs;  ///< output channels of a tile
  int pixels;   ///< of a panel; a multiple of 16

  /// weights: s8 [rows][steps][4]. The bytes are for all ⌈rows / outputs⌉ tiles, depend on the weights alone and may be
  /// copied anywhere; where run gets them, they are aligned to 64. Throws InternalError where the sizes do not agree or
  /// one is not positive.
  std::vector<std::byte> (*pack)(std::span<const std::int8_t> weights, int rows, int steps);

  /// What a thread does before `run`, and again when it has computed anything else meanwhile, another layer's weights
  /// included. `packed` may be of any layer of the same rows and steps.
  void (*prepare)(const std::byte* packed);

  /// sums[o][p] = Σ over steps s and b < 4 of panel[s][p][b] · weights[tile · outputs + o][s][b], sums being s32
  /// [outputs][pixels], aligned to 64; rows behind the last one have any values. Pixels from `used` (at least 1) on may
  /// be left out: the panel has bytes there, of any value. The panel is aligned to 64.
  ///
  /// Fastest where the panel is in the first-level cache and the weights in the second: all tiles of up to some hundred
  /// KB of weights for one panel, then for the next one. The more steps, the more panels before the next weights: these
  /// come from farther away.
  void (*run)(const std::byte* packed, int tile, const std::uint8_t* panel, int used, std::int32_t* sums);
};

/// The kernels that this processor has, best first; the last one is the portable one.
std::span<const DotKernel* const> dot_kernels();

/// Null where the processor lacks it, or nothing has this name.
const DotKernel* find_dot_kernel(std::string_view name);

/// The fastest one here, of those up to `limit`, for a layer (or group of one) of `rows` output channels.
const DotKernel& best_dot_kernel(int rows, int steps, DotIsa limit = DotIsa::amx);

/// How many pairs of adjacent inputs, (0, 1) and (2, 3) of each step, could leave 16 bits when their products are
/// added: where they do, engines that use vpmaddubsw without care give another sum. No kernel here does.
std::int64_t saturating_pairs(std::span<const std::int8_t> weights);

}  // namespace qeval
