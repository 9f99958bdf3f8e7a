// Weights that lie on a grid already. Expected scales: aimet_torch 2.42's QuantizedLinear.compute_param_encodings on
// the same weights.
#include "stages/quant/analyzers/recovered_grid.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/quant/analyzers/observer.h"

namespace qeval::test {
namespace {

using testing::ElementsAre;

struct Weight {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

Weight times(float factor, std::vector<std::int64_t> shape, std::vector<float> codes) {
  for (float& code : codes) code *= factor;
  return {std::move(shape), std::move(codes)};
}

/// `digits` binary digits behind the first are kept, as narrower formats do.
Weight rounded(Weight weight, int digits) {
  for (float& value : weight.values) {
    int exponent = 0;
    const float mantissa = std::frexp(value, &exponent);
    value = std::ldexp(std::nearbyint(std::ldexp(mantissa, digits + 1)), exponent - digits - 1);
  }
  return weight;
}

std::vector<float> scales_of(const Weight& weight, bool per_channel, int bits = 8, QuantScheme scheme = QuantScheme::tf,
                             NumericsMode mode = NumericsMode::aimet_torch_2) {
  const TensorSlices slices(weight.shape, {.channel_axis = per_channel ? 0 : -1});
  std::vector<float> scales;
  for (const Encoding& encoding :
       compute_weight_encodings(weight.values, slices, scheme, mode, {.bits = bits, .symmetric = true})) {
    EXPECT_EQ(encoding.offset, -std::ldexp(1, bits - 1));
    scales.push_back(static_cast<float>(encoding.scale));
  }
  return scales;
}

const Weight even_codes = times(0.0371f, {2, 3}, {24, -118, 6, 30, -12, 120});

// The codes are all even, so the coarsest step is twice the factor.
TEST(RecoveredGrid, IsTheCoarsestThatTheValuesLieOn) {
  for (const QuantScheme scheme : {QuantScheme::tf, QuantScheme::tf_enhanced})
    EXPECT_THAT(scales_of(even_codes, false, 8, scheme), ElementsAre(0.07419999688863754f));
}

TEST(RecoveredGrid, AllowsForTheRoundingOfHalfPrecision) {
  EXPECT_THAT(scales_of(rounded(even_codes, 10), false), ElementsAre(0.07421875f));
}

TEST(RecoveredGrid, BrainPrecisionIsTooCoarseToTellStepsApart) {
  EXPECT_THAT(scales_of(rounded(even_codes, 7), false), ElementsAre(0.034940943121910095f));
}

TEST(RecoveredGrid, EveryChannelHasItsOwn) {
  EXPECT_THAT(scales_of({{3, 5}, {49.5f, 50, 50.5f, -50, 49.5f, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0}}, true),
              ElementsAre(0.5f, 1.0f, 1.1920928955078125e-07f));
  EXPECT_THAT(scales_of(times(0.11f, {2, 3}, {7, -8, 3, 2, -4, 6}), true, 4),
              ElementsAre(0.10999999940395355f, 0.2199999988079071f));
}

TEST(RecoveredGrid, OfASingleValueIsTheValue) {
  EXPECT_THAT(scales_of({{2, 1}, {0.3f, -0.7f}}, true), ElementsAre(0.30000001192092896f, 0.699999988079071f));
}

TEST(RecoveredGrid, ValuesOffTheGridAreEncodedByTheirRange) {
  Weight weight = even_codes;
  weight.values[0] += 0.004f;
  EXPECT_THAT(scales_of(weight, false), ElementsAre(0.035055115818977356f));
}

// Codes 3, −7, 10, 0, 12: neither the smallest nor the smallest gap is one step, so AIMET does not find it.
TEST(RecoveredGrid, OneSliceInFourOffItsGridSpoilsAll) {
  EXPECT_THAT(scales_of({{4, 5}, {3 * 0.013f, -7 * 0.013f, 10 * 0.013f, 0,  12 * 0.013f, 49.5f, 50, 50.5f, -50, 49.5f,
                                  -1,         -1,          -1,          -1, -1,          0,     0,  0,     0,   0}},
                        true),
              ElementsAre(0.0012283464893698692f, 0.3976377844810486f, 0.0078125f, 1.1920928955078125e-07f));
}

TEST(RecoveredGrid, AsymmetricGridsAndOtherModesTakeTheRange) {
  EXPECT_FALSE(recovered_scales(even_codes.values, 1, {.bits = 8, .symmetric = false}));
  EXPECT_THAT(scales_of(even_codes, false, 8, QuantScheme::tf, NumericsMode::aimet_onnx_2),
              testing::Not(ElementsAre(testing::FloatNear(0.0742f, 1e-4f))));
}

}  // namespace
}  // namespace qeval::test
