// Imported ONNX networks, run: against numbers computed by hand here.
#include <cmath>
#include <fstream>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/sha256.h"
#include "stages/model/onnx/import_onnx.h"
#include "stages/quant/fold_batch_norm.h"
#include "stages/quant/placement/quantsim_config.h"
#include "tests/onnx/run_onnx.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

using test::imported;
using test::Ints;
using test::OnnxBuilder;
using test::run;
using test::run_on_row;
using test::Values;
using testing::ElementsAre;
using testing::FloatNear;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Pointwise;

TEST(OnnxRun, ConvWithOnnxOrderOfPads) {
  // Kernel 2×1 of ones; pads top 1, left 0, bottom 0, right 2: only [top, left, bottom, right] gives this shape.
  OnnxBuilder b({1, 2, 2});
  b.floats("w", {1, 1, 2, 1}, {1, 1});
  b.floats("bias", {1}, {10});
  b.output(b.node("Flatten", {b.node("Conv", {"x", "w", "bias"}, "c", {{"pads", Ints{1, 0, 0, 2}}})}, "logits"));
  EXPECT_THAT(run(imported(b), {1, 2, 3, 4}), ElementsAre(11, 12, 10, 10, 14, 16, 10, 10));
}

TEST(OnnxRun, ConvWithSamePaddingPutsTheOddRowWhereItIsAskedTo) {
  const auto with = [](const char* automatic) {
    return run_on_row(
        [&](OnnxBuilder& b) {
          b.floats("w", {1, 1, 1, 2}, {1, 10});
          return b.node("Conv", {"x", "w"}, "c", {{"auto_pad", std::string(automatic)}});
        },
        {1, 2, 3});
  };
  EXPECT_THAT(with("SAME_UPPER"), ElementsAre(21, 32, 3));
  EXPECT_THAT(with("SAME_LOWER"), ElementsAre(10, 21, 32));
  EXPECT_THAT(with("VALID"), ElementsAre(21, 32));
}

TEST(OnnxRun, ConvTransposeSpreadsEachValueOverItsKernel) {
  // Stride 2, kernel [1, 10, 100]: value i lands on 2i … 2i + 2; one value is cut off in front, one is added behind.
  EXPECT_THAT(run_on_row(
                  [](OnnxBuilder& b) {
                    b.floats("w", {1, 1, 1, 3}, {1, 10, 100});
                    return b.node(
                        "ConvTranspose", {"x", "w"}, "c",
                        {{"strides", Ints{1, 2}}, {"pads", Ints{0, 1, 0, 0}}, {"output_padding", Ints{0, 1}}});
                  },
                  {1, 2}),
              ElementsAre(10, 102, 20, 200, 0));
}

TEST(OnnxRun, ConvTransposeGroupsSplitInputsAndOutputs) {
  OnnxBuilder b({2, 1, 1});
  b.floats("w", {2, 2, 1, 1}, {1, 2, 3, 4});  // channel 0 makes outputs 0 and 1, channel 1 outputs 2 and 3
  b.output(b.node("Flatten", {b.node("ConvTranspose", {"x", "w"}, "c", {{"group", std::int64_t{2}}})}, "logits"));
  EXPECT_THAT(run(imported(b), {5, 7}), ElementsAre(5, 10, 21, 28));
}

TEST(OnnxRun, AveragePoolLeavesUnevenPaddingOutOfTheMean) {
  const auto with = [](std::int64_t counts) {
    return run_on_row(
        [&](OnnxBuilder& b) {
          return b.node("AveragePool", {"x"}, "p",
                        {{"kernel_shape", Ints{1, 2}}, {"pads", Ints{0, 1, 0, 0}}, {"count_include_pad", counts}});
        },
        {2, 4});
  };
  EXPECT_THAT(with(0), ElementsAre(2, 3));
  EXPECT_THAT(with(1), ElementsAre(1, 3));
}

