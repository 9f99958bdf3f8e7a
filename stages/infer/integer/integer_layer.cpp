#include "stages/infer/integer/integer_layer.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace qeval {
namespace {

float largest_magnitude(const std::vector<float>& values) {
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

/// Grids have zero, so no value is farther from it than all steps.
float reach_of(const QdqParameters& grid) { return grid.scale * (grid.levels + 1); }

}  // namespace

Reach reach_of(const IntegerLayer& layer) {
  Reach reach{largest_magnitude(layer.channels.scale), largest_magnitude(layer.channels.bias)};
  if (layer.summand) reach.addend += reach_of(layer.summand_meaning.grid);
  if (layer.middle) reach.addend += reach_of(layer.middle->meaning.grid);
  return reach;
}

LayerOutput::LayerOutput(const IntegerLayer& layer, Workspace& workspace)
    : layer_(layer),
      requantizer_(layer.grid, layer.limits, layer.middle, layer.reach),
      plane_(std::ptrdiff_t{workspace.images()} * layer.output.shape.pixels() * lanes) {
  if (layer.output.number >= 0)
    codes_ = workspace.codes(layer.output);
  else
    logits_ = workspace.logits();
  if (layer.summand) summand_ = workspace.codes(*layer.summand);
}

void LayerOutput::write(const std::int32_t* sums, int pitch, int first_channel, int rows, int first_pixel,
                        int used) const {
  const SumRows all{.sums = sums,
                    .pitch = pitch,
                    .rows = rows,
                    .pixels = used,
                    .channels = &layer_.channels,
                    .first = first_channel,
                    .summand_meaning = &layer_.summand_meaning};
  const int lane = first_channel % lanes;
  const bool ends_layer = first_channel + rows == layer_.output.shape.channels;
  if (!codes_)
    rescale(all, layer_.limits,
            logits_.data() + std::ptrdiff_t{first_pixel} * layer_.output.shape.channels + first_channel,
            layer_.output.shape.channels);
  else if (lane == 0 && (rows % lanes == 0 || ends_layer))
    write_quads(all, first_pixel);
  else
    write_lanes(all, first_pixel);
}

void LayerOutput::prefetch(int first_channel, int rows, int first_pixel, int used) const {
  constexpr int line = 64;
  if (!codes_) return;
  std::ptrdiff_t at = place(first_channel, first_pixel);
  for (int row = 0; row < rows; row += lanes, at += plane_)
    for (int byte = 0; byte < used * lanes; byte += line) {
      __builtin_prefetch(codes_ + at + byte, 1);
      if (summand_) __builtin_prefetch(summand_ + at + byte);
    }
}

std::ptrdiff_t LayerOutput::place(int channel, int pixel) const {
  return channel / lanes * plane_ + std::ptrdiff_t{pixel} * lanes;
}

void LayerOutput::write_quads(SumRows rows, int first_pixel) const {
  const std::ptrdiff_t at = place(rows.first, first_pixel);
  if (summand_) rows.summand = summand_ + at;
  requantizer_.quantize(rows, codes_ + at, plane_);
}

/// Row by row, into lanes of quads whose others come from elsewhere.
void LayerOutput::write_lanes(const SumRows& rows, int first_pixel) const {
  std::vector<std::uint8_t> quads(static_cast<std::size_t>(rows.pixels) * lanes);
  for (int row = 0; row < rows.rows; ++row) {
    SumRows one = rows;
    one.sums += row * rows.pitch;
    one.rows = 1;
    one.first += row;
    one.lane = one.first % lanes;
    const std::ptrdiff_t at = place(one.first, first_pixel);
    if (summand_) one.summand = summand_ + at;
    requantizer_.quantize(one, quads.data(), plane_);
    for (int p = 0; p < rows.pixels; ++p)
      codes_[at + p * lanes + one.lane] = quads[static_cast<std::size_t>(p * lanes)];
  }
}

}  // namespace qeval
