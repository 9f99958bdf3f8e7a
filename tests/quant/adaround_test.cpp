// AdaRound's variables, loss and steps: AIMET's own test of the loss, definitions in double, and what comes out of
// them. A whole layer against live AIMET: tests/infer/adaround_test.cpp.
#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/quant/adaround/learn_rounding.h"
#include "stages/quant/adaround/vector_math.h"
#include "stages/quant/analyzers/observer.h"
#include "stages/quant/arithmetic/isa_dispatch.h"
#include "stages/quant/arithmetic/quantize.h"
#include "tests/quant/every_isa.h"

namespace qeval {
namespace {

constexpr auto mode = NumericsMode::aimet_torch_2;

/// numpy's random.rand after random.seed(seed).
std::vector<float> numpy_rand(std::size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) {
    const auto high = static_cast<double>(generator() >> 5), low = static_cast<double>(generator() >> 6);
    values.push_back(static_cast<float>((high * 67108864 + low) / 9007199254740992));
  }
  return values;
}

// TrainingExtensions/torch/test/python/test_adaround_loss.py
TEST(AdaRoundLoss, AimetsOwnTest) {
  const auto alpha = numpy_rand(3 * 12 * 12, 0);
  const AdaRoundSettings settings;
  EXPECT_EQ(rounding_loss(alpha, settings, 10), 0);
  EXPECT_NEAR(annealed_beta(settings, 8000), 4.636038969321072, 1e-12);
  EXPECT_NEAR(rounding_loss(alpha, settings, 8000), 4.266156963161077, 1e-6);
}

TEST(AdaRoundLoss, BetaGoesFromTheFirstToTheLast) {
  const AdaRoundSettings settings;
  EXPECT_FALSE(drives_to_neighbours(settings, 1999));
  EXPECT_TRUE(drives_to_neighbours(settings, 2000));
  EXPECT_NEAR(annealed_beta(settings, 2000), 20, 1e-12);
  EXPECT_NEAR(annealed_beta(settings, 6000), 11, 1e-12);
  EXPECT_NEAR(annealed_beta(settings, 10000), 2, 1e-12);
}

TEST(VectorMath, IsCloseToTheStandardLibrarys) {
  double worst = 0;
  for (float x = -125.9f; x < 126; x += 0.0137f)
    worst = std::max(worst, std::abs(vector_exp2(x) / std::exp2(double{x}) - 1));
  EXPECT_LT(worst, 4e-7);
  EXPECT_EQ(vector_exp2(0), 1);
  worst = 0;
  for (float x = 1e-30f; x < 1e30f; x *= 1.0071f)
    worst = std::max(worst,
                     std::abs(vector_log2(x) - std::log2(double{x})) / std::max(1.0, std::abs(std::log2(double{x}))));
  EXPECT_LT(worst, 4e-7);
  EXPECT_EQ(vector_log2(1), 0);
}

struct Layer {
  Tensor weight;
  TensorSlices slices;
  EncodingList encodings;
};

/// Three channels of 40 weights with grids of their own; some weights lie beyond the ends of theirs.
Layer make_layer(int bits = 4) {
  std::mt19937 generator(5);
  std::vector<float> values(120);
  for (float& value : values) value = static_cast<float>(generator() >> 8) / 8388608.0f - 1.0f;
  Layer layer{Tensor({3, 40}, values), TensorSlices({3, 40}, {.channel_axis = 0}), {}};
  for (int c = 0; c < 3; ++c) {
    const double scale = (0.8 + 0.1 * c) / (1 << (bits - 1)), offset = -(1 << (bits - 1));
    layer.encodings.push_back({.min = scale * offset,
                               .max = -scale * (offset + 1),
                               .scale = scale,
                               .offset = offset,
                               .bits = bits,
                               .symmetric = true});
  }
  return layer;
}

std::vector<float> list(const Tensor& tensor) { return {tensor.values().begin(), tensor.values().end()}; }

SoftRounding start(const Layer& layer) {
  return SoftRounding(layer.weight.values(), layer.slices, layer.encodings, mode);
}

TEST(SoftRounding, StartsAtTheWeightsThemselves) {
  const Layer layer = make_layer();
  std::vector<float> soft(120);
  start(layer).soft_weights(soft);
  std::size_t clamped = 0;
  for (std::size_t i = 0; i < soft.size(); ++i) {
    const Encoding& e = layer.encodings[i / 40];
    const auto wanted = std::clamp(layer.weight.values()[i], static_cast<float>(e.min), static_cast<float>(e.max));
    clamped += wanted != layer.weight.values()[i];
    EXPECT_NEAR(soft[i], wanted, 1e-6) << i;
  }
  EXPECT_GT(clamped, 5u);
}

// Half a step or more from the lower neighbour is up: what rounding to the nearest does, but for ties.
TEST(SoftRounding, WithoutAStepItRoundsToTheNearest) {
  const Layer layer = make_layer();
  std::vector<float> nearest = list(layer.weight);
  quantize_dequantize_slices(nearest, layer.slices, layer.encodings, mode);
  const auto up = start(layer).directions();
  EXPECT_EQ(up.size(), 15u);
  EXPECT_EQ(list(rounded_weights(layer.weight, layer.slices, layer.encodings, mode, up)), nearest);
}

TEST(SoftRounding, RoundedWeightsLieOnTheirGridAlready) {
  const Layer layer = make_layer();
  for (const auto& up :
       {std::vector<std::uint8_t>(15, 0xff), std::vector<std::uint8_t>(15, 0), std::vector<std::uint8_t>(15, 0x35)})
    for (const auto each : {mode, NumericsMode::aimet_1_24, NumericsMode::aimet_onnx_2}) {
      const auto rounded = list(rounded_weights(layer.weight, layer.slices, layer.encodings, each, up));
      std::vector<float> again = rounded;
      quantize_dequantize_slices(again, layer.slices, layer.encodings, each);
      EXPECT_EQ(again, rounded) << mode_name(each);
      EXPECT_NE(rounded, list(layer.weight));
    }
}

/// The same in double, by the definitions.
struct Reference {
  std::vector<double> alpha, mean, square;

