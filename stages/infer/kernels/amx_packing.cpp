#include "stages/infer/kernels/amx_packing.h"

#if QEVAL_X86

#include <algorithm>

namespace qeval {
namespace {

AmxHeader header_of(int rows, int steps) {
  AmxHeader header;
  header.sizes = {rows, steps};
  header.blocks = (steps + amx_steps - 1) / amx_steps;
  header.block_steps = (steps + header.blocks - 1) / header.blocks;
  // The processor's time is that of the rows.
  const int tile_rows = std::min(rows, amx_rows);
  for (int r = 0; r < amx_registers; ++r) {
    const bool sums = r < amx_sum_registers, codes = !sums && r >= amx_sum_registers + amx_weight_tiles;
    header.config.rows[r] = static_cast<std::uint8_t>(codes ? header.block_steps : tile_rows);
    header.config.row_bytes[r] = static_cast<std::uint16_t>(sums || codes ? amx_row_bytes : header.block_steps * 4);
  }
  return header;
}

}  // namespace

std::vector<std::byte> pack_amx(std::span<const std::int8_t> weights, int rows, int steps) {
  check_weights(weights, rows, steps);
  const AmxHeader header = header_of(rows, steps);
  const int tiles = (rows + amx_outputs - 1) / amx_outputs;
  std::vector<std::byte> packed(static_cast<std::size_t>(amx_tile_offset(header, tiles)));
  std::memcpy(packed.data(), &header, sizeof header);
  for (int row = 0; row < rows; ++row) {
    std::byte* to = packed.data() + amx_tile_offset(header, row / amx_outputs) +
                    row % amx_outputs / amx_rows * amx_tile_bytes + row % amx_rows * amx_row_bytes;
    const std::int8_t* from = weights.data() + static_cast<std::ptrdiff_t>(row) * steps * 4;
    for (int block = 0; block < header.blocks; ++block) {
      const int first = first_step(header, block), done = block * header.block_steps;
      std::memcpy(to + static_cast<std::ptrdiff_t>(block) * amx_weight_tiles * amx_tile_bytes + (done - first) * 4,
                  from + done * 4, static_cast<std::size_t>(first + header.block_steps - done) * 4);
    }
  }
  return packed;
}

}  // namespace qeval

#endif
