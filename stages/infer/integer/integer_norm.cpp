#include "stages/infer/integer/integer_norm.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace qeval {
namespace {

/// Of one pixel.
struct Moments {
  std::int64_t sum, squares;
};
struct Pixel {
  double mean, unit;
};

enum ScratchNumber : std::size_t { moments_scratch, pixels_scratch, values_scratch };

class LayerNorm : public IntegerStep {
 public:
  explicit LayerNorm(IntegerLayerNorm norm) : norm_(std::move(norm)) {}

  void run(Workspace& workspace) const override {
    const auto pixels =
        static_cast<std::size_t>(workspace.images()) * static_cast<std::size_t>(norm_.from.shape.pixels());
    const std::uint8_t* from = workspace.codes(norm_.from);
    auto* moments = workspace.scratch<Moments>(moments_scratch, pixels);
    std::fill_n(moments, pixels, Moments{0, 0});
    for (int quad = 0; quad < norm_.from.shape.quads(); ++quad) add(from, quad, pixels, moments);
    auto* settings = workspace.scratch<Pixel>(pixels_scratch, pixels);
    for (std::size_t p = 0; p < pixels; ++p) settings[p] = pixel_of(moments[p]);

    auto* values = workspace.scratch<float>(values_scratch, pixels * lanes);
    std::uint8_t* to = workspace.codes(norm_.to);
    for (int quad = 0; quad < norm_.from.shape.quads(); ++quad, to += pixels * lanes) {
      normalize(from, quad, pixels, settings, values);
      write_codes({values, pixels * lanes}, norm_.grid, to);
    }
  }

 private:
  int used(int quad) const { return std::min(lanes, norm_.from.shape.channels - quad * lanes); }
  std::int32_t whole(std::uint8_t code) const { return code + static_cast<std::int32_t>(norm_.from_grid.offset); }

  void add(const std::uint8_t* codes, int quad, std::size_t pixels, Moments* moments) const {
    codes += static_cast<std::size_t>(quad) * pixels * lanes;
    for (int lane = 0; lane < used(quad); ++lane)
      for (std::size_t p = 0; p < pixels; ++p) {
        const std::int32_t i = whole(codes[p * lanes + static_cast<std::size_t>(lane)]);
        moments[p].sum += i;
        moments[p].squares += i * i;
      }
  }

  Pixel pixel_of(const Moments& moments) const {
    const ExactLayerNorm& norm = norm_.norm;
    const auto sum = static_cast<double>(moments.sum), squares = static_cast<double>(moments.squares);
    const auto count = static_cast<double>(norm.gamma.size());
    const double variance = (squares * count - sum * sum) / (count * count);
    return {sum / count, norm.scale / std::sqrt(variance * (norm.scale * norm.scale) + norm.epsilon)};
  }

  /// Lanes behind the last channel become 0.
  void normalize(const std::uint8_t* codes, int quad, std::size_t pixels, const Pixel* settings, float* values) const {
    codes += static_cast<std::size_t>(quad) * pixels * lanes;
    std::fill_n(values, pixels * lanes, 0.0f);
    for (int lane = 0; lane < used(quad); ++lane) {
      const auto channel = static_cast<std::size_t>(quad) * lanes + static_cast<std::size_t>(lane);
      const double gamma = norm_.norm.gamma[channel], beta = norm_.norm.beta[channel];
      for (std::size_t p = 0; p < pixels; ++p) {
        const std::size_t at = p * lanes + static_cast<std::size_t>(lane);
        const double i = whole(codes[at]);
        values[at] = norm_.limits(static_cast<float>((i - settings[p].mean) * settings[p].unit * gamma + beta));
      }
    }
  }

  IntegerLayerNorm norm_;
};

}  // namespace

std::unique_ptr<IntegerStep> make_integer_layer_norm(IntegerLayerNorm norm) {
  return std::make_unique<LayerNorm>(std::move(norm));
}

}  // namespace qeval