TEST(OnnxRun, MaxPoolWithCeilModeKeepsTheLastWindow) {
  EXPECT_THAT(run_on_row(
                  [](OnnxBuilder& b) {
                    return b.node(
                        "MaxPool", {"x"}, "p",
                        {{"kernel_shape", Ints{1, 2}}, {"strides", Ints{1, 2}}, {"ceil_mode", std::int64_t{1}}});
                  },
                  {1, 2, -3}),
              ElementsAre(2, -3));
}

TEST(OnnxRun, GemmScalesTransposesAndAddsItsBias) {
  OnnxBuilder b({3, 1, 1});
  b.floats("w", {3, 2}, {1, 2, 3, 4, 5, 6});
  b.floats("c", {2}, {1, -1});
  b.output(b.node("Gemm", {b.node("Flatten", {"x"}, "f"), "w", "c"}, "logits", {{"alpha", 2.0f}, {"beta", 10.0f}}));
  EXPECT_THAT(run(imported(b), {1, 0, -1}), ElementsAre(2 * (1 - 5) + 10, 2 * (2 - 6) - 10));
}

TEST(OnnxRun, MatMulAndAddBecomeOneLinearNode) {
  OnnxBuilder b({2, 1, 1});
  b.floats("w", {2, 2}, {1, 2, 3, 4});
  b.floats("c", {2}, {100, 200});
  b.output(b.node("Add", {"c", b.node("MatMul", {b.node("Flatten", {"x"}, "f"), "w"}, "m")}, "logits"));
  const Graph graph = imported(b);
  EXPECT_EQ(graph.nodes.size(), 3u);  // input, flatten, linear
  EXPECT_THAT(run(graph, {1, 10}), ElementsAre(131, 242));
}

TEST(OnnxRun, BiasOfAProductThatIsReadTwiceStaysApart) {
  OnnxBuilder b({2, 1, 1});
  b.floats("w", {2, 2}, {1, 2, 3, 4});
  b.floats("c", {2}, {100, 200});
  b.node("MatMul", {b.node("Flatten", {"x"}, "f"), "w"}, "m");
  b.node("Add", {b.node("Identity", {"m"}, "i"), "c"}, "a");
  b.output(b.node("Add", {"a", "m"}, "logits"));
  EXPECT_THAT(run(imported(b), {1, 10}), ElementsAre(162, 284));
}

/// Multiplies the rows of [2, 1, 2] by the identity and norms their channels: x · {10, 100} + {1, 2}.
Graph product_of_rows_with_norm() {
  OnnxBuilder b({2, 1, 2});
  b.node("MatMul", {"x", b.floats("w", {2, 2}, {1, 0, 0, 1})}, "m");
  b.node("BatchNormalization",
         {"m", b.floats("gamma", {2}, {10, 100}), b.floats("beta", {2}, {1, 2}), b.floats("mean", {2}, {0, 0}),
          b.floats("variance", {2}, {1, 1})},
         "n", {{"epsilon", 0.0f}});
  b.output(b.node("Flatten", {"n"}, "logits"));
  return imported(b);
}

// A norm acts on axis 1, a product on the last axis.
TEST(OnnxRun, NormBehindAProductOfRowsIsNotFoldedIntoIt) {
  Graph graph = product_of_rows_with_norm();
  std::vector<std::string> left;
  EXPECT_THAT(fold_batch_norm(graph, NumericsMode::aimet_torch_2, &left), IsEmpty());
  EXPECT_THAT(left, ElementsAre("n"));
  EXPECT_THAT(run(graph, {1, 2, 3, 4}), ElementsAre(11, 21, 302, 402));
}

TEST(OnnxRun, NormBehindAProductOfRowsIsQuantizedByItself) {
  Graph graph = product_of_rows_with_norm();
  place_quantizers(graph, {});
  std::vector<std::string> keys;
  for (const Quantizer& quantizer : graph.quantizers) keys.push_back(quantizer.key());
  EXPECT_THAT(keys, IsSupersetOf({"m:output", "n:output"}));
}

