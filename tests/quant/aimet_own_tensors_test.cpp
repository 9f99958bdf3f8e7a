// AIMET 1.24's own C++ tests of TensorQuantizer and TensorQuantizationSim (DlQuantization/test), replayed with their
// inputs, expectations and tolerances: codes and quantize-dequantize, of whole tensors and per channel along any axis.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/quant/arithmetic/quantize.h"
#include "tests/quant/aimet_own_tests.h"

namespace qeval::test {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::FloatNear;
using testing::Pointwise;

constexpr auto mode = NumericsMode::aimet_1_24;
constexpr QuantizerSettings asymmetric{}, symmetric{.symmetric = true};

std::vector<float> qdq(std::vector<float> values, double min, double max) {
  quantize_dequantize(values, values, make_qdq({.min = min, .max = max}, mode));
  return values;
}

std::vector<std::uint32_t> codes(std::span<const float> values, const Encoding& encoding) {
  std::vector<std::uint32_t> found(values.size());
  quantize_codes(values, found, make_qdq(encoding, mode));
  return found;
}

/// How AIMET shifts a grid to signed codes.
std::vector<std::int64_t> signed_codes(const std::vector<std::uint32_t>& codes, int bits) {
  std::vector<std::int64_t> shifted;
  for (const std::uint32_t code : codes) shifted.push_back(std::int64_t{code} - (std::int64_t{1} << (bits - 1)));
  return shifted;
}

const std::vector<float> six{-.5f, -.25f, 0, .25f, .5f, .75f};

TEST(AimetOwnTensors, QuantizeDequantize) {
  EXPECT_THAT(qdq(six, -.46, .72),
              Pointwise(FloatNear(1e-6f), {-.45811754f, -.2498823f, 0.f, .2498823f, .49976459f, .72188222f}));
  EXPECT_THAT(qdq(six, .5, 1.0), Pointwise(FloatNear(1e-6f), {0.f, 0.f, 0.f, .25098041f, .49803925f, .74901962f}));
  EXPECT_THAT(qdq(six, .5, .5), Pointwise(FloatNear(1e-6f), {0.f, 0.f, 0.f, .24901962f, .5f, .5f}));
  EXPECT_THAT(qdq(six, -.5, -.1), Pointwise(FloatNear(1e-6f), {-.5f, -.24901962f, 0.f, 0.f, 0.f, 0.f}));
}

TEST(AimetOwnTensors, SanityTestCpu) {
  const Encoding encoding = own_encoding(own_normal(2, 2, 1), QuantScheme::tf_enhanced, asymmetric);
  EXPECT_NEAR(encoding.min, -6.52711, 1e-3);
  EXPECT_NEAR(encoding.max, 8.88412, 1e-3);
  EXPECT_NEAR(qdq({5}, encoding.min, encoding.max)[0], 5.0162034f, 1e-6f);
}

TEST(AimetOwnTensors, CodesUnsignedAndSigned) {
  const auto found = codes(six, {.min = -.46, .max = .72});
  EXPECT_THAT(found, ElementsAre(0, 45, 99, 153, 207, 255));
  EXPECT_THAT(signed_codes(found, 8), ElementsAre(-128, -83, -29, 25, 79, 127));
}

TEST(AimetOwnTensors, CodesOf32Bits) {
  const std::vector<float> ends{-1, 1};
  const auto found = signed_codes(codes(ends, {.min = -1, .max = 1, .bits = 32}), 32);
  EXPECT_EQ(found[0], -2147483648);
  EXPECT_NEAR(static_cast<double>(found[1]), 2147483647, 256);  // single precision steps by 256 there
}

TEST(AimetOwnTensors, PackedTensor) {
  const std::vector<float> values{-40, -1, 0, 1, 2, -50, 80};
  const Encoding range = own_encoding(values, QuantScheme::tf, asymmetric);
  EXPECT_THAT(codes(values, range), ElementsAre(20, 96, 98, 100, 102, 0, 255));
  EXPECT_THAT(qdq(values, range.min, range.max),
              Pointwise(FloatNear(1e-4f), {-39.7647f, -1.01961f, 0.f, 1.01961f, 2.03922f, -49.9608f, 80.0392f}));
}

/// A tensor that is quantized per channel along one axis.
struct PerChannel {
  std::vector<float> values;
  TensorSlices slices;
  QuantizerSettings settings;
  EncodingList encodings = compute_weight_encodings(values, slices, QuantScheme::tf, mode, settings);

