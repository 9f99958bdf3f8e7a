// Against torch.sqrt of torch 2.13 with MKL's AVX-512 kernel.
#include "stages/quant/arithmetic/mkl_sqrt.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "tests/quant/aimet_vectors.h"

namespace qeval {
namespace {

TEST(MklSqrt, IsOneUnitLowWhereTorchIs) {
  EXPECT_EQ(mkl_sqrt(0x1.0c73b4p+1f), 0x1.72bd2ep+0f);
  EXPECT_EQ(mkl_sqrt(0x1.1406b2p+1f), 0x1.77eec4p+0f);
  EXPECT_EQ(mkl_sqrt(0x1.d852bap+1f), 0x1.ebc2f6p+0f);
  EXPECT_EQ(mkl_sqrt(0x1.08678ep+0f), 0x1.042b16p+0f);
  EXPECT_EQ(mkl_sqrt(0x1.2ba21ap+0f), 0x1.14f56ap+0f);
}

/// SHA-256 of the roots of all f32 numbers of [1, 4) in ascending order, little-endian.
TEST(MklSqrt, AllSignificandsGiveTorchsRoots) {
  std::vector<float> roots;
  std::size_t low = 0, other = 0;
  for (std::uint32_t bits = 0x3f800000; bits < 0x40800000; ++bits) {
    const float x = std::bit_cast<float>(bits);
    const float root = mkl_sqrt(x), rounded = std::sqrt(x);
    low += root == std::nextafter(rounded, 0.0f);
    other += root > rounded || root < std::nextafter(rounded, 0.0f);
    roots.push_back(root);
  }
  EXPECT_EQ(low, 98955u);
  EXPECT_EQ(other, 0u);
  EXPECT_EQ(test::sha256_hex(roots), "ac2aab3fdcc2472b9562f37c28e57454d2e0cbaac1991d7925bd98f5a3407f1a");
}

TEST(MklSqrt, PowersOfFourScaleIt) {
  EXPECT_EQ(mkl_sqrt(0x1.0c73b4p-19f), 0x1.72bd2ep-10f);
  EXPECT_EQ(mkl_sqrt(0x1.0c73b4p+101f), 0x1.72bd2ep+50f);
  EXPECT_EQ(mkl_sqrt(1e-5f), std::sqrt(1e-5f));
}

TEST(MklSqrt, SpecialNumbersAreAsEver) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(mkl_sqrt(0.0f), 0.0f);
  EXPECT_EQ(mkl_sqrt(infinity), infinity);
  EXPECT_TRUE(std::isnan(mkl_sqrt(-1.0f)));
  EXPECT_EQ(mkl_sqrt(1e-40f), std::sqrt(1e-40f));
}

}  // namespace
}  // namespace qeval