TEST(OnnxRun, ConstantBehindAProductOfRowsIsNotFoldedIntoIt) {
  OnnxBuilder b({2, 1, 2});
  b.node("MatMul", {"x", b.floats("w", {2, 3}, {1, 0, 1, 0, 1, 1})}, "m");
  b.output(b.node("Flatten", {b.node("Mul", {"m", b.floats("c", {}, {10})}, "n")}, "logits"));
  Graph graph = imported(b);
  fold_batch_norm(graph, NumericsMode::aimet_torch_2);
  EXPECT_THAT(run(graph, {1, 2, 3, 4}), ElementsAre(10, 20, 30, 30, 40, 70));
}

TEST(OnnxRun, ConstantsScaleAndShiftPerChannel) {
  OnnxBuilder b({2, 1, 1});
  b.floats("three", {}, {3});
  b.floats("shift", {2, 1, 1}, {10, 20});
  b.floats("one", {1}, {1});
  b.node("Sub", {b.node("Add", {b.node("Div", {"x", "three"}, "d"), "shift"}, "a"), "one"}, "s");
  b.output(b.node("Flatten", {b.node("Sub", {"one", "s"}, "r")}, "logits"));
  EXPECT_THAT(run(imported(b), {3, 6}), ElementsAre(-9, -20));
}

TEST(OnnxRun, ActivationsFollowTheirDefinitions) {
  const Values row{-8, -0.5f, 0.25f, 7};
  const auto one = [&](const char* op, const test::OnnxAttributes& attributes = {}) {
    return run_on_row([&](OnnxBuilder& b) { return b.node(op, {"x"}, "y", attributes); }, row);
  };
  EXPECT_THAT(one("Relu"), ElementsAre(0, 0, 0.25f, 7));
  EXPECT_THAT(one("LeakyRelu", {{"alpha", 0.5f}}), ElementsAre(-4, -0.25f, 0.25f, 7));
  EXPECT_THAT(
      run_on_row([](OnnxBuilder& b) { return b.node("PRelu", {"x", b.floats("s", {1, 1, 1}, {2})}, "y"); }, row),
      ElementsAre(-16, -1, 0.25f, 7));
  const auto clip = [&](float low, float high) {
    return run_on_row(
        [&](OnnxBuilder& b) {
          return b.node("Clip", {"x", b.floats("low", {}, {low}), b.floats("high", {}, {high})}, "y");
        },
        row);
  };
  EXPECT_THAT(clip(-1, 5), ElementsAre(-1, -0.5f, 0.25f, 5));
  EXPECT_THAT(clip(0, 6), ElementsAre(0, 0, 0.25f, 6));
}

TEST(OnnxRun, SoftmaxRunsOverItsAxis) {
  OnnxBuilder b({3, 1, 1});
  b.output(b.node("Softmax", {b.node("Flatten", {"x"}, "f")}, "logits"));
  EXPECT_THAT(run(imported(b), {0, std::log(2.0f), std::log(5.0f)}),
              Pointwise(FloatNear(1e-6f), Values{0.125f, 0.25f, 0.625f}));
}

TEST(OnnxRun, MeansOverImageAndOverRows) {
  OnnxBuilder b({2, 1, 2});
  b.output(b.node("ReduceMean", {"x"}, "logits", {{"axes", Ints{-1, -2}}, {"keepdims", std::int64_t{0}}}));
  EXPECT_THAT(run(imported(b), {1, 3, 10, 30}), ElementsAre(2, 20));
  OnnxBuilder rows({2, 1, 2});
  rows.output(rows.node("Flatten", {rows.node("ReduceMean", {"x"}, "m", {{"axes", Ints{1}}})}, "logits"));
  EXPECT_THAT(run(imported(rows), {1, 3, 10, 30}), ElementsAre(5.5f, 16.5f));
}

