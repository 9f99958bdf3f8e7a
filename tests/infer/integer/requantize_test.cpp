// Codes of sums against the formula, one f32 operation after the other, and against each mode's own quantizer.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "stages/infer/integer/requantize.h"
#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {
namespace {

constexpr NumericsMode modes[] = {NumericsMode::aimet_1_24, NumericsMode::aimet_1_31, NumericsMode::aimet_2024,
                                  NumericsMode::aimet_onnx_2, NumericsMode::aimet_torch_2};

class EveryIsa : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override { limit_isa(GetParam()); }
  void TearDown() override { limit_isa(highest_isa); }

  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  CodeMeaning meaning(NumericsMode mode) {
    const int bits = 2 + below(7);
    const double scale = (1 + below(1000)) / 3000.0, offset = -below(1 << bits);
    const double codes = (1 << bits) - 1;
    auto found = code_meaning({scale * offset, scale * (offset + codes), scale, offset, bits, false}, mode);
    if (!found) throw std::logic_error("a grid of whole steps has codes");
    return *found;
  }
  Limits limits() {
    if (below(2) == 0) return {};
    return below(2) == 0 ? Limits{.low = 0} : Limits{0, 6};
  }
  std::vector<std::uint8_t> codes(std::size_t count, const CodeMeaning& m) {
    std::vector<std::uint8_t> result(count);
    for (auto& code : result) code = static_cast<std::uint8_t>(below(static_cast<int>(m.grid.levels) + 1));
    return result;
  }

  std::mt19937 random_{7};
};

std::uint32_t code_of(float value, const QdqParameters& grid) {
  std::uint32_t code = 0;
  quantize_codes({&value, 1}, {&code, 1}, grid);
  return code;
}

/// Sums whose values lie on the codes, in the middle between two (there a guess is in doubt), and anywhere.
std::int32_t random_sum(std::mt19937& random, float scale, const QdqParameters& grid) {
  const float halves = static_cast<float>(random() % 600) / 2 - 20;
  if (random() % 4 != 0) return static_cast<std::int32_t>((halves + grid.offset) * grid.scale / scale);
  return static_cast<std::int32_t>(random() % 200000) - 100000;
}

TEST_P(EveryIsa, SumsBecomeTheFormulasCodes) {
  for (int i = 0; i < 900; ++i) {
    const CodeMeaning to = meaning(modes[i % 5]), added = meaning(modes[i % 5]);
    const int rows = 1 + below(9), pixels = 1 + below(130), pitch = (pixels + 15) / 16 * 16, quads = (rows + 3) / 4;
    ChannelScales channels;
    const bool small_steps = below(3) == 0;
    channels.has_bias = below(2) == 0;
    for (int row = 0; row < rows; ++row) {
      channels.start.push_back(below(2000) - 1000);
      // Powers of two let values lie in the very middle.
      const float anywhere = static_cast<float>(1 + below(1000)) / 777777;
      channels.scale.push_back(small_steps     ? to.grid.scale / static_cast<float>(8 << below(8))
                               : below(2) == 0 ? to.grid.scale / 2
                                               : anywhere);
      channels.bias.push_back(channels.has_bias ? static_cast<float>(below(1000) - 500) / 99 : 0.0f);
    }
    std::vector<std::int32_t> sums(static_cast<std::size_t>(rows * pitch));
    for (auto& sum : sums) sum = random_sum(random_, channels.scale[0], to.grid);
    const std::ptrdiff_t plane = std::ptrdiff_t{pixels} * 4;
    const auto summand = codes(static_cast<std::size_t>(quads * plane), added);
    const Limits of_value = limits();
    SumRows all{.sums = sums.data(), .pitch = pitch, .rows = rows, .pixels = pixels, .channels = &channels};
    if (i % 3 == 0) {
      all.summand = summand.data();
      all.summand_meaning = &added;
    }
    std::vector<std::uint8_t> found(static_cast<std::size_t>(quads * plane));
    std::optional<MiddleGrid> middle;
    if (all.summand && i % 2 == 0) middle = MiddleGrid{limits(), meaning(modes[i % 5])};
    // Wide enough for all of these, or not known.
    const Reach reach = below(2) == 0 ? Reach{*std::ranges::max_element(channels.scale), 300} : Reach{};
    Requantizer(to.grid, of_value, middle, reach).quantize(all, found.data(), plane);
    for (int row = 0; row < rows; ++row)
      for (int p = 0; p < pixels; ++p) {
        const auto channel = static_cast<std::size_t>(row);
        const auto place = static_cast<std::size_t>(row / 4 * plane + p * 4 + row % 4);
        float y = static_cast<float>(sums[static_cast<std::size_t>(row * pitch + p)] + channels.start[channel]) *
                  channels.scale[channel];
        if (channels.has_bias) y += channels.bias[channel];
        if (middle) y = middle->meaning.real(static_cast<int>(code_of(middle->limits(y), middle->meaning.grid)));
        if (all.summand) y += added.real(summand[place]);
        ASSERT_EQ(found[place], code_of(of_value(y), to.grid)) << "case " << i << ", value " << y;
      }
  }
}

TEST_P(EveryIsa, CodesAreAddedAsTheirValues) {
  for (int i = 0; i < 200; ++i) {
    const NumericsMode mode = modes[i % 5];
    const CodeMeaning a = meaning(mode), to = meaning(mode);
    CodeMeaning b = meaning(mode);
    b.limits = limits();
    const Limits of_sum = limits();
    const auto count = static_cast<std::size_t>(1 + below(300));
    const auto x = codes(count, a), y = codes(count, b);
    std::vector<std::uint8_t> found(count);
    Requantizer(to.grid, of_sum).add(x.data(), a, y.data(), b, count, found.data());
    for (std::size_t k = 0; k < count; ++k)
      ASSERT_EQ(found[k], code_of(of_sum(a.real(x[k]) + b.real(y[k])), to.grid)) << "case " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Requantize, EveryIsa, testing::Values(Isa::baseline, Isa::avx2, Isa::avx512));

TEST(CodeMeaning, GridsThatLeaveTheirCodesHaveNone) {
  // The lower end lies half-way between two codes, and 1.24 rounds it up: it would need the code 256.
  EXPECT_FALSE(code_meaning({-1.5, 253.5, 1, -2, 8, false}, NumericsMode::aimet_1_24));
  EXPECT_TRUE(code_meaning({-1.5, 253.5, 1, -2, 8, false}, NumericsMode::aimet_torch_2));
  EXPECT_FALSE(code_meaning({-1, 1, 2.0 / 65535, -32768, 16, false}, NumericsMode::aimet_torch_2));
  EXPECT_FALSE(code_meaning(float16_encoding, NumericsMode::aimet_torch_2));
}

TEST(CodeMeaning, ValuesAreThoseOfQuantizeDequantize) {
  for (const NumericsMode mode : modes) {
    const auto meaning = code_meaning({-1.25, 2.5, 3.75 / 255, -85, 8, false}, mode);
    ASSERT_TRUE(meaning);
    for (float value = -2; value < 3; value += 0.003f) {
      float quantized = 0;
      quantize_dequantize({&value, 1}, {&quantized, 1}, meaning->grid);
      ASSERT_EQ(meaning->real(static_cast<int>(code_of(value, meaning->grid))), quantized) << value;
    }
  }
}

}  // namespace
}  // namespace qeval
