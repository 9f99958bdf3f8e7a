// What an ONNX file leaves to compute of constants: the numbers that NumPy makes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/model/onnx/import_onnx.h"
#include "tests/support/onnx_builder.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

using test::OnnxBuilder;
using testing::ElementsAre;
using testing::HasSubstr;
using Build = std::function<std::string(OnnxBuilder&)>;

/// The constant that `build` makes, as the one that is added to the image, [1, 1, 6].
Tensor folded(const Build& build) {
  OnnxBuilder b({1, 1, 6});
  b.output(b.node("Flatten", {b.node("Pow", {"x", build(b)}, "sum")}, "logits"));
  const test::TempDir folder;
  return import_onnx(b.save(folder.path()), {}).graph.nodes.at(1).weight;
}

std::string refusal(const Build& build) {
  try {
    folded(build);
    return "none";
  } catch (const InputError& error) {
    return error.what();
  }
}

std::string floats(OnnxBuilder& b, const std::string& name) { return b.floats(name, {6}, {0.5f, -1.5f, 2, 3, -4, 5}); }

/// The list of whole numbers that `build` makes, as floats.
Tensor folded_integers(const Build& build) {
  return folded([&](OnnxBuilder& b) { return b.node("Cast", {build(b)}, "as_floats", {{"to", std::int64_t{1}}}); });
}

TEST(OnnxConstantFolding, ArithmeticRepeatsSidesOfLengthOne) {
  const auto with = [](const std::string& op, const std::string& order) {
    return folded([&](OnnxBuilder& b) {
      const std::string list = floats(b, "list"), two = b.floats("two", {1, 1}, {2});
      return b.node(op, order == "first" ? std::vector{list, two} : std::vector{two, list}, "made");
    });
  };
  EXPECT_THAT(with("Add", "first").values(), ElementsAre(2.5f, 0.5f, 4, 5, -2, 7));
  EXPECT_THAT(with("Sub", "second").values(), ElementsAre(1.5f, 3.5f, 0, -1, 6, -3));
  EXPECT_THAT(with("Mul", "first").values(), ElementsAre(1, -3, 4, 6, -8, 10));
  EXPECT_THAT(with("Div", "second").values(), ElementsAre(4, 2 / -1.5f, 1, 2.0f / 3, -0.5f, 0.4f));
  EXPECT_THAT(with("Max", "first").values(), ElementsAre(2, 2, 2, 3, 2, 5));
  EXPECT_EQ(with("Min", "first").shape(), (std::vector<std::int64_t>{1, 1, 6}));
}

TEST(OnnxConstantFolding, WholeNumbersDivideTowardsZeroAndHaveTheDivisorsRemainder) {
  const auto with = [](const std::string& op, const test::OnnxAttributes& attributes = {}) {
    return folded_integers([&](OnnxBuilder& b) {
      return b.node(op, {b.integers("a", {7, -7, 7, -7, 6, 0}), b.integers("b", {2, 2, -2, -2, 3, 5})}, "made",
                    attributes);
    });
  };
  EXPECT_THAT(with("Div").values(), ElementsAre(3, -3, -3, 3, 2, 0));
  EXPECT_THAT(with("Mod").values(), ElementsAre(1, 1, -1, -1, 0, 0));
  EXPECT_THAT(with("Mod", {{"fmod", std::int64_t{1}}}).values(), ElementsAre(1, -1, 1, -1, 0, 0));
  EXPECT_THAT(with("Pow").values(), ElementsAre(49, 49, 0, 0, 216, 0));
}

TEST(OnnxConstantFolding, ComparisonsChooseInWhere) {
  const Tensor chosen = folded([](OnnxBuilder& b) {
    const std::string list = floats(b, "list");
    const std::string large = b.node("Greater", {list, b.floats("one", {}, {1})}, "large");
    const std::string other = b.node("Not", {large}, "other");
    const std::string none = b.node("And", {large, other}, "none");
    const std::string some = b.node("Or", {large, none}, "some");
    return b.node("Where", {some, list, b.floats("nine", {1}, {9})}, "made");
  });
  EXPECT_THAT(chosen.values(), ElementsAre(9, 9, 2, 3, 9, 5));
}

TEST(OnnxConstantFolding, MovesOfSeveralAxes) {
  const Tensor made = folded([](OnnxBuilder& b) {
    const std::string matrix = b.floats("m", {2, 3}, {1, 2, 3, 4, 5, 6});
    const std::string turned = b.node("Transpose", {matrix}, "turned", {{"perm", std::vector<std::int64_t>{1, 0}}});
    const std::string rows = b.node("Gather", {turned, b.integers("rows", {-1, 0})}, "rows_of",  // [[3, 6], [1, 4]]
                                    {{"axis", std::int64_t{0}}});
    const std::string joined = b.node("Concat", {rows, turned}, "joined", {{"axis", std::int64_t{0}}});
    const std::string last = b.node("Slice",
                                    {joined, b.integers("starts", {-1}), b.integers("ends", {1}),
                                     b.integers("axes", {0}), b.integers("steps", {-1})},
                                    "last");  // rows 4, 3, 2 of the joined: [3, 6], [2, 5], [1, 4]
    return b.node("Reshape", {last, b.integers("flat", {6})}, "made");
  });
  EXPECT_THAT(made.values(), ElementsAre(3, 6, 2, 5, 1, 4));
}

