// Where NaN and infinities come from, and that nothing is learned from them.
#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

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

/// sigmoid(x²) + a · x: the square may be infinite without harm. `second`: makes the other summand of the input.
template <class Second>
Graph sum_of_two(const Second& second) {
  GraphBuilder b({1, 1, 2});
  const int square = b.node(Op::mul, {0, 0});
  const int bounded = b.node(Op::sigmoid, {square});
  b.quantize_output(bounded);
  return b.finish_flat(b.node(Op::add, {bounded, second(b)}), 2);
}

/// mul1 is infinite for huge images, and only mul3 does harm.
Graph broken_behind_a_bounded_branch() {
  return sum_of_two([](GraphBuilder& b) { return b.node(Op::mul, {0, 0}); });
}

Graph bounded() {
  return sum_of_two([](GraphBuilder& b) { return b.node(Op::relu, {0}); });
}

const std::vector<float> second_is_huge{1, 2, huge, 1};

TEST(FirstNotFinite, IsTheFirstNodeThatReachesALogit) {
  const Graph graph = broken_behind_a_bounded_branch();
  const EncodingTable table{{encoding(0, 1)}};
  for (const std::string kind : {"float", "simulated", exact_executor_kind}) {
    const auto executor = make_executor(graph, table, {kind, "cpu", NumericsMode::aimet_torch_2});
    EXPECT_EQ(executor->first_not_finite(second_is_huge, 2, 1), "mul3") << kind;
    EXPECT_THROW(executor->first_not_finite(second_is_huge, 2, 0), InternalError) << "the other image, " << kind;
  }
}

TEST(FirstNotFinite, AnInfinityThatEndsFiniteIsNoFault) {
  const Graph graph = bounded();
  const auto executor = make_float(graph);
  for (const float logit : logits_of(*executor, graph, second_is_huge, 2)) EXPECT_TRUE(std::isfinite(logit));
  EXPECT_THROW(executor->first_not_finite(second_is_huge, 2, 1), InternalError);
}

TEST(FirstNotFinite, ADifferenceOfInfinitiesComesFromTheFirstOfThem) {
  GraphBuilder b({1, 1, 2});
  const int square = b.node(Op::mul, {0, 0});
  const int linear = b.node(Op::linear, {b.node(Op::flatten, {square})});
  b.at(linear).weight = Tensor({2, 2}, {1, -1, 1, 1});
  const Graph graph = b.finish_flat(linear, 2);
  const auto executor = make_float(graph);
  const std::vector<float> image{huge, huge};
  EXPECT_TRUE(std::isnan(logits_of(*executor, graph, image, 1)[0]));
  EXPECT_EQ(executor->first_not_finite(image, 1, 0), "mul1");
}

TEST(FirstNotFinite, MayBeWhatAQuantizerMakes) {
  GraphBuilder b({1, 1, 2});
  const int relu = b.node(Op::relu, {0});
  b.quantize_output(relu);
  const Graph graph = b.finish_flat(relu, 2);
  const auto executor = make_simulated(graph, {{float16_encoding}}, NumericsMode::aimet_1_24);
  const std::vector<float> image{1, 1e5f};
  EXPECT_TRUE(std::isinf(logits_of(*executor, graph, image, 1)[1])) << "beyond half precision";
  EXPECT_EQ(executor->first_not_finite(image, 1, 0), "relu1");
}

TEST(FirstNotFinite, ANodeOfAnOnnxFileIsShownWithWhatItsOutputIsCalled) {
  GraphBuilder b({1, 1, 2});
  const int square = b.node(Op::mul, {0, 0});
  b.at(square).onnx_output = "scaled";
  const Graph graph = b.finish_flat(square, 2);
  EXPECT_EQ(make_float(graph)->first_not_finite(second_is_huge, 2, 1), "mul1 (its output: scaled)");
}

/// conv(x²) → relu: the second channel is a difference of infinities for huge images, in one operation with the ReLU.
Graph loses_nan(Op activation) {
  GraphBuilder b({2, 4, 4});
  const int conv = b.conv(b.node(Op::mul, {0, 0}), 2, 2, {}, 1, false);
  b.at(conv).weight = Tensor({2, 2, 1, 1}, {0, 0, 1, -1});
  const int bounded = b.node(activation, {conv});
  b.quantize_output(bounded);
  return b.finish(bounded, 2, 2);
}

TEST(LostNan, AReluInOneOperationWithItsConvolutionDoesNotHideIt) {
  for (const Op activation : {Op::relu, Op::relu6}) {
    const Graph graph = loses_nan(activation);
    auto images = images_for(graph, 3, 7);
    const auto logits_before = logits_of(*make_float(graph), graph, images, 3);
    std::fill_n(images.begin() + 32, 32, huge);  // the second of three
    const auto executor = make_float(graph);
    const auto logits = logits_of(*executor, graph, images, 3);
    for (std::size_t i = 0; i < logits.size(); ++i)
      if (i / 2 == 1)
        EXPECT_TRUE(std::isnan(logits[i])) << op_name(activation);
      else
        EXPECT_EQ(logits[i], logits_before[i]) << "another image keeps its bits";
    EXPECT_EQ(executor->first_not_finite(images, 3, 1), "mul1");
  }
}

