#include "stages/infer/integer/panel_packing.h"

#include <algorithm>
#include <cstring>

#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {
namespace {

constexpr std::uint32_t in_all_lanes = 0x01010101u;
constexpr int block_bytes = 64;

/// How many of the positions first, first + step, … lie below `end`, of `count`.
int count_below(int first, int step, int end, int count) {
  if (first >= end) return 0;
  return std::min(count, (end - first + step - 1) / step);
}

/// The rows of one tap, of `quads` planes.
struct TapRows {
  const std::uint8_t* planes;
  std::ptrdiff_t plane_bytes;
  int quads, stride;
  std::span<const PanelPacking::Copy> copies;
  std::span<const PanelPacking::Fill> fills;
  std::uint32_t padding;
  std::uint8_t* rows;
  std::ptrdiff_t row_bytes;
};

[[gnu::always_inline]] inline void copy_pixels(const std::uint8_t* from, int stride, std::uint8_t* to, int count) {
  if (stride == 1) {
    for (int at = 0; at < count * lanes; at += block_bytes) std::memcpy(to + at, from + at, block_bytes);
    return;
  }
  const auto* source = reinterpret_cast<const std::uint32_t*>(from);
  auto* target = reinterpret_cast<std::uint32_t*>(to);
  if (stride == 2)
    for (int i = 0; i < count; ++i) target[i] = source[2 * i];
  else
    for (int i = 0; i < count; ++i) target[i] = source[stride * i];
}

[[gnu::always_inline]] inline void pack_rows_body(const TapRows& tap) {
  for (int quad = 0; quad < tap.quads; ++quad) {
    const std::uint8_t* plane = tap.planes + quad * tap.plane_bytes;
    std::uint8_t* row = tap.rows + quad * tap.row_bytes;
    for (const auto& [from, to, count] : tap.copies)
      copy_pixels(plane + std::ptrdiff_t{from} * lanes, tap.stride, row + to * lanes, count);
    for (const auto& [to, count] : tap.fills)
      for (int i = 0; i < count; ++i) std::memcpy(row + (to + i) * lanes, &tap.padding, lanes);
  }
}
QEVAL_DEFINE_FOR_EACH_ISA(void, pack_rows, (const TapRows& tap), (tap))

}  // namespace

PanelPacking::PanelPacking(const CodeShape& input, const CodeShape& output, const Window& window,
                           std::uint8_t padding_code)
    : input_(input), output_(output), window_(window), padding_(padding_code * in_all_lanes) {}

PanelPacking::Pixels::Pixels(const PanelPacking& packing, int first, int used) {
  const CodeShape &input = packing.input_, &output = packing.output_;
  const Window& window = packing.window_;
  for (int tap = 0; tap < packing.taps(); ++tap) {
    const std::size_t first_of_tap = copies_.size();
    const int down = tap / window.kernel[1] * window.dilation[0] - window.padding[0];
    const int right = tap % window.kernel[1] * window.dilation[1] - window.padding[2];
    for (int at = first; at < first + used;) {
      const int x = at % output.width, y = at / output.width % output.height, image = at / output.pixels();
      const int length = std::min(output.width - x, first + used - at), to = at - first;
      const int row = y * window.stride[0] + down, column = x * window.stride[1] + right;
      if (row < 0 || row >= input.height) {
        fills_.push_back({to, length});
      } else {
        const int before = count_below(column, window.stride[1], 0, length);
        const int inside = count_below(column, window.stride[1], input.width, length) - before;
        const int from = (image * input.height + row) * input.width + column + before * window.stride[1];
        if (before > 0) fills_.push_back({to, before});
        if (inside > 0) add_copy({from, to + before, inside}, window.stride[1], first_of_tap);
        if (before + inside < length) fills_.push_back({to + before + inside, length - before - inside});
      }
      at += length;
    }
    copies_end_.push_back(copies_.size());
    fills_end_.push_back(fills_.size());
  }
}

/// Rows that lie as far apart here as there are one copy; what it brings between them is filled over.
void PanelPacking::Pixels::add_copy(Copy copy, int stride, std::size_t first_of_tap) {
  if (copies_.size() > first_of_tap) {
    Copy& last = copies_.back();
    if (copy.from - last.from == (copy.to - last.to) * stride) {
      last.count = copy.to + copy.count - last.to;
      return;
    }
  }
  copies_.push_back(copy);
}

void PanelPacking::pack(const std::uint8_t* input, int images, const Pixels& pixels, int first_quad, int count,
                        int panel_pixels, std::uint8_t* panel) const {
  const std::ptrdiff_t plane_bytes = std::ptrdiff_t{images} * input_.pixels() * lanes;
  const std::ptrdiff_t row_bytes = std::ptrdiff_t{panel_pixels} * lanes;
  for (int tap = 0; tap < taps(); ++tap)
    pack_rows({input + first_quad * plane_bytes, plane_bytes, count, window_.stride[1], pixels.copies(tap),
               pixels.fills(tap), padding_, panel + tap * count * row_bytes, row_bytes});
}

void PanelPacking::pack_channels(const std::uint8_t* input, int images, const Pixels& pixels, int first_channel,
                                 int count, int panel_pixels, std::uint8_t* panel) const {
  const std::ptrdiff_t row_bytes = std::ptrdiff_t{panel_pixels} * lanes;
  const int last_channel = first_channel + count - 1;
  const int first_quad = first_channel / lanes, quads = last_channel / lanes - first_quad + 1;
  const int packed_quads = (count + lanes - 1) / lanes;
  std::vector<std::uint8_t> whole(static_cast<std::size_t>(taps() * quads) * static_cast<std::size_t>(row_bytes) +
                                  block_bytes);
  pack(input, images, pixels, first_quad, quads, panel_pixels, whole.data());
  for (int tap = 0; tap < taps(); ++tap)
    for (int k = 0; k < packed_quads * lanes; ++k) {
      // Weights of the lanes behind the last channel are zero; any channel will do there.
      const int from = std::min(first_channel + k, last_channel) - first_quad * lanes;
      const std::uint8_t* source = whole.data() + (tap * quads + from / lanes) * row_bytes + from % lanes;
      std::uint8_t* target = panel + (tap * packed_quads + k / lanes) * row_bytes + k % lanes;
      for (int p = 0; p < panel_pixels; ++p) target[p * lanes] = source[p * lanes];
    }
}

}  // namespace qeval
