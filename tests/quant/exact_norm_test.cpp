// Norms that have the same bits everywhere.
#include "stages/quant/arithmetic/exact_norm.h"

#include <cmath>

#include <gtest/gtest.h>

namespace qeval {
namespace {

TEST(ExactNorm, IsRoundedOnce) {
  Node norm;
  norm.op = Op::batch_norm;
  norm.mean = Tensor({2}, {0.1f, -3.0f});
  norm.variance = Tensor({2}, {0.7f, 2.0f});
  const Tensor weight({2}, {1.3f, -0.2f}), bias({2}, {0.01f, 5.0f});
  const ExactNorm exact = exact_norm(weight, bias, norm);
  for (std::size_t c = 0; c < 2; ++c)
    for (int i = -100; i < 100; ++i) {
      const float x = static_cast<float>(i) * 0.137f;
      const long double deviation = std::sqrt(static_cast<long double>(norm.variance.values()[c]) + norm.epsilon);
      const long double y = (x - static_cast<long double>(norm.mean.values()[c])) / deviation * weight.values()[c] +
                            static_cast<long double>(bias.values()[c]);
      EXPECT_EQ(exact(c, x), static_cast<float>(y)) << c << ", " << x;
    }
}

/// A layer norm of eight features behind a quantizer of so many bits.
std::optional<ExactLayerNorm> layer_norm_behind(int bits, int features) {
  Graph graph;
  graph.nodes.resize(2);
  graph.nodes[0].output_quantizer = 0;
  Node& norm = graph.nodes[1];
  norm.op = Op::layer_norm;
  norm.inputs = {0};
  norm.weight = Tensor({features}, std::vector<float>(static_cast<std::size_t>(features), 0.5f));
  graph.quantizers.resize(1);
  const double levels = std::ldexp(1.0, bits) - 1;
  return exact_layer_norm(graph, norm, {{{0, levels * 0.25, 0.25, 0, bits, false}}}, NumericsMode::aimet_torch_2);
}

TEST(ExactLayerNorm, IsForSumsThatDoubleHolds) {
  const auto norm = layer_norm_behind(8, 768);
  ASSERT_TRUE(norm.has_value());
  EXPECT_EQ(norm->scale, 0.25);
  EXPECT_EQ(norm->gamma, std::vector<double>(768, 0.5));
  EXPECT_EQ(norm->beta, std::vector<double>(768, 0.0));
  EXPECT_TRUE(layer_norm_behind(16, 1448).has_value());
  EXPECT_FALSE(layer_norm_behind(16, 1449).has_value());  // (1449 · 65535)² is above 2^53
}

}  // namespace
}  // namespace qeval
