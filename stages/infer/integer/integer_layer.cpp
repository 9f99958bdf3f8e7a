#include "stages/infer/integer/integer_layer.h"

#include <algorithm>
#include <array>

namespace qeval {
namespace {

/// Pixels whose codes are made at a time where a quad's lanes come from several tiles.
constexpr int merged_pixels = 64;

}  // namespace

LayerOutput::LayerOutput(const IntegerLayer& layer, Workspace& workspace)
    : layer_(layer), plane_(std::ptrdiff_t{workspace.images()} * layer.output.shape.pixels() * lanes) {
  if (layer.output.number >= 0)
    codes_ = workspace.codes(layer.output);
  else
    logits_ = workspace.logits();
  if (layer.summand) summand_ = workspace.codes(*layer.summand);
}

void LayerOutput::write(const std::int32_t* sums, int pitch, int first_channel, int rows, int first_pixel,
                        int used) const {
  for (int row = 0; row < rows;) {
    const int channel = first_channel + row, lane = channel % lanes;
    SumRows part{.sums = sums + std::ptrdiff_t{row} * pitch,
                 .pitch = pitch,
                 .rows = std::min(lanes - lane, rows - row),
                 .pixels = used,
                 .channels = &layer_.channels,
                 .first = channel,
                 .limits = layer_.limits};
    if (summand_) {
      part.summand = summand_ + channel / lanes * plane_ + std::ptrdiff_t{first_pixel} * lanes + lane;
      part.summand_meaning = &layer_.summand_meaning;
    }
    if (codes_)
      write_codes(part, lane, first_pixel);
    else
      rescale(part, logits_.data() + std::ptrdiff_t{first_pixel} * layer_.output.shape.channels + channel,
              layer_.output.shape.channels);
    row += part.rows;
  }
}

void LayerOutput::write_codes(SumRows rows, int lane, int first_pixel) const {
  std::uint8_t* codes = codes_ + rows.first / lanes * plane_ + std::ptrdiff_t{first_pixel} * lanes;
  const bool ends_layer = rows.first + rows.rows == layer_.output.shape.channels;
  if (lane == 0 && (rows.rows == lanes || ends_layer)) return requantize(rows, layer_.grid, codes);
  std::array<std::uint8_t, merged_pixels * lanes> some;
  const int pixels = rows.pixels;
  for (int at = 0; at < pixels; at += merged_pixels) {
    rows.pixels = std::min(merged_pixels, pixels - at);
    requantize(rows, layer_.grid, some.data());
    for (int p = 0; p < rows.pixels; ++p)
      for (int row = 0; row < rows.rows; ++row)
        codes[(at + p) * lanes + lane + row] = some[static_cast<std::size_t>(p * lanes + row)];
    rows.sums += merged_pixels;
    if (rows.summand) rows.summand += merged_pixels * lanes;
  }
}

}  // namespace qeval
