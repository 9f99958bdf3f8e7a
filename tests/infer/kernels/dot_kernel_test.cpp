#include "stages/infer/kernels/dot_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "pipeline/base/errors.h"
#include "tests/infer/kernels/extreme_values.h"
#include "tests/infer/kernels/fenced_buffer.h"

namespace qeval {
namespace {

struct Layer {
  int rows, steps, used;
  std::vector<std::int8_t> weights;
  int code_pattern;
};

Layer random_layer(const DotKernel& kernel, int number) {
  std::mt19937 random(static_cast<unsigned>(number));
  Layer layer{between(random, 1, 70), between(random, 1, 300), between(random, 1, kernel.pixels), {}, 0};
  layer.weights.resize(static_cast<std::size_t>(layer.rows) * static_cast<std::size_t>(layer.steps) * 4);
  fill_weights(layer.weights, number % weight_patterns, random);
  layer.code_pattern = number / weight_patterns % code_patterns;
  return layer;
}

std::int64_t reference(const Layer& layer, const DotKernel& kernel, const std::uint8_t* panel, int row, int pixel) {
  std::int64_t sum = 0;
  for (int s = 0; s < layer.steps; ++s)
    for (int b = 0; b < 4; ++b)
      sum += std::int64_t{panel[(s * kernel.pixels + pixel) * 4 + b]} *
             layer.weights.at(static_cast<std::size_t>(row * layer.steps + s) * 4 + static_cast<std::size_t>(b));
  return sum;
}

/// How many sums of the layer are not the reference's.
int wrong_sums(const DotKernel& kernel, const Layer& layer) {
  const auto bytes = kernel.pack(layer.weights, layer.rows, layer.steps);
  FencedBuffer<std::byte> packed(bytes.size());
  std::ranges::copy(bytes, packed.data());
  FencedBuffer<std::uint8_t> panel(static_cast<std::size_t>(layer.steps * kernel.pixels * 4));
  std::mt19937 random(static_cast<unsigned>(layer.rows));
  fill_codes(panel.values(), layer.code_pattern, random);
  int wrong = 0;
  kernel.prepare(packed.data());
  for (int first = 0; first < layer.rows; first += kernel.outputs) {
    FencedBuffer<std::int32_t> sums(static_cast<std::size_t>(kernel.outputs * kernel.pixels));
    std::ranges::fill(sums.values(), 0x55555555);
    kernel.run(packed.data(), first / kernel.outputs, panel.data(), layer.used, sums.data());
    for (int o = 0; o < std::min(kernel.outputs, layer.rows - first); ++o)
      for (int p = 0; p < layer.used; ++p)
        wrong += sums.data()[o * kernel.pixels + p] != reference(layer, kernel, panel.data(), first + o, p);
  }
  return wrong;
}

TEST(DotKernels, SumsAreThoseOfWholeNumbersOfAnySize) {
  ASSERT_FALSE(dot_kernels().empty());
  for (const DotKernel* kernel : dot_kernels())
    for (int number = 0; number < 500; ++number) {
      const Layer layer = random_layer(*kernel, number);
      ASSERT_EQ(wrong_sums(*kernel, layer), 0) << kernel->name << ", layer " << number << ": " << layer.rows
                                               << " rows, " << layer.steps << " steps, " << layer.used << " pixels";
    }
}

/// One row in which `unsafe` pairs, the first or the last ones, leave 16 bits.
Layer layer_with_unsafe_pairs(const DotKernel& kernel, int unsafe, bool at_end) {
  constexpr int steps = 37, pairs = steps * 2;
  Layer layer{1, steps, kernel.pixels, std::vector<std::int8_t>(pairs * 2, 31), 2};
  const auto first = static_cast<std::size_t>(at_end ? pairs - unsafe : 0) * 2;
  std::fill_n(layer.weights.begin() + static_cast<std::ptrdiff_t>(first), unsafe * 2, std::int8_t{127});
  return layer;
}

TEST(DotKernels, SumsAreThoseOfWholeNumbersWithAnyNumberOfPairsThatLeave16Bits) {
  for (const DotKernel* kernel : dot_kernels())
    for (int unsafe = 0; unsafe <= 74; ++unsafe)
      for (const bool at_end : {false, true}) {
        const Layer layer = layer_with_unsafe_pairs(*kernel, unsafe, at_end);
        ASSERT_EQ(saturating_pairs(layer.weights), unsafe);
        ASSERT_EQ(wrong_sums(*kernel, layer), 0) << kernel->name << ", " << unsafe << " unsafe pairs";
      }
}

TEST(DotKernels, ThreadsComputeDifferentLayersAtOnce) {
  for (const DotKernel* kernel : dot_kernels()) {
    constexpr int threads = 3, layers_of_each = 20;
    int wrong[threads] = {};
    {
      std::vector<std::jthread> pool;
      pool.reserve(threads);
      for (int thread = 0; thread < threads; ++thread)
        pool.emplace_back([&, thread] {
          for (int i = 0; i < layers_of_each; ++i)
            wrong[thread] += wrong_sums(*kernel, random_layer(*kernel, 1000 + i * threads + thread));
        });
    }
    EXPECT_THAT(wrong, testing::Each(0)) << kernel->name;
  }
}

TEST(DotKernels, TheSameWeightsArePackedAsTheSameBytes) {
  for (const DotKernel* kernel : dot_kernels())
    for (int number = 0; number < 3 * weight_patterns; ++number) {
      const Layer layer = random_layer(*kernel, number);
      const std::vector<std::int8_t> elsewhere(layer.weights);
      EXPECT_EQ(kernel->pack(layer.weights, layer.rows, layer.steps), kernel->pack(elsewhere, layer.rows, layer.steps))
          << kernel->name << ", layer " << number;
    }
}

TEST(DotKernels, WeightsOfAnotherNumberThanTheLayersAreRefused) {
  const std::vector<std::int8_t> weights(24);
  for (const DotKernel* kernel : dot_kernels()) {
    EXPECT_NO_THROW(kernel->pack(weights, 2, 3)) << kernel->name;
    EXPECT_THROW(kernel->pack(weights, 2, 4), InternalError) << kernel->name;
    EXPECT_THROW(kernel->pack({}, 0, 3), InternalError) << kernel->name;
  }
}

TEST(DotKernels, PairsThatSaturateElsewhereAreCounted) {
  // Input 255 of both: 255 · 129 is more than 16 bits hold, 255 · 128 is not.
  const std::vector<std::int8_t> weights{64, 64, 64, 65, -64, -64, -128, -1, 127, -128, 127, 2, 0, -128, 100, -100};
  EXPECT_EQ(saturating_pairs(weights), 3);
  EXPECT_EQ(saturating_pairs({}), 0);
}

}  // namespace
}  // namespace qeval
