// Against numpy 2.4 on a processor with AVX-512.
#include "stages/quant/equalize/numpy_cube_root.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace qeval {
namespace {

TEST(NumpyCubeRoot, IsNumpysWhereThatIsNotTheNearest) {
  EXPECT_EQ(numpy_cube_root(0x1.1f496p-15f), 0x1.0a07dcp-5f);
  EXPECT_EQ(numpy_cube_root(0x1.841ef8p+0f), 0x1.261766p+0f);
  EXPECT_EQ(numpy_cube_root(0x1.eacdd8p+15f), 0x1.3e06acp+5f);
}

TEST(NumpyCubeRoot, IsNearlyTheRoot) {
  for (float x = 1e-30f; x < 1e30f; x *= 1.37f) {
    const float root = numpy_cube_root(x), nearest = std::pow(x, 1.0f / 3.0f);
    EXPECT_GE(root, std::nextafter(nearest, 0.0f)) << x;
    EXPECT_LE(root, std::nextafter(nearest, std::numeric_limits<float>::infinity())) << x;
  }
}

TEST(NumpyCubeRoot, SpecialNumbersAreAsEver) {
  EXPECT_EQ(numpy_cube_root(0.0f), 0.0f);
  EXPECT_EQ(numpy_cube_root(std::numeric_limits<float>::infinity()), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(numpy_cube_root(-8.0f)));
}

}  // namespace
}  // namespace qeval
