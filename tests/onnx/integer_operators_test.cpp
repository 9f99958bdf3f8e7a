// QOperator files: operators on integer codes give the numbers of the network that they stand for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "tests/onnx/run_onnx.h"

namespace qeval {
namespace {

using test::Ints;
using test::OnnxBuilder;
using test::Values;
using testing::ElementsAre;
using testing::HasSubstr;

/// "x" as codes of 0.5 around 10.
OnnxBuilder quantized_row() {
  OnnxBuilder b({1, 1, 4});
  b.floats("x_scale", {}, {0.5f});
  b.code("x_zero", onnx::TensorProto::UINT8, 10);
  b.floats("y_scale", {}, {0.25f});
  b.code("y_zero", onnx::TensorProto::UINT8, 100);
  b.node("QuantizeLinear", {"x", "x_scale", "x_zero"}, "codes");
  return b;
}

std::string of_microsoft(OnnxBuilder& b, const std::string& op, const std::vector<std::string>& inputs,
                         const test::OnnxAttributes& attributes = {}) {
  const std::string name = b.node(op, inputs, op, attributes);
  b.model.mutable_graph()->mutable_node(b.model.graph().node_size() - 1)->set_domain("com.microsoft");
  return name;
}

void finish(OnnxBuilder& b, const std::string& codes) {
  b.output(b.node("Flatten", {b.node("DequantizeLinear", {codes, "y_scale", "y_zero"}, "real")}, "logits"));
}

void add_weight(OnnxBuilder& b) {
  b.tensor("w", onnx::TensorProto::INT8, {1, 1, 1, 1}).add_int32_data(3);
  b.floats("w_scale", {}, {0.25f});
  b.code("w_zero", onnx::TensorProto::INT8, 0);
  b.tensor("bias", onnx::TensorProto::INT32, {1}).add_int32_data(4);
}

TEST(OnnxIntegerOperators, ConvolutionOfCodes) {
  OnnxBuilder b = quantized_row();
  add_weight(b);
  finish(b, b.node("QLinearConv", {"codes", "x_scale", "x_zero", "w", "w_scale", "w_zero", "y_scale", "y_zero", "bias"},
                   "made"));
  // 0.75 x + 4 · 0.5 · 0.25, to multiples of 0.25, halves to even.
  EXPECT_THAT(test::run(test::imported(b), {0.5f, 1, -0.5f, 2}), ElementsAre(1, 1.25f, 0, 2));
}

TEST(OnnxIntegerOperators, WhatTheFileIsIsSaid) {
  OnnxBuilder b = quantized_row();
  add_weight(b);
  finish(b, b.node("QLinearConv", {"codes", "x_scale", "x_zero", "w", "w_scale", "w_zero", "y_scale", "y_zero", "bias"},
                   "made"));
  const test::TempDir folder;
  const OnnxQuantization said = import_onnx(b.save(folder.path()), {}).quantization;
  EXPECT_EQ(said.text(), "1 integer operator, 1 Q/DQ pair, weights int8 per tensor, activations uint8");
  EXPECT_EQ(said.precision(), "w8a8");
}

TEST(OnnxIntegerOperators, SumOfCodesAndWhatMovesThem) {
  OnnxBuilder b = quantized_row();
  const std::string pool =
      b.node("MaxPool", {"codes"}, "pool", {{"kernel_shape", Ints{1, 2}}, {"pads", Ints{0, 0, 0, 1}}});
  finish(b,
         of_microsoft(b, "QLinearAdd", {pool, "x_scale", "x_zero", "codes", "x_scale", "x_zero", "y_scale", "y_zero"}));
  EXPECT_THAT(test::run(test::imported(b), {0.5f, 1, -0.5f, 2}), ElementsAre(1.5f, 2, 1.5f, 4));
}

TEST(OnnxIntegerOperators, JoinedCodesOfDifferentGrids) {
  OnnxBuilder b = quantized_row();
  b.node("QuantizeLinear", {"x", "y_scale", "y_zero"}, "finer");
  finish(b, of_microsoft(b, "QLinearConcat",
                         {"y_scale", "y_zero", "codes", "x_scale", "x_zero", "finer", "y_scale", "y_zero"},
                         {{"axis", std::int64_t{3}}}));
  EXPECT_THAT(test::run(test::imported(b), {0.25f, 1, -0.5f, 2}), ElementsAre(0, 1, -0.5f, 2, 0.25f, 1, -0.5f, 2));
}

TEST(OnnxIntegerOperators, MatrixProductsWithAScalePerColumn) {
  OnnxBuilder b = quantized_row();
  const std::string row = b.node("Flatten", {"codes"}, "row");
  auto& w = b.tensor("w", onnx::TensorProto::INT8, {4, 2});
  for (const int code : {1, 4, 0, 0, 1, -4, 0, 0}) w.add_int32_data(code);
  b.floats("w_scale", {2}, {1, 0.5f});
  auto& zero = b.tensor("w_zero", onnx::TensorProto::INT8, {2});
  for (int i = 0; i < 2; ++i) zero.add_int32_data(0);
  finish(b, b.node("QLinearMatMul", {row, "x_scale", "x_zero", "w", "w_scale", "w_zero", "y_scale", "y_zero"}, "made"));
  EXPECT_THAT(test::run(test::imported(b), {0.5f, 1, -0.5f, 2}), ElementsAre(0, 2));
}

TEST(OnnxIntegerOperators, ScalesThatDifferFromTheCodesAreRefused) {
  OnnxBuilder b = quantized_row();
  finish(b, of_microsoft(b, "QLinearSigmoid", {"codes", "y_scale", "y_zero", "y_scale", "y_zero"}));
  try {
    test::imported(b);
    FAIL() << "taken";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("'QLinearSigmoid' (QLinearSigmoid): the scale or zero point of an input differs"));
  }
}

TEST(OnnxIntegerOperators, NumbersThatAreNoCodesAreRefused) {
  OnnxBuilder b = quantized_row();
  finish(b, of_microsoft(b, "QLinearSigmoid", {"x", "x_scale", "x_zero", "y_scale", "y_zero"}));
  try {
    test::imported(b);
    FAIL() << "taken";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("an input is not made of codes"));
  }
}

}  // namespace
}  // namespace qeval
