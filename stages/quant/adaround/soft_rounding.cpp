#include "stages/quant/adaround/soft_rounding.h"

#include <algorithm>
#include <cmath>

#include "pipeline/base/errors.h"
#include "stages/quant/adaround/vector_math.h"
#include "stages/quant/arithmetic/isa_dispatch.h"
#include "stages/quant/arithmetic/quantize.h"

namespace qeval {
namespace {

constexpr float log2_e = 1.44269504f;

[[gnu::always_inline]] inline float sigmoid(float a) { return 1 / (1 + vector_exp2(-a * log2_e)); }

[[gnu::always_inline]] inline float clamped(float x, float low, float high) {
  x = x > low ? x : low;
  return x < high ? x : high;
}

/// What one weight's place on its grid is made of.
struct Grids {
  const float *lower, *scale, *offset, *highest;
};

[[gnu::always_inline]] inline void soften_body(Grids g, const float* alpha, float* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const float h = clamped(sigmoid(alpha[i]) * stretch + stretched_below, 0, 1);
    out[i] = (clamped(g.lower[i] + h, 0, g.highest[i]) + g.offset[i]) * g.scale[i];
  }
}
QEVAL_DEFINE_FOR_EACH_ISA(void, soften, (Grids g, const float* alpha, float* out, std::size_t n), (g, alpha, out, n))

struct Adam {
  float *alpha, *mean, *square;
  float rate;         ///< learning rate / (1 − β1^t)
  float root_square;  ///< sqrt(1 − β2^t)
};

/// λ = 0 leaves the rounding loss out.
struct Regularizer {
  float lambda, beta;
};

[[gnu::always_inline]] inline void descend_body(Grids g, const float* gradient, Adam adam, Regularizer reg,
                                                std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const float s = sigmoid(adam.alpha[i]);
    const float stretched = s * stretch + stretched_below;
    const float h = clamped(stretched, 0, 1);
    const float code = g.lower[i] + h;
    // Where a clamp bites, its derivative is 0; at its ends it is 1, as in PyTorch.
    float slope = code >= 0 && code <= g.highest[i] ? gradient[i] * g.scale[i] : 0.0f;
    const float side = 2 * h - 1, distance = std::abs(side);
    const float power = vector_exp2((reg.beta - 1) * vector_log2(distance > 1e-30f ? distance : 1e-30f));
    slope -= reg.lambda * reg.beta * 2 * (side < 0 ? -power : power);
    const float d = stretched >= 0 && stretched <= 1 ? slope * (stretch * s * (1 - s)) : 0.0f;
    adam.mean[i] = 0.9f * adam.mean[i] + 0.1f * d;
    adam.square[i] = 0.999f * adam.square[i] + 0.001f * (d * d);
    adam.alpha[i] -= adam.rate * adam.mean[i] / (std::sqrt(adam.square[i]) / adam.root_square + 1e-8f);
  }
}
QEVAL_DEFINE_FOR_EACH_ISA(void, descend, (Grids g, const float* gradient, Adam adam, Regularizer reg, std::size_t n),
                          (g, gradient, adam, reg, n))

std::vector<QdqParameters> grids_of(const EncodingList& encodings, const TensorSlices& slices, NumericsMode mode) {
  if (encodings.size() != slices.count())
    throw InternalError("rounding: " + std::to_string(slices.count()) + " slices, " + std::to_string(encodings.size()) +
                        " encodings");
  std::vector<QdqParameters> grids;
  for (const Encoding& encoding : encodings) grids.push_back(make_qdq(encoding, mode));
  return grids;
}

/// Of the neighbour below a weight; it may lie outside the grid.
float lower_code(float weight, const QdqParameters& grid) { return std::floor(weight / grid.scale) - grid.offset; }

}  // namespace

SoftRounding::SoftRounding(std::span<const float> weights, const TensorSlices& slices, const EncodingList& encodings,
                           NumericsMode mode)
    : lower_(weights.size()),
      scale_(weights.size()),
      offset_(weights.size()),
      highest_(weights.size()),
      alpha_(weights.size()),
      mean_(weights.size()),
      square_(weights.size()) {
  const std::vector<QdqParameters> grids = grids_of(encodings, slices, mode);
  slices.for_each_run([&](std::size_t slice, std::size_t first, std::size_t length) {
    const QdqParameters& grid = grids[slice];
    for (std::size_t i = first; i < first + length; ++i) {
      const float steps = weights[i] / grid.scale;
      lower_[i] = lower_code(weights[i], grid);
      scale_[i] = grid.scale;
      offset_[i] = grid.offset;
      highest_[i] = grid.levels;
      alpha_[i] = -std::log(stretch / ((steps - std::floor(steps)) - stretched_below) - 1);
    }
  });
}

void SoftRounding::soft_weights(std::span<float> weights) const {
  soften({lower_.data(), scale_.data(), offset_.data(), highest_.data()}, alpha_.data(), weights.data(), alpha_.size());
}

void SoftRounding::step(std::span<const float> gradient, const AdaRoundSettings& settings, int iteration) {
  const double t = iteration + 1;
  const Adam adam{alpha_.data(), mean_.data(), square_.data(),
                  static_cast<float>(settings.learning_rate / (1 - std::pow(0.9, t))),
                  static_cast<float>(std::sqrt(1 - std::pow(0.999, t)))};
  Regularizer regularizer{0, 2};
  if (drives_to_neighbours(settings, iteration))
    regularizer = {static_cast<float>(settings.regularization), static_cast<float>(annealed_beta(settings, iteration))};
  descend({lower_.data(), scale_.data(), offset_.data(), highest_.data()}, gradient.data(), adam, regularizer,
          alpha_.size());
}

std::vector<std::uint8_t> SoftRounding::directions() const {
  std::vector<std::uint8_t> bits((alpha_.size() + 7) / 8);
  for (std::size_t i = 0; i < alpha_.size(); ++i)
    if (alpha_[i] >= 0) bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1u << (i % 8));
  return bits;
}

Tensor rounded_weights(const Tensor& weight, const TensorSlices& slices, const EncodingList& encodings,
                       NumericsMode mode, std::span<const std::uint8_t> directions) {
  const auto values = weight.values();
  if (directions.size() * 8 < values.size())
    throw InternalError("rounding: " + std::to_string(directions.size()) + " bytes of directions for " +
                        std::to_string(values.size()) + " weights");
  const std::vector<QdqParameters> grids = grids_of(encodings, slices, mode);
  std::vector<float> rounded(values.size());
  slices.for_each_run([&](std::size_t slice, std::size_t first, std::size_t length) {
    const QdqParameters& grid = grids[slice];
    for (std::size_t i = first; i < first + length; ++i) {
      const float up = directions[i / 8] >> (i % 8) & 1 ? 1.0f : 0.0f;
      const float code = clamped(lower_code(values[i], grid) + up, 0, grid.levels);
      rounded[i] = (code + grid.offset) * grid.scale;
    }
  });
  return Tensor(weight.shape(), std::move(rounded));
}

}  // namespace qeval