TEST(OnnxConstantFolding, RangesShapesAndRepetitions) {
  const Tensor made = folded_integers([](OnnxBuilder& b) {
    for (const auto& [name, value] : std::map<std::string, int>{{"start", 5}, {"limit", -1}, {"step", -2}})
      b.tensor(name, onnx::TensorProto::INT64, {}).add_int64_data(value);
    const std::string range = b.node("Range", {"start", "limit", "step"}, "range");  // 5, 3, 1
    return b.node("Tile", {range, b.integers("times", {2})}, "made");
  });
  EXPECT_THAT(made.values(), ElementsAre(5, 3, 1, 5, 3, 1));
  const Tensor zeros = folded([](OnnxBuilder& b) {
    const std::string sides = b.node("Shape", {b.floats("like", {2, 3}, {0, 0, 0, 0, 0, 0})}, "sides");
    const std::string zero = b.node("ConstantOfShape", {sides}, "zero");
    return b.node("Expand",
                  {b.node("ReduceSum", {zero}, "total", {{"keepdims", std::int64_t{0}}}), b.integers("wished", {1, 6})},
                  "made");
  });
  EXPECT_THAT(zeros.values(), ElementsAre(0, 0, 0, 0, 0, 0));
}

TEST(OnnxConstantFolding, CastsCutTowardsZero) {
  const Tensor made = folded_integers(
      [](OnnxBuilder& b) { return b.node("Cast", {floats(b, "list")}, "whole", {{"to", std::int64_t{7}}}); });
  EXPECT_THAT(made.values(), ElementsAre(0, -1, 2, 3, -4, 5));
}

TEST(OnnxConstantFolding, SumsProductsAndExtremesAlongAxes) {
  const auto with = [](const std::string& op, std::int64_t keep = 0) {
    return folded([&](OnnxBuilder& b) {
      const std::string rows = b.floats("m", {2, 6}, {1, -2, 3, 4, 5, 6, 1, 2, 3, -4, 0, 8});
      return b.node(op, {rows}, "made", {{"axes", std::vector<std::int64_t>{0}}, {"keepdims", keep}});
    });
  };
  EXPECT_THAT(with("ReduceProd").values(), ElementsAre(1, -4, 9, -16, 0, 48));
  EXPECT_THAT(with("ReduceSum").values(), ElementsAre(2, 0, 6, 0, 5, 14));
  EXPECT_THAT(with("ReduceMean").values(), ElementsAre(1, 0, 3, 0, 2.5f, 7));
  EXPECT_THAT(with("ReduceMin").values(), ElementsAre(1, -2, 3, -4, 0, 6));
  EXPECT_THAT(with("ReduceMax", 1).values(), ElementsAre(1, 2, 3, 4, 5, 8));
}

/// A number computed of the batch's size would be another one for every batch.
TEST(OnnxConstantFolding, NothingIsComputedWithTheBatch) {
  const auto with = [](const std::string& op) {
    return refusal([&](OnnxBuilder& b) {
      const std::string batch = b.node("Gather", {b.node("Shape", {"x"}, "sides"), b.integers("first", {0})}, "batch");
      const std::string made = b.node(op, {batch, b.integers("four", {4})}, "made");
      return b.node("Cast", {made}, "as_floats", {{"to", std::int64_t{1}}});
    });
  };
  for (const char* op : {"Add", "Mul", "Max", "Div"})
    EXPECT_THAT(with(op), HasSubstr("computes with the number of images in a batch")) << op;
}

TEST(OnnxConstantFolding, WhatCannotBeComputedIsNamed) {
  const auto of_two = [](const std::string& op, std::vector<std::int64_t> a, std::vector<std::int64_t> b) {
    return refusal([&](OnnxBuilder& builder) {
      return builder.node(op, {builder.integers("a", a), builder.integers("b", b)}, "made");
    });
  };
  EXPECT_THAT(of_two("Div", {1}, {0}), HasSubstr("'made' (Div): it divides by zero"));
  EXPECT_THAT(of_two("Mod", {INT64_MIN}, {-1}), HasSubstr("its quotient is out of range"));
  EXPECT_THAT(of_two("Add", {1, 2}, {1, 2, 3}), HasSubstr("shapes that do not fit each other"));
  EXPECT_THAT(of_two("Pow", {10}, {40}), HasSubstr("its result is out of range"));
  EXPECT_THAT(of_two("Expand", {1}, {1 << 30}), HasSubstr("more than 2^26 numbers"));
  EXPECT_THAT(of_two("Gather", {1, 2}, {2}), HasSubstr("axis 2 of a value with 2 axes"));
  EXPECT_THAT(refusal([](OnnxBuilder& b) { return b.node("Sqrt", {floats(b, "list")}, "made"); }),
              HasSubstr("it makes a constant that is not a number"));
  EXPECT_THAT(refusal([](OnnxBuilder& b) { return b.node("Floor", {"x"}, "made"); }),
              HasSubstr("it is computed from the image; this operator is supported for constants only"));
}

}  // namespace
}  // namespace qeval
