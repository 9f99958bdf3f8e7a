#include "stages/infer/integer/panel_packing.h"

#include <algorithm>
#include <utility>

#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {
namespace {

constexpr std::uint32_t in_all_lanes = 0x01010101u;

/// How many of the positions first, first + step, … lie below `end`, of `count`.
int count_below(int first, int step, int end, int count) {
  if (first >= end) return 0;
  return std::min(count, (end - first + step - 1) / step);
}

PixelGather gather_here() {
#if QEVAL_X86
  if (active_isa() >= Isa::avx512) return gather_avx512;
  if (active_isa() >= Isa::avx2) return gather_avx2;
#endif
  return gather_portable;
}

}  // namespace

PanelPacking::PanelPacking(const CodeShape& input, const CodeShape& output, const Window& window,
                           std::uint8_t padding_code)
    : input_(input), output_(output), window_(window), padding_(padding_code * in_all_lanes) {}

/// Appends the pieces of one tap.
class PanelPacking::Pixels::TapPieces {
 public:
  TapPieces(std::vector<PixelPiece>& all, int stride) : all_(all), stride_(stride) {}

  /// Panel pixels to … to + count − 1 come from the plane's from, from + stride, … Ascending.
  void add(int from, int to, int count) {
    for (int end = to + count; to < end;) {
      const int chunk = to / gather_pixels, in_chunk = to % gather_pixels;
      const int some = std::min(end - to, gather_pixels - in_chunk);
      close_before(chunk);
      const int origin = from - in_chunk * stride_;
      if (!open_ || all_.back().from != origin) {
        if (open_) all_.back().last = false;
        all_.push_back({origin, 0, true});
        open_ = true;
      }
      all_.back().mask |= static_cast<std::uint16_t>(((1u << some) - 1u) << in_chunk);
      from += some * stride_;
      to += some;
    }
  }

  /// Chunks below `chunk` get no more pieces.
  void close_before(int chunk) {
    for (; chunk_ < chunk; ++chunk_) {
      if (!open_) all_.emplace_back();
      open_ = false;
    }
  }

 private:
  std::vector<PixelPiece>& all_;
  int stride_, chunk_ = 0;
  bool open_ = false;  ///< chunk_ has a piece
};

PanelPacking::Pixels::Pixels(const PanelPacking& packing, int first, int used) {
  const CodeShape &input = packing.input_, &output = packing.output_;
  const Window& window = packing.window_;
  for (int tap = 0; tap < packing.taps(); ++tap) {
    TapPieces pieces(pieces_, window.stride[1]);
    const int down = tap / window.kernel[1] * window.dilation[0] - window.padding[0];
    const int right = tap % window.kernel[1] * window.dilation[1] - window.padding[2];
    for (int at = first; at < first + used;) {
      const int x = at % output.width, y = at / output.width % output.height, image = at / output.pixels();
      const int length = std::min(output.width - x, first + used - at);
      const int row = y * window.stride[0] + down, column = x * window.stride[1] + right;
      if (row >= 0 && row < input.height) {
        const int before = count_below(column, window.stride[1], 0, length);
        const int inside = count_below(column, window.stride[1], input.width, length) - before;
        const int from = (image * input.height + row) * input.width + column + before * window.stride[1];
        pieces.add(from, at - first + before, inside);
      }
      at += length;
    }
    pieces.close_before((used + gather_pixels - 1) / gather_pixels);
    ends_.push_back(pieces_.size());
  }
}

void PanelPacking::pack(const std::uint8_t* input, int images, const Pixels& pixels, int first_quad, int count,
                        int panel_pixels, std::uint8_t* panel) const {
  const PixelGather gather = gather_here();
  const std::ptrdiff_t plane_bytes = std::ptrdiff_t{images} * input_.pixels() * lanes;
  const std::ptrdiff_t row_bytes = std::ptrdiff_t{panel_pixels} * lanes;
  for (int tap = 0; tap < taps(); ++tap)
    gather({input + first_quad * plane_bytes, plane_bytes, count, window_.stride[1], pixels.pieces(tap), padding_,
            panel + tap * count * row_bytes, row_bytes});
}

void PanelPacking::pack_channels(const std::uint8_t* input, int images, const Pixels& pixels, int first_channel,
                                 int count, int panel_pixels, std::uint8_t* panel) const {
  const std::ptrdiff_t row_bytes = std::ptrdiff_t{panel_pixels} * lanes;
  const int last_channel = first_channel + count - 1;
  const int first_quad = first_channel / lanes, quads = last_channel / lanes - first_quad + 1;
  const int packed_quads = (count + lanes - 1) / lanes;
  std::vector<std::uint8_t> whole(static_cast<std::size_t>(taps() * quads) * static_cast<std::size_t>(row_bytes));
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

std::shared_ptr<const PanelsOfBatch::List> PanelsOfBatch::of(const PanelPacking& packing, int images) const {
  const std::lock_guard lock(mutex_);
  if (images_ != images) {
    auto list = std::make_shared<List>();
    const int pixels = images * outputs_;
    for (int first = 0; first < pixels; first += panel_pixels_)
      list->emplace_back(packing, first, std::min(panel_pixels_, pixels - first));
    list_ = std::move(list);
    images_ = images;
  }
  return list_;
}

}  // namespace qeval
