// Random weights must behave as trained ones do: signals neither die out nor explode, and images differ in their
// logits.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "stages/model/arch/arch.h"
#include "stages/model/weights/state_dict.h"
#include "tests/infer/graph_fixture.h"

namespace qeval {
namespace {

constexpr int n = 4;

/// Blotches: neighbouring pixels are alike, as in photographs.
std::vector<float> smooth_images(int size) {
  const std::vector<float> coarse = test::numbers(std::int64_t{n} * 3 * (size / 8) * (size / 8), 3);
  std::vector<float> images;
  for (int plane = 0; plane < n * 3; ++plane)
    for (int y = 0; y < size; ++y)
      for (int x = 0; x < size; ++x)
        images.push_back(coarse[static_cast<std::size_t>((plane * (size / 8) + y / 8) * (size / 8) + x / 8)]);
  return images;
}

double deviation(std::span<const double> values) {
  double mean = 0, squares = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean) / static_cast<double>(values.size());
  return std::sqrt(squares);
}

TEST(RandomWeights, SignalsReachTheLogitsInEveryFamily) {
  for (const char* arch :
       {"resnet18", "efficientnet_b0", "mobilenet_v3_large", "mobilenet_v3_small", "regnet_x_400mf", "regnet_y_400mf",
        "densenet121", "squeezenet1_1", "shufflenet_v2_x0_5", "mnasnet0_5", "convnext_tiny"}) {
    constexpr int size = 96;
    const ArchParameters parameters{{"input_size", std::to_string(size)}, {"num_classes", "100"}};
    StateDict state;
    state.tensors = random_weights(arch, parameters, 1);
    const Graph graph = build_graph(arch, parameters, state);
    const auto logits = test::logits_of(*test::make_float(graph), graph, smooth_images(size), n);
    std::vector<double> all(logits.begin(), logits.end()), between_images(logits.size() / n);
    for (std::size_t c = 0; c < between_images.size(); ++c) between_images[c] = logits[c] - logits[100 + c];
    EXPECT_GT(deviation(all), 0.3) << arch;
    EXPECT_LT(deviation(all), 30) << arch;
    EXPECT_GT(deviation(between_images), 0.05 * deviation(all)) << arch;
  }
}

}  // namespace
}  // namespace qeval
