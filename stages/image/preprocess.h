#pragma once
/// The declared preprocessing steps and their execution: decoded pixels → normalized f32 CHW.
///
/// Thread-safety: Preprocessor is immutable after construction; run may be called concurrently.
/// Errors: ItemError for bad images; UsageError for an impossible list of steps or number of channels (constructor).
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "stages/image/image.h"
#include "stages/image/jpeg_decode.h"
#include "stages/image/pil_resize.h"

namespace qeval {

/// torchvision Resize(n): the short side becomes n, the long side trunc(n · long / short).
struct ResizeShortSide {
  int size = 256;
  ResizeFilter filter = ResizeFilter::bilinear;
  PillowOrder order = PillowOrder::pillow_13;
};
/// Both sides given.
struct ResizeExact {
  int height = 224, width = 224;
  ResizeFilter filter = ResizeFilter::bilinear;
  PillowOrder order = PillowOrder::pillow_13;
};
/// torchvision CenterCrop(n): offsets rounded half to even; smaller images are zero-padded first.
struct CenterCrop {
  int size = 224;
};
/// A central crop of `fraction` of each side, sides rounded to nearest (TensorFlow slim's central_fraction).
struct CenterCropFraction {
  double fraction = 0.875;
};
/// EfficientNet's padded centre crop: a square of side int(size / (size + padding) · min(h, w)),
/// offsets ((h − side) + 1) / 2.
struct CenterCropPadded {
  int size = 224, padding = 32;
};
/// (x − mean) / std per channel in f32. unit: x = byte / 255 (ToTensor); bytes: x = byte.
struct Normalize {
  enum class Range { unit, bytes } range = Range::unit;
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> std{1, 1, 1};
  enum class Channels { rgb, bgr } channels = Channels::rgb;  ///< as the network takes them; mean and std in that order
};

using PreprocessStep =
    std::variant<ResizeShortSide, ResizeExact, CenterCrop, CenterCropFraction, CenterCropPadded, Normalize>;

struct PreprocessRecipe {
  JpegLimits jpeg;
  std::vector<PreprocessStep> steps;  ///< Normalize last, exactly once
  int channels = 3;  ///< of the network: 3, or 1, Pillow's "L", which is normalized as the first channel
};

class Preprocessor {
 public:
  explicit Preprocessor(PreprocessRecipe recipe);

  int out_height() const { return out_height_; }  ///< pixels, fixed by the recipe's last geometric step
  int out_width() const { return out_width_; }
  int channels() const { return recipe_.channels; }
  /// Of one normalized picture: channels · height · width.
  std::size_t value_count() const;

  /// All geometric steps on a decoded image: the u8 HWC picture that Normalize sees.
  Image geometry(const Image& image) const;

  /// Normalizes `image` (out_height × out_width; of one channel: gray, R = G = B) into `chw`: f32, value_count().
  void normalize(const Image& image, std::span<float> chw) const;

  /// Canonical text of everything that changes an output bit; part of a run's identity.
  std::string identity() const;

 private:
  PreprocessRecipe recipe_;
  int out_height_ = 0, out_width_ = 0;
  std::array<std::array<float, 256>, 3> table_{};  ///< normalized value of every byte, per channel
};

}  // namespace qeval
