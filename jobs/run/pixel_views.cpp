#include "jobs/run/pixel_views.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace qeval {
namespace {

using Range = Normalize::Range;
using Channels = Normalize::Channels;

float normalized(const Normalize& normalize, float byte, std::size_t channel) {
  const float value = normalize.range == Range::unit ? byte / 255.0f : byte;
  return (value - normalize.mean[channel]) / normalize.std[channel];
}

/// A network cannot tell the two: black and white come out within a tenth of what lies between.
bool nearly_same(const Normalize& a, const Normalize& b) {
  constexpr float tolerance = 0.1f;
  if (a.channels != b.channels) return false;
  for (std::size_t channel = 0; channel < a.mean.size(); ++channel) {
    const float span = std::abs(normalized(a, 255, channel) - normalized(a, 0, channel));
    for (const float byte : {0.0f, 255.0f})
      if (std::abs(normalized(a, byte, channel) - normalized(b, byte, channel)) > tolerance * span) return false;
  }
  return true;
}

std::string range_text(const Normalize& normalize) { return normalize.range == Range::unit ? "unit" : "bytes"; }

std::string statistics_text(const Normalize& normalize) {
  return fmt::format("{{range: {}, mean: [{}], std: [{}]}}", range_text(normalize), fmt::join(normalize.mean, ", "),
                     fmt::join(normalize.std, ", "));
}

/// mean and std that networks are trained with.
std::vector<Normalize> usual_statistics(Channels channels) {
  return {{Range::unit, {0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}, channels},
          {Range::unit, {0.5f, 0.5f, 0.5f}, {0.5f, 0.5f, 0.5f}, channels},
          {Range::unit, {0, 0, 0}, {1, 1, 1}, channels},
          {Range::bytes, {0, 0, 0}, {1, 1, 1}, channels}};
}

class Views {
 public:
  explicit Views(const PreprocessRecipe& recipe) : recipe_(recipe), known_{std::get<Normalize>(recipe.steps.back())} {}

  const Normalize& declared() const { return known_.front(); }

  void add(const Normalize& other, const std::string& fault, const std::string& correction) {
    if (std::any_of(known_.begin(), known_.end(), [&](const Normalize& known) { return nearly_same(known, other); }))
      return;
    known_.push_back(other);
    PreprocessRecipe changed = recipe_;
    changed.steps.back() = other;
    views_.push_back({fault, correction, std::move(changed)});
  }

  std::vector<PixelView> take() { return std::move(views_); }

 private:
  const PreprocessRecipe& recipe_;
  std::vector<Normalize> known_;
  std::vector<PixelView> views_;
};

}  // namespace

std::vector<PixelView> other_pixel_views(const PreprocessRecipe& recipe) {
  Views views(recipe);
  if (recipe.channels == 3) {
    Normalize swapped = views.declared();
    swapped.channels = swapped.channels == Channels::rgb ? Channels::bgr : Channels::rgb;
    views.add(swapped, "channels are swapped",
              fmt::format("normalize.channels: {}", swapped.channels == Channels::rgb ? "rgb" : "bgr"));
  }
  Normalize rescaled = views.declared();
  rescaled.range = rescaled.range == Range::unit ? Range::bytes : Range::unit;
  views.add(rescaled, "the range of pixels is wrong", fmt::format("normalize.range: {}", range_text(rescaled)));
  for (const Normalize& usual : usual_statistics(views.declared().channels))
    views.add(usual, "mean and std are wrong or missing", "normalize: " + statistics_text(usual));
  return views.take();
}

}  // namespace qeval
