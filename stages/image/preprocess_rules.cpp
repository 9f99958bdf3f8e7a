#include "stages/image/preprocess_rules.h"

#include <cmath>
#include <cstdio>
#include <optional>

#include "pipeline/base/errors.h"
#include "stages/image/crop.h"

namespace qeval {
namespace {

/// Largest side a step may ask for; a model's input is far below it.
constexpr int max_side = 16384;

void require_side(const char* step, int side) {
  if (side >= 1 && side <= max_side) return;
  throw UsageError(std::string(step) + ": size " + std::to_string(side) + " is not in 1 … " + std::to_string(max_side));
}

/// Follows the picture's size through the steps. Unknown while it depends on the image.
class SizeTracker {
 public:
  void operator()(const ResizeShortSide& step) {
    require_side("resize", step.size);
    const bool square = size_ && size_->height == size_->width;
    size_ = square ? std::optional(PictureSize{step.size, step.size}) : std::nullopt;
  }
  void operator()(const ResizeExact& step) {
    require_side("resize", step.height);
    require_side("resize", step.width);
    size_ = PictureSize{step.height, step.width};
  }
  void operator()(const CenterCrop& step) {
    require_side("center_crop", step.size);
    size_ = PictureSize{step.size, step.size};
  }
  void operator()(const CenterCropFraction& step) {
    if (!(step.fraction > 0.0 && step.fraction <= 1.0)) {
      throw UsageError("center_crop: fraction must be above 0 and at most 1");
    }
    if (!size_) return;
    const PixelBox box = center_fraction_box(size_->width, size_->height, step.fraction);
    size_ = PictureSize{box.height, box.width};
  }
  void operator()(const CenterCropPadded& step) {
    require_side("center_crop_padded", step.size);
    if (step.padding < 0 || step.padding > max_side) throw UsageError("center_crop_padded: padding must be 0 or more");
    if (!size_) return;
    const PixelBox box = center_padded_box(size_->width, size_->height, step.size, step.padding);
    size_ = PictureSize{box.height, box.width};
  }
  void operator()(const Normalize& step) {
    for (int channel = 0; channel < 3; ++channel) {
      if (std::isfinite(step.mean[channel]) && std::isfinite(step.std[channel]) && step.std[channel] > 0) continue;
      throw UsageError("normalize: mean must be finite and std above 0, for all three channels");
    }
  }

  const std::optional<PictureSize>& size() const { return size_; }

 private:
  std::optional<PictureSize> size_;
};

std::string hex(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%a", value);
  return text;
}

std::string hex_list(const std::array<float, 3>& values) {
  return hex(values[0]) + "," + hex(values[1]) + "," + hex(values[2]);
}

std::string how_resized(ResizeFilter filter, PillowOrder order) {
  const char* filter_name = filter == ResizeFilter::bilinear ? "bilinear" : "bicubic";
  const char* rule = order == PillowOrder::pillow_13 ? "13" : order == PillowOrder::pillow_12_2 ? "12.2" : "12.1";
  return std::string(filter_name) + ",pillow-" + rule;
}

struct StepText {
  std::string operator()(const ResizeShortSide& step) const {
    return "resize_short_side(" + std::to_string(step.size) + "," + how_resized(step.filter, step.order) + ")";
  }
  std::string operator()(const ResizeExact& step) const {
    return "resize(" + std::to_string(step.height) + "x" + std::to_string(step.width) + "," +
           how_resized(step.filter, step.order) + ")";
  }
  std::string operator()(const CenterCrop& step) const { return "center_crop(" + std::to_string(step.size) + ")"; }
  std::string operator()(const CenterCropFraction& step) const {
    return "center_crop_fraction(" + hex(step.fraction) + ")";
  }
  std::string operator()(const CenterCropPadded& step) const {
    return "center_crop_padded(" + std::to_string(step.size) + "+" + std::to_string(step.padding) + ")";
  }
  std::string operator()(const Normalize& step) const {
    const char* range = step.range == Normalize::Range::unit ? "unit" : "bytes";
    const char* channels = step.channels == Normalize::Channels::bgr ? ",bgr" : "";
    return std::string("normalize(") + range + channels + ",mean=" + hex_list(step.mean) +
           ",std=" + hex_list(step.std) + ")";
  }
};

std::string limits_text(const JpegLimits& limits) {
  return "max_pixels=" + std::to_string(limits.max_pixels) + ",max_scans=" + std::to_string(limits.max_scans) +
         ",max_memory_bytes=" + std::to_string(limits.max_memory_bytes) +
         ",max_blocks=" + std::to_string(limits.max_blocks);
}

}  // namespace

PictureSize check_steps(const std::vector<PreprocessStep>& steps) {
  SizeTracker tracker;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool is_last = i + 1 == steps.size();
    if (std::holds_alternative<Normalize>(steps[i]) != is_last) {
      throw UsageError("preprocess: normalize must be there once, as the last step");
    }
    std::visit(tracker, steps[i]);
  }
  if (steps.empty()) throw UsageError("preprocess: no steps; at least a size and normalize are needed");
  if (!tracker.size()) {
    throw UsageError(
        "preprocess: pictures would leave with different sizes; add center_crop or a resize to both sides");
  }
  return *tracker.size();
}

std::string describe_recipe(const PreprocessRecipe& recipe) {
  const std::string mode = recipe.channels == 1 ? "l" : "rgb";
  std::string text = "decode(pillow-" + mode + "," + jpeg_library() + "," + limits_text(recipe.jpeg) + ")";
  for (const PreprocessStep& step : recipe.steps) (text += ';') += std::visit(StepText{}, step);
  return text;
}

}  // namespace qeval