  /// A slice's elements are `run` neighbours here and there; their codes, in the order of memory.
  std::vector<std::uint32_t> all_codes() const {
    std::vector<std::uint32_t> found(values.size());
    slices.for_each_run([&](std::size_t slice, std::size_t first, std::size_t length) {
      quantize_codes(std::span(values).subspan(first, length), std::span(found).subspan(first, length),
                     make_qdq(encodings[slice], mode));
    });
    return found;
  }
  std::vector<float> dequantized() const {
    std::vector<float> found = values;
    quantize_dequantize_slices(found, slices, encodings, mode);
    return found;
  }
};

std::vector<float> ramp(float first, float step, std::size_t n) {
  std::vector<float> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = first + step * static_cast<float>(i);
  return values;
}

PerChannel data2(int axis, const QuantizerSettings& settings) {
  return {ramp(-15, 0.5f, 60), TensorSlices({1, 4, 5, 3}, {.channel_axis = axis}), settings};
}

/// The tests' own getTfEncoding: the range moved so that zero is a code.
void expect_range(const Encoding& found, double min, double max) {
  const double scale = (max - min) / 255, offset = std::round(min / scale);
  EXPECT_NEAR(found.scale, scale, 1e-9);
  EXPECT_EQ(found.offset, offset);
  EXPECT_NEAR(found.min, scale * offset, 1e-6);
  EXPECT_NEAR(found.max, scale * (offset + 255), 1e-6);
}

/// The tests' own getTfSymmetricEncoding.
void expect_maximum(const Encoding& found, double max) {
  EXPECT_NEAR(found.max, max, 1e-6);
  EXPECT_NEAR(found.scale, max / 127, 1e-9);
  EXPECT_EQ(found.offset, -128);
}

TEST(AimetOwnTensors, ChannelsAreSplitAlongAxis1) {
  const std::vector<float> data1 = ramp(0, 1, 24);
  const TensorSlices slices({2, 3, 2, 2}, {.channel_axis = 1});
  EXPECT_THAT(gathered(data1, slices), ElementsAre(0, 1, 2, 3, 12, 13, 14, 15,  //
                                                   4, 5, 6, 7, 16, 17, 18, 19,  //
                                                   8, 9, 10, 11, 20, 21, 22, 23));
  const EncodingList found = compute_weight_encodings(data1, slices, QuantScheme::tf, mode, asymmetric);
  ASSERT_EQ(found.size(), 3u);
  for (std::size_t c = 0; c < 3; ++c) expect_range(found[c], 0, 15 + 4 * static_cast<double>(c));
}

TEST(AimetOwnTensors, PackedPerChannelAsymmetricAlongAxis1) {
  const PerChannel tensor = data2(1, asymmetric);
  ASSERT_EQ(tensor.encodings.size(), 4u);
  expect_range(tensor.encodings[0], -15, 0);
  expect_range(tensor.encodings[1], -7.5, 0);
  expect_range(tensor.encodings[2], 0, 7);
  expect_range(tensor.encodings[3], 0, 14.5);
  EXPECT_THAT(tensor.all_codes(),
              ElementsAreArray({0,   9,   17,  26,  34,  43,  51,  60,  68,  77,  85,  94,  102, 111, 119,
                                0,   17,  34,  51,  68,  85,  102, 119, 136, 153, 170, 187, 204, 221, 238,
                                0,   18,  36,  55,  73,  91,  109, 128, 146, 164, 182, 200, 219, 237, 255,
                                132, 141, 149, 158, 167, 176, 185, 193, 202, 211, 220, 229, 237, 246, 255}));
}

TEST(AimetOwnTensors, PackedPerChannelSymmetricAlongAxis1) {
  const PerChannel tensor = data2(1, symmetric);
  ASSERT_EQ(tensor.encodings.size(), 4u);
  expect_maximum(tensor.encodings[0], 15);
  expect_maximum(tensor.encodings[1], 7.5);
  expect_maximum(tensor.encodings[2], 7);
  expect_maximum(tensor.encodings[3], 14.5);
  EXPECT_THAT(signed_codes(tensor.all_codes(), 8),
              ElementsAreArray<std::int64_t>({-127, -123, -119, -114, -110, -106, -102, -97, -93, -89, -85, -80,
                                              -76,  -72,  -68,  -127, -119, -110, -102, -93, -85, -76, -68, -59,
                                              -51,  -42,  -34,  -25,  -17,  -8,   0,    9,   18,  27,  36,  45,
                                              54,   64,   73,   82,   91,   100,  109,  118, 127, 66,  70,  74,
                                              79,   83,   88,   92,   96,   101,  105,  109, 114, 118, 123, 127}));
}

TEST(AimetOwnTensors, PerChannelAsymmetricAlongAxis3) {
  const PerChannel tensor = data2(3, asymmetric);
  ASSERT_EQ(tensor.encodings.size(), 3u);
  expect_range(tensor.encodings[0], -15, 13.5);
  expect_range(tensor.encodings[1], -14.5, 14);
  expect_range(tensor.encodings[2], -14, 14.5);
  const std::vector<float> wanted{
      -14.9765f, -14.5294f, -13.9706f, -13.5235f, -12.9647f, -12.5176f, -11.9588f, -11.5118f, -10.9529f, -10.5059f,
      -9.94706f, -9.5f,     -9.05294f, -8.49412f, -8.04706f, -7.48824f, -7.04118f, -6.48235f, -6.03529f, -5.47647f,
      -5.02941f, -4.47059f, -4.02353f, -3.46471f, -3.01765f, -2.45882f, -2.01176f, -1.45294f, -1.00588f, -0.447059f,
      0,         0.447059f, 1.00588f,  1.45294f,  2.01176f,  2.45882f,  3.01765f,  3.46471f,  4.02353f,  4.47059f,
      5.02941f,  5.47647f,  6.03529f,  6.48235f,  7.04118f,  7.48824f,  8.04706f,  8.49412f,  9.05294f,  9.5f,
      9.94706f,  10.5059f,  10.9529f,  11.5118f,  11.9588f,  12.5176f,  12.9647f,  13.5235f,  13.9706f,  14.5294f};
  EXPECT_THAT(tensor.dequantized(), Pointwise(FloatNear(1e-3f), wanted));
  EXPECT_THAT(tensor.dequantized(), Pointwise(FloatNear(0.06f), tensor.values));
}

TEST(AimetOwnTensors, PerChannelSymmetricAlongAxis2) {
  const PerChannel tensor = data2(2, symmetric);
  ASSERT_EQ(tensor.encodings.size(), 5u);
  const double maxima[] = {15, 13.5, 12, 13, 14.5};
  for (std::size_t c = 0; c < 5; ++c) expect_maximum(tensor.encodings[c], maxima[c]);
  const std::vector<float> wanted{
      -15.f,     -14.5276f, -14.0551f, -13.5f,    -12.9685f, -12.5433f, -12.f,     -11.5276f, -10.9606f, -10.5433f,
      -10.0315f, -9.51968f, -9.01968f, -8.44882f, -7.99213f, -7.44094f, -6.9685f,  -6.49606f, -5.95276f, -5.52756f,
      -4.99606f, -4.53543f, -3.9685f,  -3.49606f, -2.9685f,  -2.45669f, -2.04724f, -1.48425f, -1.02756f, -0.456693f,
      0,         0.472441f, 0.944882f, 1.48819f,  2.01969f,  2.55118f,  3.02362f,  3.49606f,  3.9685f,   4.50394f,
      5.01575f,  5.52756f,  6.05118f,  6.50787f,  6.96457f,  7.55906f,  8.0315f,   8.50394f,  9.03543f,  9.46063f,
      9.99213f,  10.4882f,  10.9606f,  11.5276f,  11.9764f,  12.4882f,  13.f,      13.4724f,  14.0433f,  14.5f};
  EXPECT_THAT(tensor.dequantized(), Pointwise(FloatNear(1e-4f), wanted));
  EXPECT_THAT(tensor.dequantized(), Pointwise(FloatNear(0.06f), tensor.values));
}

}  // namespace
}  // namespace qeval::test