std::string complaint(const std::function<void()>& run) {
  try {
    run();
  } catch (const RunError& error) {
    return error.what();
  }
  return "";
}

/// Of observing both images with a quantizer on x², behind which all is finite again.
std::string observing(QuantScheme scheme, NumericsMode mode) {
  GraphBuilder b({1, 1, 2});
  const int square = b.node(Op::mul, {0, 0});
  b.quantize_output(square);
  const Graph graph = b.finish_flat(b.node(Op::sigmoid, {square}), 2);
  ObserverBank bank({1}, scheme, mode);
  return complaint([&] { make_simulated(graph, EncodingTable(1), mode)->observe(second_is_huge, 2, 0, bank); });
}

TEST(Calibration, RefusesWhatIsNotFiniteAndNamesTheQuantizer) {
  for (const NumericsMode mode : {NumericsMode::aimet_1_24, NumericsMode::aimet_onnx_2, NumericsMode::aimet_torch_2})
    EXPECT_THAT(observing(QuantScheme::tf, mode), HasSubstr("mul1:output: the values to observe contain infinities"))
        << mode_name(mode);
  EXPECT_THAT(observing(QuantScheme::tf_enhanced, NumericsMode::aimet_1_24), HasSubstr("mul1:output: "));
}

TEST(Calibration, RefusesANanThatAReluWouldHide) {
  const Graph graph = loses_nan(Op::relu);
  auto images = images_for(graph, 1, 7);
  std::fill(images.begin(), images.end(), huge);
  ObserverBank bank({1}, QuantScheme::tf, NumericsMode::aimet_1_24);
  const auto executor = make_simulated(graph, EncodingTable(1), NumericsMode::aimet_1_24);
  EXPECT_THAT(complaint([&] { executor->observe(images, 1, 0, bank); }), HasSubstr("relu3:output: "));
}

TEST(Calibration, TakesAnInfinityWhereAimetSaysWhatItMeans) {
  EXPECT_EQ(observing(QuantScheme::tf_enhanced, NumericsMode::aimet_torch_2), "");
}

/// A convolution whose input is infinite for huge images; its weight has a quantizer.
struct BrokenLayer {
  BrokenLayer() {
    GraphBuilder b({1, 2, 2});
    layer = static_cast<std::size_t>(b.conv(b.node(Op::mul, {0, 0}), 1, 2, {}, 3));
    b.quantize_weight(static_cast<int>(layer), false);
    graph = b.finish(static_cast<int>(layer), 2, 2);
  }
  std::unique_ptr<LayerwiseExecutor> executor() const {
    auto made = make_layerwise_executor(graph, {{encoding(-1, 1)}}, 2, layerwise_bytes, {"simulated", "cpu"});
    made->admit(0, std::vector<float>{1, 2, 3, 4}, 1);
    made->admit(1, std::vector<float>{1, 2, huge, 4}, 1);
    return made;
  }
  Graph graph;
  std::size_t layer = 0;
};

TEST(LearningOnImages, RefusesWhatIsNotFiniteAndNamesLayerAndBatch) {
  const BrokenLayer network;
  const auto executor = network.executor();
  executor->output_shift(0, network.layer);
  executor->gather(0, network.layer);
  EXPECT_THAT(complaint([&] { executor->output_shift(1, network.layer); }), HasSubstr("layer conv2, batch 1: "));
  EXPECT_THAT(complaint([&] { executor->gather(1, network.layer); }), HasSubstr("layer conv2, batch 1: "));
}

TEST(LearningOnImages, RefusesAGradientThatIsNotFinite) {
  GraphBuilder b({1, 2, 2});
  const auto layer = static_cast<std::size_t>(b.conv(0, 1, 2, {}, 3));
  b.quantize_weight(static_cast<int>(layer), false);
  const Graph graph = b.finish(static_cast<int>(layer), 2, 2);
  const auto executor = make_layerwise_executor(graph, {{encoding(-1, 1)}}, 1, layerwise_bytes, {"simulated", "cpu"});
  executor->admit(0, std::vector<float>(4, huge), 1);
  executor->gather(0, layer);
  const auto data = executor->layer_data(layer);
  const std::vector<float> weights{1, 1};
  std::vector<float> gradient(2);
  const std::size_t image = 0;
  EXPECT_THAT(complaint([&] { data->output_gradient(weights, {&image, 1}, 1, gradient); }), HasSubstr("layer conv1: "));
}

TEST(SensitivityExecutor, FindsWhereALogitOfEachNetworkComesFrom) {
  const Graph graph = broken_behind_a_bounded_branch();
  const EncodingTable table{{encoding(0, 1)}};
  for (const SensitivityMode mode : {SensitivityMode::only_one_on, SensitivityMode::all_but_one}) {
    const auto executor = make_sensitivity_executor(graph, table, {{0}}, mode, {"simulated", "cpu"});
    for (const std::size_t network : {0u, 1u, 2u})
      EXPECT_EQ(executor->first_not_finite(second_is_huge, 2, 1, network), "mul3") << network;
    EXPECT_EQ(executor->measure(second_is_huge, 2).groups[0].node, "sigmoid2");
  }
}

}  // namespace
}  // namespace qeval::test
