#include "stages/infer/kernels/depthwise_kernel.h"

#include <gtest/gtest.h>

#include "tests/infer/kernels/extreme_values.h"
#include "tests/infer/kernels/fenced_buffer.h"

namespace qeval {
namespace {

constexpr DotIsa limits[] = {DotIsa::portable, DotIsa::avx2, DotIsa::avx_vnni, DotIsa::avx512_vnni, DotIsa::amx};

std::int64_t reference(std::span<const std::int8_t> weights, const std::uint8_t* panel, int pixels, int c, int p) {
  std::int64_t sum = 0;
  for (std::size_t t = 0; t < weights.size() / 4; ++t)
    sum += std::int64_t{panel[(t * static_cast<std::size_t>(pixels) + static_cast<std::size_t>(p)) * 4 +
                              static_cast<std::size_t>(c)]} *
           weights[t * 4 + static_cast<std::size_t>(c)];
  return sum;
}

int wrong_sums(DepthwiseKernel kernel, int number) {
  std::mt19937 random(static_cast<unsigned>(number));
  const int taps = between(random, 1, 50), pixels = 16 * between(random, 1, 5);
  FencedBuffer<std::int8_t, 1> weights(static_cast<std::size_t>(taps * 4));
  fill_weights(weights.values(), number % weight_patterns, random);
  FencedBuffer<std::uint8_t> panel(static_cast<std::size_t>(taps * pixels * 4));
  fill_codes(panel.values(), number / weight_patterns % code_patterns, random);
  FencedBuffer<std::int32_t> sums(static_cast<std::size_t>(pixels * 4));
  kernel(weights.data(), taps, panel.data(), pixels, sums.data());
  int wrong = 0;
  for (int c = 0; c < 4; ++c)
    for (int p = 0; p < pixels; ++p)
      wrong += sums.data()[c * pixels + p] != reference(weights.values(), panel.data(), pixels, c, p);
  return wrong;
}

TEST(DepthwiseKernels, SumsAreThoseOfWholeNumbersOfAnySize) {
  for (const DotIsa limit : limits)
    for (int number = 0; number < 500; ++number)
      ASSERT_EQ(wrong_sums(best_depthwise_kernel(limit), number), 0)
          << "instruction set " << static_cast<int>(limit) << ", layer " << number;
}

}  // namespace
}  // namespace qeval
