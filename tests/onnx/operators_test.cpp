// Operators of ONNX over their whole range: against numbers computed by hand here.
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "tests/onnx/run_onnx.h"

namespace qeval {
namespace {

using test::imported;
using test::Ints;
using test::OnnxAttributes;
using test::OnnxBuilder;
using test::run;
using test::run_on_row;
using test::Values;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;

constexpr float infinity = std::numeric_limits<float>::infinity();

using Build = std::function<std::string(OnnxBuilder&)>;

/// What `build` makes of one image "x" of `shape`, flattened.
Values run_on(const Ints& shape, const Values& image, const Build& build, int opset = 17) {
  OnnxBuilder b(shape, opset);
  b.output(b.node("Flatten", {build(b)}, "logits"));
  return run(imported(b), image);
}

std::string refusal(const Ints& shape, const Build& build, int opset = 17) {
  OnnxBuilder b(shape, opset);
  b.output(b.node("Flatten", {build(b)}, "logits"));
  try {
    imported(b);
    return "none";
  } catch (const InputError& error) {
    return error.what();
  }
}

// A value is the same as an initializer, as a Constant's tensor and in a Constant's short forms.
TEST(OnnxOperators, LimitsOfClipMayBeInfiniteInEveryForm) {
  const Values row{-8, 0.5f, 9};
  const auto with = [&](const Build& limit) {
    return run_on_row([&](OnnxBuilder& b) { return b.node("Clip", {"x", limit(b), b.floats("high", {}, {3})}, "y"); },
                      row);
  };
  EXPECT_THAT(with([](OnnxBuilder& b) { return b.floats("low", {}, {-infinity}); }), ElementsAre(-8, 0.5f, 3));
  EXPECT_THAT(with([](OnnxBuilder& b) { return b.node("Constant", {}, "low", {{"value_float", -infinity}}); }),
              ElementsAre(-8, 0.5f, 3));
}

TEST(OnnxOperators, ConstantHoldsListsOfFloats) {
  OnnxBuilder b({2, 1, 1});
  b.node("Constant", {}, "c", {});
  auto& list = *b.model.mutable_graph()->mutable_node(0)->add_attribute();
  list.set_name("value_floats");
  for (const float value : {10.0f, 20.0f}) list.add_floats(value);
  b.output(b.node("Add", {b.node("Flatten", {"x"}, "f"), "c"}, "logits"));
  EXPECT_THAT(run(imported(b), {1, 2}), ElementsAre(11, 22));
}

TEST(OnnxOperators, FunctionsOfSingleValuesFollowTheirDefinitions) {
  const Values row{-1.5f, -0.25f, 0.5f, 2};
  const auto expect = [&](const char* op, float (*function)(float), const OnnxAttributes& attributes = {}) {
    Values wanted;
    for (const float x : row) wanted.push_back(function(x));
    EXPECT_THAT(run_on_row([&](OnnxBuilder& b) { return b.node(op, {"x"}, "y", attributes); }, row),
                Pointwise(FloatNear(1e-6f), wanted))
        << op;
  };
  expect("Tanh", [](float x) { return std::tanh(x); });
  expect("Erf", [](float x) { return std::erf(x); });
  expect("Exp", [](float x) { return std::exp(x); });
  expect("Abs", [](float x) { return std::abs(x); });
  expect("Neg", [](float x) { return -x; });
  expect("Reciprocal", [](float x) { return 1 / x; });
  expect("Softplus", [](float x) { return std::log1p(std::exp(x)); });
  expect("Mish", [](float x) { return x * std::tanh(std::log1p(std::exp(x))); });
  expect("Elu", [](float x) { return x < 0 ? 0.5f * std::expm1(x) : x; }, {{"alpha", 0.5f}});
  expect("Gelu", [](float x) { return x / 2 * (1 + std::tanh(0.7978845608f * (x + 0.044715f * x * x * x))); },
         {{"approximate", std::string("tanh")}});
}

TEST(OnnxOperators, RootsLogarithmsAndPowers) {
  EXPECT_THAT(run_on_row([](OnnxBuilder& b) { return b.node("Sqrt", {"x"}, "y"); }, {4, 9}), ElementsAre(2, 3));
  EXPECT_THAT(run_on_row([](OnnxBuilder& b) { return b.node("Log", {"x"}, "y"); }, {1, std::exp(2.0f)}),
              Pointwise(FloatNear(1e-6f), Values{0, 2}));
  EXPECT_THAT(run_on_row([](OnnxBuilder& b) { return b.node("Pow", {"x", b.floats("e", {}, {3})}, "y"); }, {2, -3}),
              ElementsAre(8, -27));
  EXPECT_THAT(run_on_row([](OnnxBuilder& b) { return b.node("Pow", {b.floats("e", {}, {2}), "x"}, "y"); }, {3, -1}),
              ElementsAre(8, 0.5f));
  EXPECT_THAT(run_on_row([](OnnxBuilder& b) { return b.node("Pow", {"x", "x"}, "y"); }, {2, 3}), ElementsAre(4, 27));
}

// Two channels of one row of two values.
constexpr const char* pairs[] = {"Add", "Sub", "Mul", "Div", "Min", "Max", "Sum"};

TEST(OnnxOperators, ActivationsAreRepeatedInArithmetic) {
  const auto with_sums = [](const char* op, bool sums_first) {
    return run_on({2, 1, 2}, {1, 3, 8, 2}, [&](OnnxBuilder& b) {
      const std::string sums = b.node("ReduceSum", {"x", b.integers("axes", {3})}, "s");  // 4, 10
      return b.node(op, sums_first ? std::vector<std::string>{sums, "x"} : std::vector<std::string>{"x", sums}, "y");
    });
  };
  const Values x_first[] = {{5, 7, 18, 12}, {-3, -1, -2, -8}, {4, 12, 80, 20}, {0.25f, 0.75f, 0.8f, 0.2f},
                            {1, 3, 8, 2},   {4, 4, 10, 10},   {5, 7, 18, 12}};
  for (std::size_t i = 0; i < std::size(pairs); ++i)
    EXPECT_THAT(with_sums(pairs[i], false), ElementsAreArray(x_first[i])) << pairs[i];
  EXPECT_THAT(with_sums("Sub", true), ElementsAre(3, 1, 2, 8));
  EXPECT_THAT(with_sums("Div", true), ElementsAre(4, 4.0f / 3, 1.25f, 5));
}

TEST(OnnxOperators, ConstantsVaryAlongAnyAxis) {
  const auto with_row = [](const char* op, bool constant_first) {
    return run_on({2, 1, 2}, {1, 3, 8, 2}, [&](OnnxBuilder& b) {
      b.floats("c", {2}, {2, 4});
      return b.node(op, constant_first ? std::vector<std::string>{"c", "x"} : std::vector<std::string>{"x", "c"}, "y");
    });
  };
  const Values x_first[] = {{3, 7, 10, 6}, {-1, -1, 6, -2}, {2, 12, 16, 8}, {0.5f, 0.75f, 4, 0.5f},
                            {1, 3, 2, 2},  {2, 4, 8, 4},    {3, 7, 10, 6}};
  for (std::size_t i = 0; i < std::size(pairs); ++i)
    EXPECT_THAT(with_row(pairs[i], false), ElementsAreArray(x_first[i])) << pairs[i];
  EXPECT_THAT(with_row("Sub", true), ElementsAre(1, 1, -6, 2));
  EXPECT_THAT(with_row("Div", true), ElementsAre(2, 4.0f / 3, 0.25f, 2));
}

TEST(OnnxOperators, ConstantMayRepeatTheActivation) {
  EXPECT_THAT(run_on({1, 1, 2}, {1, 3},
                     [](OnnxBuilder& b) { return b.node("Mul", {"x", b.floats("c", {1, 1, 2, 1}, {10, 100})}, "y"); }),
              ElementsAre(10, 30, 100, 300));
}

// A convolution takes a summand into its own output only where it has that shape.
TEST(OnnxOperators, SumOfAConvolutionAndARepeatedValue) {
  EXPECT_THAT(run_on({1, 1, 3}, {1, 2, 6},
                     [](OnnxBuilder& b) {
                       const std::string mean = b.node("GlobalAveragePool", {"x"}, "m");
                       const std::string conv = b.node("Conv", {"x", b.floats("w", {1, 1, 1, 1}, {10})}, "c");
                       return b.node("Add", {mean, conv}, "y");
                     }),
              ElementsAre(13, 23, 63));
}

TEST(OnnxOperators, OperandsThatMeetTheBatchAreRefused) {
  EXPECT_THAT(
      refusal({2, 1, 2}, [](OnnxBuilder& b) { return b.node("Add", {"x", b.node("Flatten", {"x"}, "f")}, "y"); }),
      HasSubstr("'y' (Add): its inputs have different ranks"));
  EXPECT_THAT(
      refusal({2, 1, 2}, [](OnnxBuilder& b) { return b.node("Max", {"x", b.floats("c", {2, 1, 1, 1}, {1, 2})}, "y"); }),
      HasSubstr("'y' (Max): its constant has another value for each image"));
}

TEST(OnnxOperators, SlopesOfPReluOfEveryShape) {
  const auto with = [](const Ints& shape, const Values& slopes) {
    return run_on({2, 1, 2}, {-1, -1, -1, 5},
                  [&](OnnxBuilder& b) { return b.node("PRelu", {"x", b.floats("s", shape, slopes)}, "y"); });
  };
  EXPECT_THAT(with({}, {2}), ElementsAre(-2, -2, -2, 5));
  EXPECT_THAT(with({2, 1, 1}, {2, 3}), ElementsAre(-2, -2, -3, 5));
  EXPECT_THAT(with({2}, {2, 3}), ElementsAre(-2, -3, -2, 5));
  EXPECT_THAT(with({1, 2, 1, 2}, {2, 3, 4, 6}), ElementsAre(-2, -3, -4, 5));
}

// Channel 0: {0, ln 3}, channel 1: {ln 3, ln 9}.
TEST(OnnxOperators, SoftmaxOverEachAxisOrWhatFollowsIt) {
  const float ln3 = std::log(3.0f);
  const auto with = [&](std::int64_t axis, int opset) {
    return run_on(
        {2, 1, 2}, {0, ln3, ln3, 2 * ln3},
        [&](OnnxBuilder& b) { return b.node("Softmax", {"x"}, "y", {{"axis", axis}}); }, opset);
  };
  const auto near = [](const Values& values) { return Pointwise(FloatNear(1e-6f), values); };
  EXPECT_THAT(with(1, 13), near({0.25f, 0.25f, 0.75f, 0.75f}));
  EXPECT_THAT(with(-1, 13), near({0.25f, 0.75f, 0.25f, 0.75f}));
  EXPECT_THAT(with(3, 11), near({0.25f, 0.75f, 0.25f, 0.75f}));
  EXPECT_THAT(with(2, 11), near({0.25f, 0.75f, 0.25f, 0.75f}));
  EXPECT_THAT(with(1, 11), near({1.0f / 16, 3.0f / 16, 3.0f / 16, 9.0f / 16}));
}

TEST(OnnxOperators, LogSoftmaxDoesNotVanish) {
  EXPECT_THAT(run_on_row([](OnnxBuilder& b) { return b.node("LogSoftmax", {"x"}, "y"); }, {0, -200}),
              ElementsAre(0, -200));
}

// Over both axes behind the channels: means 2 and −2, deviations 1 and 2.
TEST(OnnxOperators, LayerNormalizationOverSeveralAxes) {
  const auto with = [](const Ints& shape, const Values& scale) {
    return run_on({2, 2, 1}, {1, 3, -4, 0}, [&](OnnxBuilder& b) {
      return b.node("LayerNormalization", {"x", b.floats("s", shape, scale), b.floats("b", {2, 1}, {10, 20})}, "y",
                    {{"axis", std::int64_t{2}}, {"epsilon", 0.0f}});
    });
  };
  EXPECT_THAT(with({2, 1}, {2, 3}), Pointwise(FloatNear(1e-5f), Values{8, 23, 8, 23}));
  EXPECT_THAT(with({1}, {2}), Pointwise(FloatNear(1e-5f), Values{8, 22, 8, 22}));
}

TEST(OnnxOperators, BatchNormalizationOfRows) {
  OnnxBuilder b({2, 1, 2});
  const std::string rows = b.node("Squeeze", {"x", b.integers("axes", {2})}, "r");
  const std::vector<std::string> inputs{rows, b.floats("g", {2}, {10, 100}), b.floats("b", {2}, {1, 2}),
                                        b.floats("m", {2}, {0, 0}), b.floats("v", {2}, {1, 1})};
  b.output(b.node("Flatten", {b.node("BatchNormalization", inputs, "n", {{"epsilon", 0.0f}})}, "logits"));
  EXPECT_THAT(run(imported(b), {1, 2, 3, 4}), ElementsAre(11, 21, 302, 402));
}

Values padded(const char* mode, const Ints& pads, const std::vector<std::string>& more = {}) {
  return run_on({1, 1, 3}, {1, 2, 3}, [&](OnnxBuilder& b) {
    std::vector<std::string> inputs{"x", b.integers("pads", pads)};
    if (!more.empty()) inputs.push_back(b.floats(more[0], {}, {7}));
    return b.node("Pad", inputs, "y", {{"mode", std::string(mode)}});
  });
}

TEST(OnnxOperators, PadByAValueAndFromTheImageItself) {
  const Ints width{0, 0, 0, 2, 0, 0, 0, 1};
  EXPECT_THAT(padded("constant", width, {"seven"}), ElementsAre(7, 7, 1, 2, 3, 7));
  EXPECT_THAT(padded("reflect", width), ElementsAre(3, 2, 1, 2, 3, 2));
  EXPECT_THAT(padded("edge", width), ElementsAre(1, 1, 1, 2, 3, 3));
  EXPECT_THAT(padded("wrap", width), ElementsAre(2, 3, 1, 2, 3, 1));
  EXPECT_THAT(padded("constant", {0, 0, 0, -1, 0, 0, 0, 2}), ElementsAre(2, 3, 0, 0));
  EXPECT_THAT(padded("constant", {0, 1, 0, 0, 0, 0, 0, 0}, {"seven"}), ElementsAre(7, 7, 7, 1, 2, 3));
}

TEST(OnnxOperators, PadOfTheAxesItNames) {
  EXPECT_THAT(run_on(
                  {1, 1, 2}, {1, 2},
                  [](OnnxBuilder& b) {
                    return b.node("Pad", {"x", b.integers("pads", {1, 0}), "", b.integers("axes", {-1})}, "y");
                  },
                  18),
              ElementsAre(0, 1, 2));
}

TEST(OnnxOperators, SlicesForwardsBackwardsAndOfSeveralAxes) {
  const auto with = [](const Ints& start, const Ints& end, const Ints& axes, const Ints& steps) {
    return run_on({2, 1, 4}, {1, 2, 3, 4, 5, 6, 7, 8}, [&](OnnxBuilder& b) {
      return b.node("Slice",
                    {"x", b.integers("start", start), b.integers("end", end), b.integers("axes", axes),
                     b.integers("steps", steps)},
                    "y");
    });
  };
  EXPECT_THAT(with({1}, {3}, {3}, {1}), ElementsAre(2, 3, 6, 7));
  EXPECT_THAT(with({0}, {INT64_MAX}, {-1}, {3}), ElementsAre(1, 4, 5, 8));
  EXPECT_THAT(with({-1}, {INT64_MIN}, {3}, {-2}), ElementsAre(4, 2, 8, 6));
  EXPECT_THAT(with({2}, {0}, {3}, {-1}), ElementsAre(3, 2, 7, 6));
  EXPECT_THAT(with({1, -2}, {2, 100}, {1, 3}, {1, 1}), ElementsAre(7, 8));
  EXPECT_THAT(with({0, 1}, {INT64_MAX, 2}, {0, 1}, {1, 1}), ElementsAre(5, 6, 7, 8));
}

TEST(OnnxOperators, SliceOfTheBatchIsRefused) {
  EXPECT_THAT(refusal({1, 1, 2},
                      [](OnnxBuilder& b) {
                        return b.node("Slice",
                                      {"x", b.integers("start", {1}), b.integers("end", {2}), b.integers("axes", {0})},
                                      "y");
                      }),
              HasSubstr("'y' (Slice): it takes images out of the batch"));
}

TEST(OnnxOperators, GatherPicksPositions) {
  const auto with = [](const Ints& shape, const Ints& indices) {
    return run_on({3, 1, 1}, {1, 2, 3}, [&](OnnxBuilder& b) {
      auto& tensor = b.tensor("i", onnx::TensorProto::INT64, shape);
      for (const std::int64_t index : indices) tensor.add_int64_data(index);
      return b.node("Gather", {"x", "i"}, "y", {{"axis", std::int64_t{1}}});
    });
  };
  EXPECT_THAT(with({4}, {2, 0, -1, 1}), ElementsAre(3, 1, 3, 2));
  EXPECT_THAT(with({}, {-2}), ElementsAre(2));
}

TEST(OnnxOperators, SumsAndMaximaOverAxes) {
  const auto with = [](const char* op, std::int64_t keep) {
    return run_on({2, 1, 2}, {1, 3, -10, -30}, [&](OnnxBuilder& b) {
      return b.node(op, {"x", b.integers("axes", {-1})}, "y", {{"keepdims", keep}});
    });
  };
  for (const std::int64_t keep : {0, 1}) {
    EXPECT_THAT(with("ReduceSum", keep), ElementsAre(4, -40));
    EXPECT_THAT(with("ReduceMax", keep), ElementsAre(3, -10));
  }
}

// Quantizers give a bias the scale input · weight, whose sign is the weight's, and zeros the scale 0.
TEST(OnnxOperators, DequantizedConstantsMayHaveNegativeScales) {
  OnnxBuilder b({1, 1, 1});
  b.tensor("codes", onnx::TensorProto::INT32, {3}).add_int32_data(10);
  auto& codes = *b.model.mutable_graph()->mutable_initializer(0);
  for (const int code : {-20, 30}) codes.add_int32_data(code);
  b.node("DequantizeLinear", {"codes", b.floats("s", {3}, {-0.5f, 0.25f, 0})}, "bias", {{"axis", std::int64_t{0}}});
  b.output(b.node("Flatten", {b.node("Conv", {"x", b.floats("w", {3, 1, 1, 1}, {1, 1, 1}), "bias"}, "c")}, "logits"));
  EXPECT_THAT(run(imported(b), {100}), ElementsAre(95, 95, 100));
}

Values spread(const OnnxAttributes& more) {
  OnnxAttributes attributes{{"strides", Ints{1, 2}}};
  attributes.insert(attributes.end(), more.begin(), more.end());
  return run_on_row(
      [&](OnnxBuilder& b) {
        return b.node("ConvTranspose", {"x", b.floats("w", {1, 1, 1, 3}, {1, 10, 100})}, "c", attributes);
      },
      {1, 2});
}

// The whole result is 1, 10, 102, 20, 200.
TEST(OnnxOperators, TransposedConvolutionOfAGivenSize) {
  EXPECT_THAT(spread({{"auto_pad", std::string("SAME_UPPER")}}), ElementsAre(1, 10, 102, 20));
  EXPECT_THAT(spread({{"auto_pad", std::string("SAME_LOWER")}}), ElementsAre(10, 102, 20, 200));
  EXPECT_THAT(spread({{"output_shape", Ints{1, 4}}}), ElementsAre(10, 102, 20, 200));
  EXPECT_THAT(spread({{"output_shape", Ints{1, 3}}}), ElementsAre(10, 102, 20));
  EXPECT_THAT(spread({{"output_shape", Ints{1, 6}}}), ElementsAre(1, 10, 102, 20, 200, 0));
}

TEST(OnnxOperators, SplitInEveryFormAndOfOneOutput) {
  const Values row{1, 2, 3, 4, 5};
  const auto with = [&](int opset, const std::vector<std::string>& inputs, const OnnxAttributes& attributes) {
    return run_on(
        {1, 1, 5}, row,
        [&](OnnxBuilder& b) {
          b.integers("sizes", {2, 3});
          b.node("Split", inputs, "first", attributes);
          b.model.mutable_graph()->mutable_node(b.model.graph().node_size() - 1)->add_output("second");
          return b.node("Concat", {"second", "first"}, "turned", {{"axis", std::int64_t{3}}});
        },
        opset);
  };
  EXPECT_THAT(with(13, {"x", "sizes"}, {{"axis", std::int64_t{3}}}), ElementsAre(3, 4, 5, 1, 2));
  EXPECT_THAT(with(11, {"x"}, {{"axis", std::int64_t{-1}}, {"split", Ints{2, 3}}}), ElementsAre(3, 4, 5, 1, 2));
  EXPECT_THAT(with(18, {"x"}, {{"axis", std::int64_t{3}}, {"num_outputs", std::int64_t{2}}}),
              ElementsAre(4, 5, 1, 2, 3));
}

TEST(OnnxOperators, ExpandRepeatsSidesOfLengthOne) {
  const auto wished = [](const Ints& shape) {
    return run_on({1, 2, 1}, {3, 4},
                  [&](OnnxBuilder& b) { return b.node("Expand", {"x", b.integers("shape", shape)}, "y"); });
  };
  EXPECT_THAT(wished({1, 1, 2, 2}), ElementsAre(3, 3, 4, 4));
  EXPECT_THAT(wished({2, 1, 1}), ElementsAre(3, 4, 3, 4));
  EXPECT_THAT(wished({3}), ElementsAre(3, 3, 3, 4, 4, 4));
  const auto refused = [](const Ints& shape) {
    return refusal({1, 2, 1}, [&](OnnxBuilder& b) { return b.node("Expand", {"x", b.integers("shape", shape)}, "y"); });
  };
  EXPECT_THAT(refused({4, 1, 2, 1}), HasSubstr("it repeats the batch"));
  EXPECT_THAT(refused({3, 1}), HasSubstr("the shape does not fit its input"));
  EXPECT_THAT(refused({1, 1, 1, 2, 1}), HasSubstr("the batch meets another one"));
}

/// As exporters of torch write expand_as: sizes that are open are taken from a list of ones.
TEST(OnnxOperators, ExpandToTheShapeOfAnother) {
  const Values made = run_on({1, 2, 2}, {1, 2, 3, 4}, [](OnnxBuilder& b) {
    const std::string shape = b.node("Shape", {"x"}, "sides");
    const std::string ones = b.node("ConstantOfShape", {b.integers("axes", {4})}, "zeros");
    const std::string whole = b.node("Cast", {ones}, "whole", {{"to", std::int64_t{7}}});
    const std::string one = b.node("Add", {whole, b.integers("one", {1})}, "ones");
    const std::string open = b.node("Equal", {shape, b.node("Neg", {one}, "minus")}, "open");
    const std::string wished = b.node("Where", {open, one, shape}, "wished");
    const std::string largest = b.node("ReduceMax", {"x"}, "largest", {{"axes", Ints{2}}});
    return b.node("Expand", {largest, wished}, "y");
  });
  EXPECT_THAT(made, ElementsAre(3, 4, 3, 4));
}

TEST(OnnxOperators, WhereChoosesByAConstantCondition) {
  const auto made = [](const std::string& a, const std::string& b) {
    return run_on({1, 1, 3}, {1, 2, 3}, [&](OnnxBuilder& builder) {
      auto& mask = builder.tensor("mask", onnx::TensorProto::BOOL, {1, 3});
      for (const int value : {1, 0, 1}) mask.add_int32_data(value);
      builder.floats("other", {}, {-infinity});
      builder.node("Neg", {"x"}, "minus");
      return builder.node("Where", {"mask", a, b}, "y");
    });
  };
  EXPECT_THAT(made("x", "other"), ElementsAre(1, -infinity, 3));
  EXPECT_THAT(made("other", "x"), ElementsAre(-infinity, 2, -infinity));
  EXPECT_THAT(made("minus", "x"), ElementsAre(-1, 2, -3));
}

TEST(OnnxOperators, LocalResponseNormalization) {
  // 1/(1 + 3/3·(1 + 4))^0.5, 2/(1 + 1 + 4 + 9)^0.5, 3/(1 + 4 + 9)^0.5
  const Values made = run_on({3, 1, 1}, {1, 2, 3}, [](OnnxBuilder& b) {
    return b.node("LRN", {"x"}, "y", {{"size", std::int64_t{3}}, {"alpha", 3.0f}, {"beta", 0.5f}, {"bias", 1.0f}});
  });
  EXPECT_THAT(made, Pointwise(FloatNear(1e-6f), Values{0.40824829f, 0.51639778f, 0.80178373f}));
}

TEST(OnnxOperators, NormalizationOfInstancesAndGroups) {
  const Values image{1, 3, 10, 14, -2, 2, 0, 4};  // [4, 1, 2]
  const auto parameters = [](OnnxBuilder& b) {
    b.floats("scale", {4}, {1, 2, 3, 4});
    b.floats("bias", {4}, {0, 0, 0, 5});
  };
  const Values instances = run_on({4, 1, 2}, image, [&](OnnxBuilder& b) {
    parameters(b);
    return b.node("InstanceNormalization", {"x", "scale", "bias"}, "y", {{"epsilon", 0.0f}});
  });
  EXPECT_THAT(instances, Pointwise(FloatNear(1e-5f), Values{-1, 1, -2, 2, -3, 3, 1, 9}));
  const Values groups = run_on(
      {4, 1, 2}, image,
      [&](OnnxBuilder& b) {
        parameters(b);
        return b.node("GroupNormalization", {"x", "scale", "bias"}, "y",
                      {{"num_groups", std::int64_t{2}}, {"epsilon", 0.0f}});
      },
      21);
  // Means 7 and 1, deviations (27.5)^½ and 5^½.
  EXPECT_THAT(groups, Pointwise(FloatNear(1e-5f), Values{-1.14415514f, -0.76277006f, 1.14415514f, 2.66969529f,
                                                         -4.02492237f, 1.34164071f, 3.21114552f, 10.3665631f}));
}

}  // namespace
}  // namespace qeval
