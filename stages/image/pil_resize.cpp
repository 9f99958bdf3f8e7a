#include "stages/image/pil_resize.h"

#include <algorithm>
#include <string>

#include "pipeline/base/errors.h"
#include "stages/image/resample_kernels.h"
#include "stages/image/resample_weights.h"

namespace qeval {
namespace {

constexpr std::size_t channels = 3;

Image make_image(int width, int height) {
  Image image{width, height, {}};
  image.rgb.resize(static_cast<std::size_t>(width) * height * channels);
  return image;
}

/// A rectangle of an image, without owning it.
struct View {
  const std::uint8_t* origin;
  const std::uint8_t* end;  ///< end of the readable bytes
  std::size_t stride;
  int width, height;

  const std::uint8_t* row(int y) const { return origin + y * stride; }
};

View view_of(const Image& image) {
  return {image.rgb.data(), image.rgb.data() + image.rgb.size(), image.width * channels, image.width, image.height};
}

View sub_view(const View& view, int left, int top, int width, int height) {
  return {view.row(top) + left * channels, view.end, view.stride, width, height};
}

Image copy(const View& view) {
  Image image = make_image(view.width, view.height);
  for (int y = 0; y < view.height; ++y) std::copy_n(view.row(y), view.width * channels, image.row(y));
  return image;
}

/// One axis of a resize, restricted to the wanted output pixels. An axis that keeps its size has no weights.
class Axis {
 public:
  Axis(int in_size, int out_size, int first, int count, ResizeFilter filter) : first_input_(first), inputs_(count) {
    if (in_size == out_size) return;
    weights_ = compute_axis_weights(in_size, out_size, first, count, filter);
    first_input_ = weights_.first_input();
    inputs_ = weights_.end_input() - first_input_;
    for (AxisWeights::Span& span : weights_.spans) span.first -= first_input_;
  }

  bool resizes() const { return !weights_.spans.empty(); }
  int first_input() const { return first_input_; }         ///< first input pixel needed
  int inputs() const { return inputs_; }                   ///< how many from there
  const AxisWeights& weights() const { return weights_; }  ///< relative to first_input()

 private:
  AxisWeights weights_;
  int first_input_, inputs_;
};

Image resize_across(const View& in, const AxisWeights& axis) {
  Image out = make_image(static_cast<int>(axis.spans.size()), in.height);
  const RowResampler resampler(axis, best_simd_level());
  for (int y = 0; y < in.height; ++y) {
    resampler.run(in.row(y), static_cast<std::size_t>(in.end - in.row(y)), out.row(y));
  }
  return out;
}

Image resize_down(const View& in, const AxisWeights& axis) {
  Image out = make_image(in.width, static_cast<int>(axis.spans.size()));
  for (int y = 0; y < out.height; ++y) {
    const AxisWeights::Span span = axis.spans[y];
    blend_rows(in.row(span.first), in.stride, axis.of(y), span.count, in.width * channels, out.row(y),
               best_simd_level());
  }
  return out;
}

bool vertical_first(const Image& in, int out_width, int out_height, PillowOrder order) {
  const std::int64_t rows_lost = static_cast<std::int64_t>(in.height) - out_height;
  const std::int64_t columns_lost = static_cast<std::int64_t>(in.width) - out_width;
  switch (order) {
    case PillowOrder::pillow_12_1: return false;
    case PillowOrder::pillow_12_2: return in.height > 100ll * in.width && rows_lost > 0;
    case PillowOrder::pillow_13: return rows_lost > 0 && rows_lost > 2 * columns_lost;
  }
  throw InternalError("resize: unknown pass order");
}

void require_valid(const Image& input, int out_width, int out_height, const PixelBox& box) {
  const bool sizes_ok = input.width > 0 && input.height > 0 && out_width > 0 && out_height > 0;
  const bool box_ok = box.left >= 0 && box.top >= 0 && box.width > 0 && box.height > 0 &&
                      box.left <= out_width - box.width && box.top <= out_height - box.height;
  if (sizes_ok && box_ok) return;
  throw InternalError("resize of " + std::to_string(input.width) + "x" + std::to_string(input.height) + " to " +
                      std::to_string(out_width) + "x" + std::to_string(out_height) +
                      ": empty size, or a window outside the output");
}

}  // namespace

Image resize(const Image& input, int out_width, int out_height, ResizeFilter filter, PillowOrder order) {
  return resize_window(input, out_width, out_height, {0, 0, out_width, out_height}, filter, order);
}

Image resize_window(const Image& input, int out_width, int out_height, const PixelBox& box, ResizeFilter filter,
                    PillowOrder order) {
  require_valid(input, out_width, out_height, box);
  const Axis across(input.width, out_width, box.left, box.width, filter);
  const Axis down(input.height, out_height, box.top, box.height, filter);
  const View needed =
      sub_view(view_of(input), across.first_input(), down.first_input(), across.inputs(), down.inputs());
  if (!across.resizes() && !down.resizes()) return copy(needed);
  if (!across.resizes()) return resize_down(needed, down.weights());
  if (!down.resizes()) return resize_across(needed, across.weights());
  if (vertical_first(input, out_width, out_height, order)) {
    return resize_across(view_of(resize_down(needed, down.weights())), across.weights());
  }
  return resize_down(view_of(resize_across(needed, across.weights())), down.weights());
}

}  // namespace qeval
