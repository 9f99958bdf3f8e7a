#include <bit>
#include <cmath>

#include <gtest/gtest.h>

#include "stages/model/arch/arch.h"
#include "stages/model/weights/random_numbers.h"

namespace qeval {
namespace {

const ArchParameters tiny{{"layers", "1,1,1,1"}, {"groups", "32"}, {"width_per_group", "1"}, {"num_classes", "10"}};

/// FNV-1a over names and bits in name order.
std::uint64_t hash_of(const std::map<std::string, Tensor>& tensors) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  const auto mix = [&hash](std::uint64_t value) { hash = (hash ^ value) * 0x100000001b3ull; };
  for (const auto& [name, tensor] : tensors) {
    for (const char c : name) mix(static_cast<unsigned char>(c));
    for (const float value : tensor.values()) mix(std::bit_cast<std::uint32_t>(value));
  }
  return hash;
}

TEST(RandomWeights, SameSeedSameBytesOnEveryMachine) {
  EXPECT_EQ(hash_of(random_weights("resnet", tiny, 7)), 7930720976848431754ull);
  EXPECT_NE(hash_of(random_weights("resnet", tiny, 8)), hash_of(random_weights("resnet", tiny, 7)));
}

TEST(RandomWeights, EveryArchitectureGetsFiniteWeightsAndPositiveVariances) {
  for (const char* arch : {"efficientnet_lite0", "mobilenet_v2_tf", "resnet20", "resnet20_downsample",
                           "efficientnet_b0", "mobilenet_v3_small", "regnet_y_400mf", "densenet121", "squeezenet1_1",
                           "shufflenet_v2_x0_5", "mnasnet0_5", "convnext_tiny"}) {
    for (const auto& [name, tensor] : random_weights(arch, {{"num_classes", "10"}}, 1))
      for (const float value : tensor.values()) {
        ASSERT_TRUE(std::isfinite(value)) << arch << ' ' << name;
        if (name.ends_with("running_var")) {
          ASSERT_GT(value, 1e-4f) << arch << ' ' << name;
        }
      }
  }
}

TEST(RandomWeights, FiltersHaveHesVariance) {
  const auto weights = random_weights("resnet", tiny, 1);
  const Tensor& conv = weights.at("layer3.0.conv1.weight");  // [128, 512, 1, 1]
  double squares = 0;
  for (const float value : conv.values()) squares += static_cast<double>(value) * value;
  const double taps = 512;
  EXPECT_NEAR(squares / static_cast<double>(conv.numel()) * taps, 2.0, 0.05);
}

double mean_of(const Tensor& tensor) {
  double sum = 0;
  for (const float value : tensor.values()) sum += value;
  return sum / static_cast<double>(tensor.numel());
}

TEST(RandomWeights, ResidualBranchesAreDampedAndShortcutsAreNot) {
  const auto weights = random_weights("resnet", tiny, 1);
  EXPECT_NEAR(mean_of(weights.at("layer2.0.bn3.weight")), 0.2, 0.02);
  EXPECT_NEAR(mean_of(weights.at("layer2.0.downsample.1.weight")), 1.0, 0.05);
  EXPECT_NEAR(mean_of(weights.at("layer2.0.bn1.weight")), 1.0, 0.1);
}

// Inputs of variance 1.35 through 147 taps of variance 2/147: what arrives has variance 2.7.
TEST(RandomWeights, BatchNormStatisticsAreWhatArrivesAtThem) {
  const auto weights = random_weights("resnet", tiny, 1);
  EXPECT_NEAR(mean_of(weights.at("bn1.running_var")), 2.7, 0.15);
  const Tensor& stem = weights.at("conv1.weight");
  double squares = 0;
  for (std::size_t i = 0; i < 147; ++i) squares += static_cast<double>(stem.values()[i]) * stem.values()[i];
  EXPECT_NEAR(weights.at("bn1.running_var").values()[0], 1.35 * squares, 1e-4);
}

TEST(RandomNumbers, NormalHasUnitMoments) {
  RandomNumbers random(42);
  double sum = 0, squares = 0, fourth = 0;
  constexpr int count = 200'000;
  for (int i = 0; i < count; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  EXPECT_NEAR(sum / count, 0.0, 0.01);
  EXPECT_NEAR(squares / count, 1.0, 0.02);
  EXPECT_NEAR(fourth / count, 3.0, 0.15);
}

TEST(RandomNumbers, PortableFunctionsAgreeWithLibm) {
  for (const double x : {1e-12, 0.3, 0.70710678, 1.0, 1.5, 2.0, 12345.678}) {
    EXPECT_NEAR(portable_log(x), std::log(x), 4e-15 * std::max(1.0, std::abs(std::log(x)))) << x;
    EXPECT_NEAR(portable_exp(std::log(x)) / x, 1.0, 1e-13) << x;
  }
  EXPECT_NEAR(portable_exp(-500) / std::exp(-500), 1.0, 1e-12);
}

}  // namespace
}  // namespace qeval