/// The mean of each image through `build`, as a value of the batch axis alone, then a row again by `last`.
Values run_on_means(const std::function<std::string(OnnxBuilder&, const std::string&)>& build,
                    const char* last = "Flatten") {
  OnnxBuilder b({2, 1, 2});
  const std::string mean =
      b.node("ReduceMean", {"x"}, "mean", {{"axes", Ints{1, 2, 3}}, {"keepdims", std::int64_t{0}}});
  std::vector<std::string> inputs{build(b, mean)};
  if (last == std::string("Unsqueeze")) inputs.push_back(b.integers("axes", {1}));
  if (last == std::string("Reshape")) inputs.push_back(b.integers("target", {-1, 1}));
  b.output(b.node(last, inputs, "logits"));
  return run(imported(b), {1, 3, 10, 30, -2, -2, -2, -2}, 2);  // means 11 and −2
}

TEST(OnnxRun, OneNumberPerImageBecomesARowAgain) {
  for (const char* last : {"Flatten", "Reshape", "Unsqueeze"})
    EXPECT_THAT(run_on_means([](OnnxBuilder&, const std::string& v) { return v; }, last), ElementsAre(11, -2)) << last;
}

TEST(OnnxRun, OneNumberPerImageTakesPartInArithmetic) {
  EXPECT_THAT(run_on_means([](OnnxBuilder& b, const std::string& v) {
                const std::string twice = b.node("Mul", {v, b.floats("two", {}, {2})}, "m");
                return b.node("Sub", {b.floats("one", {1}, {1}), twice}, "s");
              }),
              ElementsAre(-21, 5));
  EXPECT_THAT(run_on_means([](OnnxBuilder& b, const std::string& v) { return b.node("Add", {v, v}, "s"); }),
              ElementsAre(22, -4));
  EXPECT_THAT(run_on_means([](OnnxBuilder& b, const std::string& v) {
                return b.node("PRelu", {v, b.floats("slope", {}, {0.5f})}, "p");
              }),
              ElementsAre(11, -1));
  EXPECT_THAT(run_on_means([](OnnxBuilder& b, const std::string& v) {
                return b.node("HardSigmoid", {v}, "h", {{"alpha", 0.25f}, {"beta", 0.75f}});
              }),
              ElementsAre(1, 0.25f));
}

