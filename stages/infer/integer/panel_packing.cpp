#include "stages/infer/integer/panel_packing.h"

#include <algorithm>
#include <cstring>

#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {
namespace {

constexpr std::uint32_t in_all_lanes = 0x01010101u;

std::uint32_t load(const std::uint8_t* at) {
  std::uint32_t value;
  std::memcpy(&value, at, lanes);
  return value;
}

void store(std::uint8_t* at, std::uint32_t value) { std::memcpy(at, &value, lanes); }

void fill(std::uint8_t* to, int count, std::uint32_t value) {
  for (int i = 0; i < count; ++i) store(to + i * lanes, value);
}

/// Up to 12 bytes more are read and written: panels are filled from front to back, and memory has slack behind it.
void copy_pixels(const std::uint8_t* from, std::uint8_t* to, int count) {
  constexpr int at_a_time = 4;
  for (int i = 0; i < count; i += at_a_time) std::memcpy(to + i * lanes, from + i * lanes, at_a_time * lanes);
}

void copy_every_second(const std::uint8_t* from, std::uint8_t* to, int count) {
  for (int i = 0; i < count; i += 2) {
    std::uint64_t first, second;
    std::memcpy(&first, from + 2 * i * lanes, sizeof first);
    std::memcpy(&second, from + (2 * i + 2) * lanes, sizeof second);
    const std::uint64_t both = (first & 0xffffffffu) | second << 32;
    std::memcpy(to + i * lanes, &both, sizeof both);
  }
}

void copy_every(const std::uint8_t* from, int step, std::uint8_t* to, int count) {
  if (step == 1) return copy_pixels(from, to, count);
  if (step == 2) return copy_every_second(from, to, count);
  for (int i = 0; i < count; ++i) store(to + i * lanes, load(from + i * step * lanes));
}

constexpr int block_bytes = 64;

/// Whole blocks of `rows` rows that lie `pitch` bytes apart.
[[gnu::always_inline]] inline void copy_rows_body(const std::uint8_t* from, std::ptrdiff_t pitch, int rows, int blocks,
                                                  std::uint8_t* to, std::ptrdiff_t to_pitch) {
  for (int row = 0; row < rows; ++row)
    for (int block = 0; block < blocks; ++block)
      std::memcpy(to + row * to_pitch + block * block_bytes, from + row * pitch + block * block_bytes, block_bytes);
}
QEVAL_DEFINE_FOR_EACH_ISA(void, copy_rows,
                          (const std::uint8_t* from, std::ptrdiff_t pitch, int rows, int blocks, std::uint8_t* to,
                           std::ptrdiff_t to_pitch),
                          (from, pitch, rows, blocks, to, to_pitch))

/// How many of the positions first, first + step, … lie below `end`, of `count`.
int count_below(int first, int step, int end, int count) {
  if (first >= end) return 0;
  return std::min(count, (end - first + step - 1) / step);
}

}  // namespace

PanelPacking::PanelPacking(const CodeShape& input, const CodeShape& output, const Window& window,
                           std::uint8_t padding_code)
    : input_(input),
      output_(output),
      window_(window),
      plain_(taps() == 1 && window.stride == std::array<int, 2>{1, 1} && window.padding == std::array<int, 4>{}),
      padding_(padding_code * in_all_lanes) {}

PanelPacking::Pixels::Pixels(const PanelPacking& packing, int first, int used) : first_(first), used_(used) {
  if (packing.is_plain()) return;
  const auto [top, bottom, left, right] = packing.window_.padding;
  const auto [down, across] = packing.window_.stride;
  const int width = packing.output_.width, height = packing.output_.height;
  for (int at = first; at < first + used;) {
    const int column = at % width, row = at / width % height;
    const int length = std::min(width - column, first + used - at);
    runs_.push_back({at / (width * height), row * down - top, column * across - left, length});
    at += length;
  }
}

void PanelPacking::pack_tap(const std::uint8_t* plane, const Pixels& pixels, int tap, std::uint8_t* row) const {
  const int down = tap / window_.kernel[1] * window_.dilation[0], right = tap % window_.kernel[1] * window_.dilation[1];
  const int step = window_.stride[1];
  for (const Pixels::Run& run : pixels.runs_) {
    const int y = run.row + down, x = run.column + right;
    int before = run.length, inside = 0;
    if (y >= 0 && y < input_.height) {
      before = count_below(x, step, 0, run.length);
      inside = count_below(x, step, input_.width, run.length) - before;
    }
    fill(row, before, padding_);
    const int pixel = (run.image * input_.height + y) * input_.width + x + before * step;
    if (inside > 0) copy_every(plane + std::ptrdiff_t{pixel} * lanes, step, row + before * lanes, inside);
    fill(row + (before + inside) * lanes, run.length - before - inside, padding_);
    row += run.length * lanes;
  }
}

void PanelPacking::pack(const std::uint8_t* input, int images, const Pixels& pixels, int first_quad, int count,
                        int panel_pixels, std::uint8_t* panel) const {
  const std::ptrdiff_t plane = std::ptrdiff_t{images} * input_.pixels() * lanes;
  const std::uint8_t* first = input + first_quad * plane;
  const std::ptrdiff_t row_bytes = std::ptrdiff_t{panel_pixels} * lanes;
  if (is_plain()) {
    const int blocks = (pixels.used_ * lanes + block_bytes - 1) / block_bytes;
    return copy_rows(first + std::ptrdiff_t{pixels.first_} * lanes, plane, count, blocks, panel, row_bytes);
  }
  for (int tap = 0; tap < taps(); ++tap)
    for (int quad = 0; quad < count; ++quad, panel += row_bytes) pack_tap(first + quad * plane, pixels, tap, panel);
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
