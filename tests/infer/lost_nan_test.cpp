// A NaN that a grid makes a number of, as AIMET says: the image is told of, the others keep their bits.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/infer/executor_library.h"
#include "stages/quant/arithmetic/exact_sums.h"
#include "tests/infer/graph_fixture.h"

namespace qeval::test {
namespace {

using testing::HasSubstr;

constexpr float huge = 1e20f;  // its square is infinite in single precision
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

/// Three images, the second of them so large that a difference of its squares is NaN.
std::vector<float> second_is_huge(const Graph& graph) {
  auto images = images_for(graph, 3, 7);
  const auto one = static_cast<std::ptrdiff_t>(images.size() / 3);
  std::fill(images.begin() + one, images.begin() + 2 * one, huge);
  return images;
}

struct Network {
  Graph graph;
  EncodingTable table;
};

enum class Place { output, input };

/// x² → a difference of channels → a grid → a layer with a quantized weight, which is summed exactly where sums are.
Network quantized_behind_a_nan(Place place) {
  GraphBuilder b({2, 4, 4});
  const int difference = b.conv(b.node(Op::mul, {0, 0}), 2, 2, {}, 1, false);
  b.at(difference).weight = Tensor({2, 2, 1, 1}, {0, 1, 1, -1});
  const int layer = b.conv(difference, 2, 2, {}, 5);
  b.quantize_weight(layer, false);
  if (place == Place::output) b.quantize_output(difference);
  if (place == Place::input) b.quantize_input(layer, 0);
  return {b.finish(layer, 2, 2), {{encoding(-1, 1)}, {encoding(-2, 2)}}};
}

using Setting = std::tuple<std::string, NumericsMode>;

class LostNanIn : public testing::TestWithParam<Setting> {
 protected:
  ExecutorOptions options() const { return {std::get<0>(GetParam()), "cpu", std::get<1>(GetParam())}; }
};

TEST_P(LostNanIn, AGridDoesNotHideIt) {
  for (const Place place : {Place::output, Place::input}) {
    const auto [graph, table] = quantized_behind_a_nan(place);
    const auto executor = make_executor(graph, table, options());
    const auto sound = logits_of(*executor, graph, images_for(graph, 3, 7), 3);
    const auto images = second_is_huge(graph);
    const auto logits = logits_of(*executor, graph, images, 3);
    for (std::size_t i = 0; i < logits.size(); ++i)
      if (i / 2 == 1) {
        EXPECT_TRUE(std::isnan(logits[i]));
      } else {
        EXPECT_EQ(logits[i], sound[i]) << "another image keeps its bits";
      }
    EXPECT_EQ(executor->first_not_finite(images, 3, 1), "mul1");
    EXPECT_THROW(executor->first_not_finite(images, 3, 0), InternalError) << "its logits are finite";
  }
}

TEST_P(LostNanIn, AnInfinityThatAGridEndsIsNone) {
  GraphBuilder b({1, 1, 2});
  const int square = b.node(Op::mul, {0, 0});
  b.quantize_output(square);
  const Graph graph = b.finish_flat(square, 2);
  const auto executor = make_executor(graph, {{encoding(0, 1)}}, options());
  for (const float logit : logits_of(*executor, graph, {huge, huge}, 1)) EXPECT_FLOAT_EQ(logit, 1);
}

TEST_P(LostNanIn, AParameterThatIsNotFiniteReachesEveryImage) {
  for (const float broken : {nan, std::numeric_limits<float>::infinity()})
    for (const bool in_bias : {false, true}) {
      GraphBuilder b({2, 4, 4});
      b.quantize_output(0);
      const int layer = b.conv(0, 2, 2, {}, 5);
      b.quantize_weight(layer, false);
      b.at(layer).bias_quantizer = b.quantize_weight(layer, false);
      b.at(layer).weight_quantizer = 1;
      if (in_bias) b.at(layer).bias = Tensor({2}, {1, broken});
      if (!in_bias) b.at(layer).weight = Tensor({2, 2, 1, 1}, {1, 1, broken, 1});
      const Graph graph = b.finish(layer, 2, 2);
      const EncodingTable table{{encoding(-1, 1)}, {encoding(-2, 2)}, {encoding(-2, 2)}};
      const auto executor = make_executor(graph, table, options());
      const auto images = images_for(graph, 2, 7);
      for (const float logit : logits_of(*executor, graph, images, 2)) EXPECT_TRUE(std::isnan(logit));
      EXPECT_EQ(executor->first_not_finite(images, 2, 0), "conv1");
    }
}

TEST_P(LostNanIn, ACalibrationBehindAFrozenGridRefusesIt) {
  const auto [graph, table] = [] {
    auto network = quantized_behind_a_nan(Place::output);
    network.graph.nodes.back().output_quantizer = static_cast<int>(network.graph.quantizers.size());
    Quantizer observed = network.graph.quantizers.back();
    observed.module = "observed";
    network.graph.quantizers.push_back(observed);
    network.table.push_back({});
    return network;
  }();
  const auto executor = make_executor(graph, table, options());
  ObserverBank bank({0, 0, 1}, QuantScheme::tf, std::get<1>(GetParam()));
  try {
    executor->observe(second_is_huge(graph), 3, 0, bank);
    FAIL() << "nothing can be learned from such a value";
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(), HasSubstr("observed:output: the values to observe contain infinities"));
  }
}

TEST_P(LostNanIn, ASensitivityAnalysisSeesItInItsImageAlone) {
  const auto [graph, table] = quantized_behind_a_nan(Place::output);
  const auto sound_images = images_for(graph, 3, 7);
  for (const SensitivityMode mode : {SensitivityMode::only_one_on, SensitivityMode::all_but_one}) {
    const auto executor = make_sensitivity_executor(graph, table, {{0}, {1}}, mode, options());
    const SensitivityBatch sound = executor->measure(sound_images, 3);
    const SensitivityBatch found = executor->measure(second_is_huge(graph), 3);
    for (std::size_t i = 0; i < found.quantized_logits.size(); ++i) {
      const bool broken = i / 2 == 1;
      EXPECT_EQ(std::isnan(found.quantized_logits[i]), broken);
      EXPECT_EQ(std::isnan(found.groups[1].logits[i]), broken);
      if (broken) continue;
      EXPECT_EQ(found.quantized_logits[i], sound.quantized_logits[i]);
      EXPECT_EQ(found.groups[1].logits[i], sound.groups[1].logits[i]);
    }
    for (const std::size_t image : {0u, 2u}) {
      EXPECT_EQ(found.groups[1].signal[image], sound.groups[1].signal[image]);
      EXPECT_EQ(found.groups[1].cumulative_noise[image], sound.groups[1].cumulative_noise[image]);
    }
    EXPECT_EQ(executor->first_not_finite(second_is_huge(graph), 3, 1, 1), "mul1");
  }
}

std::string setting_text(const testing::TestParamInfo<Setting>& info) {
  const auto [kind, mode] = info.param;
  std::string text = std::string(kind == exact_executor_kind ? "ExactSumsOf" : "") + mode_name(mode);
  std::erase_if(text, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
  return text;
}

INSTANTIATE_TEST_SUITE_P(EveryMode, LostNanIn,
                         testing::Combine(testing::Values("simulated", exact_executor_kind),
                                          testing::Values(NumericsMode::aimet_1_24, NumericsMode::aimet_1_31,
                                                          NumericsMode::aimet_2024, NumericsMode::aimet_onnx_2,
                                                          NumericsMode::aimet_torch_2)),
                         setting_text);

}  // namespace
}  // namespace qeval::test
