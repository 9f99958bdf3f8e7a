#include "stages/infer/kernels/amx_packing.h"

#if QEVAL_X86

#include "stages/infer/kernels/dot_families.h"

namespace qeval {
namespace {

constexpr int weight_tiles = 1, outputs = weight_tiles * amx_rows, pixels = 64, panel_row = pixels * 4;
constexpr int pixels_of_register = 16;

/// Four sums side by side: a tile takes three times as long to be ready as the next one to begin.
template <int registers>
QEVAL_TARGET_AMX void run_part(const std::byte* packed, int tile, const std::uint8_t* panel, std::int32_t* sums) {
  const AmxHeader& header = amx_header(packed);
  const std::byte* w = amx_tile(packed, tile, weight_tiles);
  _tile_zero(0);
  if (registers > 1) _tile_zero(1);
  if (registers > 2) _tile_zero(2);
  if (registers > 3) _tile_zero(3);
  for (int block = 0; block < header.blocks; ++block, w += amx_tile_bytes) {
    const std::uint8_t* codes = panel + first_step(header, block) * panel_row;
    _tile_loadd(4, w, amx_row_bytes);
    _tile_loadd(5, codes, panel_row);
    _tile_dpbsud(0, 4, 5);
    if (registers > 1) _tile_loadd(6, codes + amx_row_bytes, panel_row);
    if (registers > 1) _tile_dpbsud(1, 4, 6);
    if (registers > 2) _tile_loadd(7, codes + 2 * amx_row_bytes, panel_row);
    if (registers > 2) _tile_dpbsud(2, 4, 7);
    if (registers > 3) _tile_loadd(5, codes + 3 * amx_row_bytes, panel_row);
    if (registers > 3) _tile_dpbsud(3, 4, 5);
  }
  _tile_stored(0, sums, panel_row);
  if (registers > 1) _tile_stored(1, sums + pixels_of_register, panel_row);
  if (registers > 2) _tile_stored(2, sums + 2 * pixels_of_register, panel_row);
  if (registers > 3) _tile_stored(3, sums + 3 * pixels_of_register, panel_row);
}

std::vector<std::byte> pack(std::span<const std::int8_t> weights, int rows, int steps) {
  return pack_amx(weights, rows, steps, weight_tiles);
}

void run(const std::byte* packed, int tile, const std::uint8_t* panel, int used, std::int32_t* sums) {
  use_tiles(amx_header(packed).config);
  switch ((used + pixels_of_register - 1) / pixels_of_register) {
    case 1: return run_part<1>(packed, tile, panel, sums);
    case 2: return run_part<2>(packed, tile, panel, sums);
    case 3: return run_part<3>(packed, tile, panel, sums);
    default: return run_part<4>(packed, tile, panel, sums);
  }
}

}  // namespace

const DotKernel amx_narrow_dot_kernel{"amx-narrow", DotIsa::amx, outputs, pixels, pack, run};

}  // namespace qeval

#endif