// The detour exporters write for x.view(x.size(0), -1), and axes put in and taken out again.
TEST(OnnxRun, ShapesThatAreComputedArriveAsReshapes) {
  OnnxBuilder b({2, 1, 2});
  b.node("Gather", {b.node("Shape", {"x"}, "shape"), b.integers("first", {0})}, "batch");
  b.node("Unsqueeze", {"x", b.integers("axes", {2})}, "wide");
  b.node("Squeeze", {"wide", "axes"}, "narrow");
  b.output(b.node("Reshape", {"narrow", b.integers("target", {-1, 4})}, "logits"));
  EXPECT_THAT(run(imported(b), {1, 2, 3, 4, 5, 6, 7, 8}, 2), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST(OnnxRun, PadOfHeightAndWidth) {
  OnnxBuilder b({1, 1, 2});
  b.integers("pads", {0, 0, 0, 1, 0, 0, 0, 2});
  b.output(b.node("Flatten", {b.node("Pad", {"x", "pads"}, "p")}, "logits"));
  EXPECT_THAT(run(imported(b), {5, 6}), ElementsAre(0, 5, 6, 0, 0));
}

TEST(OnnxRun, QuantizeAndDequantizeRoundToTheGrid) {
  const auto with = [](int type, int zero) {
    return run_on_row(
        [&](OnnxBuilder& b) {
          b.floats("s", {}, {0.5f});
          b.code("z", type, zero);
          return b.node("DequantizeLinear", {b.node("QuantizeLinear", {"x", "s", "z"}, "q"), "s", "z"}, "d");
        },
        {0.25f, 0.75f, -100, 100, 0.6f});
  };
  // 0.25 / 0.5 and 0.75 / 0.5 lie half-way: to even, 0 and 2.
  EXPECT_THAT(with(onnx::TensorProto::UINT8, 10), ElementsAre(0, 1, -5, 100, 0.5f));
  EXPECT_THAT(with(onnx::TensorProto::INT8, 0), ElementsAre(0, 1, -64, 63.5f, 0.5f));
}

TEST(OnnxRun, QuantizedWeightsAreDequantizedPerChannel) {
  OnnxBuilder b({1, 1, 1});
  auto& codes = b.tensor("codes", onnx::TensorProto::INT8, {2, 1, 1, 1});
  codes.set_raw_data(std::string("\x83\x02", 2));  // −125, 2
  b.floats("s", {2}, {0.5f, 4});
  b.tensor("z", onnx::TensorProto::INT8, {2}).set_raw_data(std::string("\x00\x01", 2));
  b.node("DequantizeLinear", {"codes", "s", "z"}, "w", {{"axis", std::int64_t{0}}});
  b.output(b.node("Flatten", {b.node("Conv", {"x", "w"}, "c")}, "logits"));
  EXPECT_THAT(run(imported(b), {1}), ElementsAre(-62.5f, 4));
}

TEST(OnnxRun, ExternalDataIsReadAndNamed) {
  const test::TempDir folder;
  std::filesystem::create_directory(folder.path() / "data");
  const Values weights{99, 3, 4};
  std::ofstream(folder.path() / "data/w.bin", std::ios::binary)
      .write(reinterpret_cast<const char*>(weights.data()), sizeof(float) * 3);
  OnnxBuilder b({2, 1, 1});
  auto& tensor = b.tensor("w", onnx::TensorProto::FLOAT, {1, 2, 1, 1});
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] : {std::pair{"location", "data/w.bin"}, {"offset", "4"}, {"length", "8"}}) {
    auto& entry = *tensor.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  b.output(b.node("Flatten", {b.node("Conv", {"x", "w"}, "c")}, "logits"));
  const OnnxModel model = import_onnx(b.save(folder.path()), {});
  EXPECT_THAT(model.external_files, ElementsAre(std::filesystem::canonical(folder.path() / "data/w.bin")));
  const std::string_view bytes(reinterpret_cast<const char*>(weights.data()), sizeof(float) * 3);
  EXPECT_EQ(model.external_sha256, Sha256().add_bytes(Sha256().add_bytes(bytes).hex() + "\n").hex());
  EXPECT_THAT(run(model.graph, {10, 100}), ElementsAre(430));
}

TEST(OnnxRun, EqualsTheSameNetworkBuiltByHand) {
  test::GraphBuilder hand({3, 9, 7});
  Window window;
  window.kernel = {3, 3};
  window.stride = {2, 2};
  window.padding = {1, 1, 1, 1};
  const int conv = hand.conv(0, 3, 4, window, 5);
  const Graph expected = hand.finish(hand.node(Op::relu6, {conv}), 4, 6);

  OnnxBuilder b({3, 9, 7});
  const auto add = [&](const std::string& name, const Tensor& tensor) {
    return b.floats(name, tensor.shape(), {tensor.values().begin(), tensor.values().end()});
  };
  const Node& by_hand = expected.nodes[1];
  b.node("Conv", {"x", add("w", by_hand.weight), add("b", by_hand.bias)}, "c",
         {{"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}});
  b.node("Clip", {"c", b.floats("zero", {}, {0}), b.floats("six", {}, {6})}, "r");
  b.node("Flatten", {b.node("GlobalAveragePool", {"r"}, "p")}, "f");
  const Node& linear = expected.nodes.back();
  b.output(
      b.node("Gemm", {"f", add("fw", linear.weight), add("fb", linear.bias)}, "logits", {{"transB", std::int64_t{1}}}));
  const Graph graph = imported(b);
  const Values images = test::images_for(expected, 3, 11);
  EXPECT_EQ(graph.num_classes, 6);
  EXPECT_EQ(run(graph, images, 3), run(expected, images, 3));
}

}  // namespace
}  // namespace qeval
