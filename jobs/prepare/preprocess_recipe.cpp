#include "jobs/prepare/preprocess_recipe.h"

#include <fmt/core.h>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

ResizeFilter filter_of(const StepSpec& step) {
  return step.filter == ResamplingFilter::bicubic ? ResizeFilter::bicubic : ResizeFilter::bilinear;
}

PillowOrder order_of(const StepSpec& step) {
  switch (step.emulate) {
    case PillowRelease::v12_1: return PillowOrder::pillow_12_1;
    case PillowRelease::v12_2: return PillowOrder::pillow_12_2;
    case PillowRelease::v13: break;
  }
  return PillowOrder::pillow_13;
}

PreprocessStep resize_step(const StepSpec& step) {
  const ResizeFilter filter = filter_of(step);
  const PillowOrder order = order_of(step);
  if (step.short_side) return ResizeShortSide{*step.short_side, filter, order};
  return ResizeExact{step.height.value(), step.width.value(), filter, order};
}

PreprocessStep crop_step(const StepSpec& step) {
  if (step.fraction) return CenterCropFraction{*step.fraction};
  if (step.padding) return CenterCropPadded{step.crop.value(), *step.padding};
  return CenterCrop{step.crop.value()};
}

/// One value stands for all three channels.
std::array<float, 3> three(const std::vector<double>& values) {
  const auto at = [&](std::size_t i) { return static_cast<float>(values.size() == 1 ? values[0] : values.at(i)); };
  return {at(0), at(1), at(2)};
}

Normalize normalize_step(const StepSpec& step) {
  return {step.range == PixelRange::bytes ? Normalize::Range::bytes : Normalize::Range::unit, three(step.mean),
          three(step.std), step.channels == ChannelOrder::bgr ? Normalize::Channels::bgr : Normalize::Channels::rgb};
}

}  // namespace

PreprocessRecipe make_preprocess_recipe(const std::vector<StepSpec>& steps) {
  PreprocessRecipe recipe;
  for (const StepSpec& step : steps) {
    switch (step.kind) {
      case StepKind::decode:
        recipe.jpeg.max_pixels = step.max_pixels;
        recipe.jpeg.max_scans = step.max_scans;
        break;
      case StepKind::resize: recipe.steps.push_back(resize_step(step)); break;
      case StepKind::center_crop: recipe.steps.push_back(crop_step(step)); break;
      case StepKind::normalize: recipe.steps.push_back(normalize_step(step)); break;
    }
  }
  return recipe;
}

std::string take_channels(int channels, PreprocessRecipe& recipe) {
  if (channels != 1 && channels != 3)
    throw InputError(
        fmt::format("the network takes pictures of {} channels, but images have 3, or 1 where they are "
                    "made gray; export a network for RGB or gray images",
                    channels));
  recipe.channels = channels;
  if (channels == 3 || recipe.steps.empty()) return "";
  const auto* step = std::get_if<Normalize>(&recipe.steps.back());
  const auto differ = [](const std::array<float, 3>& v) { return v[0] != v[1] || v[0] != v[2]; };
  if (!step || (!differ(step->mean) && !differ(step->std))) return "";
  return fmt::format(
      "the network takes one channel, gray: of preprocess.normalize the first mean, {}, and the first "
      "std, {}, count",
      step->mean[0], step->std[0]);
}

}  // namespace qeval
