#include "stages/infer/kernels/amx_packing.h"

#if QEVAL_X86

#include "stages/infer/kernels/dot_families.h"

namespace qeval {
namespace {

constexpr int pixels = 32, panel_row = pixels * 4;

/// From this many blocks on, weights that are read on their way displace the panel from the first-level cache unless
/// they are said to be needed once.
constexpr int many_blocks = 8;

/// The first or both halves of a tile's outputs and of a panel's pixels.
template <bool all_rows, bool all_pixels, bool once>
QEVAL_TARGET_AMX void run_part(const std::byte* packed, int tile, const std::uint8_t* panel, std::int32_t* sums) {
  const AmxHeader& header = amx_header(packed);
  const std::byte* w = packed + amx_tile_offset(header, tile);
  _tile_zero(0);
  if (all_pixels) _tile_zero(1);
  if (all_rows) _tile_zero(2);
  if (all_rows && all_pixels) _tile_zero(3);
  for (int block = 0; block < header.blocks; ++block, w += amx_weight_tiles * amx_tile_bytes) {
    const std::uint8_t* codes = panel + first_step(header, block) * panel_row;
    if (once) _tile_stream_loadd(4, w, amx_row_bytes);
    if (!once) _tile_loadd(4, w, amx_row_bytes);
    _tile_loadd(6, codes, panel_row);
    _tile_dpbsud(0, 4, 6);
    if (all_pixels) _tile_loadd(7, codes + amx_row_bytes, panel_row);
    if (all_pixels) _tile_dpbsud(1, 4, 7);
    if (all_rows && once) _tile_stream_loadd(5, w + amx_tile_bytes, amx_row_bytes);
    if (all_rows && !once) _tile_loadd(5, w + amx_tile_bytes, amx_row_bytes);
    if (all_rows) _tile_dpbsud(2, 5, 6);
    if (all_rows && all_pixels) _tile_dpbsud(3, 5, 7);
  }
  _tile_stored(0, sums, panel_row);
  if (all_pixels) _tile_stored(1, sums + amx_row_bytes / 4, panel_row);
  if (all_rows) _tile_stored(2, sums + amx_rows * pixels, panel_row);
  if (all_rows && all_pixels) _tile_stored(3, sums + amx_rows * pixels + amx_row_bytes / 4, panel_row);
}

void prepare(const std::byte* packed) { use_tiles(amx_header(packed).config); }

void run(const std::byte* packed, int tile, const std::uint8_t* panel, int used, std::int32_t* sums) {
  const AmxHeader& header = amx_header(packed);
  const bool all_rows = rows_of_tile(packed, tile, amx_outputs) > amx_rows, all_pixels = used > pixels / 2;
  if (all_rows && all_pixels)
    header.blocks < many_blocks ? run_part<true, true, false>(packed, tile, panel, sums)
                                : run_part<true, true, true>(packed, tile, panel, sums);
  else if (all_rows)
    run_part<true, false, false>(packed, tile, panel, sums);
  else if (all_pixels)
    run_part<false, true, false>(packed, tile, panel, sums);
  else
    run_part<false, false, false>(packed, tile, panel, sums);
}

}  // namespace

const DotKernel amx_dot_kernel{"amx", DotIsa::amx, amx_outputs, pixels, pack_amx, prepare, run};

}  // namespace qeval

#endif