  void step(const Layer& layer, std::span<const float> gradient, const AdaRoundSettings& settings, int iteration) {
    mean.resize(alpha.size());
    square.resize(alpha.size());
    const double beta = annealed_beta(settings, iteration), t = iteration + 1;
    for (std::size_t i = 0; i < alpha.size(); ++i) {
      const Encoding& e = layer.encodings[i / 40];
      const auto scale = static_cast<double>(static_cast<float>(e.scale));
      const double s = 1 / (1 + std::exp(-alpha[i])), stretched = 1.2 * s - 0.1, h = std::clamp(stretched, 0.0, 1.0);
      const double code = std::floor(layer.weight.values()[i] / static_cast<float>(scale)) + h - e.offset;
      double slope = code >= 0 && code <= std::ldexp(1, e.bits) - 1 ? gradient[i] * scale : 0;
      if (drives_to_neighbours(settings, iteration))
        slope -= settings.regularization * beta * std::pow(std::abs(2 * h - 1), beta - 1) * 2 * (h < 0.5 ? -1 : 1);
      if (stretched < 0 || stretched > 1) slope = 0;
      slope *= 1.2 * s * (1 - s);
      mean[i] = 0.9 * mean[i] + 0.1 * slope;
      square[i] = 0.999 * square[i] + 0.001 * slope * slope;
      alpha[i] -= settings.learning_rate * (mean[i] / (1 - std::pow(0.9, t))) /
                  (std::sqrt(square[i] / (1 - std::pow(0.999, t))) + 1e-8);
    }
  }
};

QEVAL_ON_EVERY_ISA(SoftRoundingSteps);

TEST_P(SoftRoundingSteps, FollowTheDefinitionInDouble) {
  const Layer layer = make_layer();
  const AdaRoundSettings settings{.iterations = 60, .learning_rate = 0.02};
  SoftRounding rounding = start(layer);
  Reference reference{{rounding.alpha().begin(), rounding.alpha().end()}, {}, {}};
  std::mt19937 generator(9);
  std::vector<float> gradient(120), moved(reference.alpha.begin(), reference.alpha.end());
  for (int iteration = 0; iteration < settings.iterations; ++iteration) {
    for (float& g : gradient) g = static_cast<float>(generator() >> 8) / 8388608.0f - 0.7f;
    rounding.step(gradient, settings, iteration);
    reference.step(layer, gradient, settings, iteration);
  }
  double farthest = 0;
  for (std::size_t i = 0; i < moved.size(); ++i) {
    EXPECT_NEAR(rounding.alpha()[i], reference.alpha[i], 2e-4) << i;
    farthest = std::max(farthest, std::abs(double{rounding.alpha()[i]} - moved[i]));
  }
  EXPECT_GT(farthest, 0.3);
}

std::vector<std::uint8_t> learned(const Layer& layer, std::uint64_t seed, std::size_t images = 100) {
  const AdaRoundSettings settings{.iterations = 300, .learning_rate = 0.02};
  // Every image asks for a larger weight of its own.
  const OutputGradient gradient = [](std::span<const float>, std::span<const std::size_t> chosen,
                                     std::span<float> slope) {
    std::fill(slope.begin(), slope.end(), 0.0f);
    for (const std::size_t image : chosen) slope[image % slope.size()] -= 1;
  };
  return *learn_rounding(start(layer), settings, images, seed, gradient, [](int) { return true; });
}

TEST_P(SoftRoundingSteps, LearnTheSameOnEveryInstructionSet) {
  const auto here = learned(make_layer(), 3);
  limit_isa(Isa::baseline);
  EXPECT_EQ(here, learned(make_layer(), 3));
}

TEST(LearnRounding, GoesWhereTheGradientAsks) {
  const Layer layer = make_layer();
  const auto nearest = start(layer).directions(), up = learned(layer, 3);
  EXPECT_EQ(up, learned(layer, 3));
  std::size_t more = 0, fewer = 0;
  for (std::size_t i = 0; i < 120; ++i) {
    const int before = nearest[i / 8] >> (i % 8) & 1, after = up[i / 8] >> (i % 8) & 1;
    more += i < 100 && after > before;
    fewer += after < before;
  }
  EXPECT_GT(more, 5u);
  EXPECT_LT(fewer, 3u);
}

TEST(LearnRounding, DrawsDifferentImagesEveryTimeAndAllOfFew) {
  const Layer layer = make_layer();
  const AdaRoundSettings settings{.iterations = 40};
  std::vector<int> times(50);
  learn_rounding(
      start(layer), settings, times.size(), 1,
      [&](std::span<const float>, std::span<const std::size_t> chosen, std::span<float>) {
        EXPECT_EQ(std::set<std::size_t>(chosen.begin(), chosen.end()).size(), 32u);
        for (const std::size_t image : chosen) ++times[image];
      },
      [](int) { return true; });
  for (const int count : times) EXPECT_NEAR(count, 40 * 32 / 50.0, 12);
  learn_rounding(
      start(layer), {.iterations = 1}, 5, 1,
      [](std::span<const float>, std::span<const std::size_t> chosen, std::span<float>) {
        EXPECT_THAT(std::vector(chosen.begin(), chosen.end()), testing::UnorderedElementsAre(0, 1, 2, 3, 4));
      },
      [](int) { return true; });
}

TEST(LearnRounding, StopsWhenAsked) {
  int iterations = 0;
  const auto result = learn_rounding(
      start(make_layer()), {.iterations = 100}, 4, 1,
      [&](std::span<const float>, std::span<const std::size_t>, std::span<float>) { ++iterations; },
      [&](int) { return iterations < 7; });
  EXPECT_FALSE(result.has_value());
  EXPECT_EQ(iterations, 7);
}

TEST(SoftRounding, WhatDoesNotFitIsRefused) {
  const Layer layer = make_layer();
  EXPECT_THROW(SoftRounding(layer.weight.values(), layer.slices, {layer.encodings[0]}, mode), InternalError);
  const std::vector<std::uint8_t> few(14);
  EXPECT_THROW(rounded_weights(layer.weight, layer.slices, layer.encodings, mode, few), InternalError);
}

}  // namespace
}  // namespace qeval
