#include "stages/image/preprocess.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "pipeline/base/errors.h"
#include "stages/image/crop.h"
#include "stages/image/preprocess_rules.h"

namespace qeval {
namespace {

struct ResizePlan {
  int width = 0, height = 0;
  ResizeFilter filter = ResizeFilter::bilinear;
  PillowOrder order = PillowOrder::pillow_13;
};

int checked_side(double side) {
  constexpr int longest = std::numeric_limits<int>::max() / 4;
  if (side > longest) {
    throw ItemError("too_large", "the picture is so narrow that resizing its short side overflows the long one");
  }
  return std::max(1, static_cast<int>(side));
}

ResizePlan plan(const ResizeShortSide& step, const Image& image) {
  const double product = static_cast<double>(step.size) * std::max(image.width, image.height);
  const int long_side = checked_side(product / std::min(image.width, image.height));
  const bool upright = image.width <= image.height;
  return {upright ? step.size : long_side, upright ? long_side : step.size, step.filter, step.order};
}

std::optional<ResizePlan> resize_plan(const PreprocessStep& step, const Image& image) {
  if (const auto* short_side = std::get_if<ResizeShortSide>(&step)) return plan(*short_side, image);
  if (const auto* exact = std::get_if<ResizeExact>(&step)) {
    return ResizePlan{exact->width, exact->height, exact->filter, exact->order};
  }
  return std::nullopt;
}

std::optional<PixelBox> crop_box(const PreprocessStep& step, int width, int height) {
  if (const auto* center = std::get_if<CenterCrop>(&step)) return center_crop_box(width, height, center->size);
  if (const auto* share = std::get_if<CenterCropFraction>(&step)) {
    return center_fraction_box(width, height, share->fraction);
  }
  if (const auto* padded = std::get_if<CenterCropPadded>(&step)) {
    return center_padded_box(width, height, padded->size, padded->padding);
  }
  return std::nullopt;
}

Image run_resize(const Image& image, const ResizePlan& to, const PixelBox& window, std::int64_t max_pixels) {
  if (static_cast<std::int64_t>(window.width) * window.height > max_pixels) {
    throw ItemError("too_large", "resized it would have " + std::to_string(to.width) + "x" + std::to_string(to.height) +
                                     " pixels, more than the limit of " + std::to_string(max_pixels));
  }
  return resize_window(image, to.width, to.height, window, to.filter, to.order);
}

std::array<float, 256> normalized_bytes(const Normalize& step, int channel) {
  std::array<float, 256> table;
  for (int byte = 0; byte < 256; ++byte) {
    const float value = static_cast<float>(byte);
    const float x = step.range == Normalize::Range::unit ? value / 255.0f : value;
    table[byte] = (x - step.mean[channel]) / step.std[channel];
  }
  return table;
}

}  // namespace

Preprocessor::Preprocessor(PreprocessRecipe recipe) : recipe_(std::move(recipe)) {
  const PictureSize size = check_steps(recipe_.steps);
  out_height_ = size.height;
  out_width_ = size.width;
  if (recipe_.channels != 1 && recipe_.channels != 3)
    throw UsageError("preprocess: pictures become 1 or 3 channels, not " + std::to_string(recipe_.channels));
  const Normalize& step = std::get<Normalize>(recipe_.steps.back());
  for (int channel = 0; channel < 3; ++channel) table_[channel] = normalized_bytes(step, channel);
}

Image Preprocessor::geometry(const Image& image) const {
  const std::vector<PreprocessStep>& steps = recipe_.steps;
  const std::size_t geometric_steps = steps.size() - 1;
  Image current;
  const Image* input = &image;
  for (std::size_t i = 0; i < geometric_steps; ++i) {
    if (const std::optional<ResizePlan> to = resize_plan(steps[i], *input)) {
      PixelBox window{0, 0, to->width, to->height};
      // A crop that follows needs only a window of the resized picture.
      const std::optional<PixelBox> next = crop_box(steps[i + 1], to->width, to->height);
      if (next && lies_inside(*next, to->width, to->height)) {
        window = *next;
        ++i;
      }
      current = run_resize(*input, *to, window, recipe_.jpeg.max_pixels);
    } else {
      current = crop(*input, crop_box(steps[i], input->width, input->height).value());
    }
    input = &current;
  }
  return current;
}

std::size_t Preprocessor::value_count() const {
  return static_cast<std::size_t>(recipe_.channels) * static_cast<std::size_t>(out_width_) *
         static_cast<std::size_t>(out_height_);
}

void Preprocessor::normalize(const Image& image, std::span<float> chw) const {
  const std::size_t pixels = static_cast<std::size_t>(out_width_) * out_height_;
  if (image.width != out_width_ || image.height != out_height_ || chw.size() != value_count()) {
    throw InternalError("normalize: the picture or its target has another size than the recipe's");
  }
  const std::uint8_t* rgb = image.rgb.data();
  if (recipe_.channels == 1) {
    for (std::size_t i = 0; i < pixels; ++i, rgb += 3) chw[i] = table_[0][rgb[0]];
    return;
  }
  const bool bgr = std::get<Normalize>(recipe_.steps.back()).channels == Normalize::Channels::bgr;
  const std::size_t first_from = bgr ? 2 : 0, last_from = 2 - first_from;
  float *first = chw.data(), *second = first + pixels, *last = second + pixels;
  for (std::size_t i = 0; i < pixels; ++i, rgb += 3) {
    first[i] = table_[0][rgb[first_from]];
    second[i] = table_[1][rgb[1]];
    last[i] = table_[2][rgb[last_from]];
  }
}

std::string Preprocessor::identity() const { return describe_recipe(recipe_); }

}  // namespace qeval
