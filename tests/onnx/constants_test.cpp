// The elements of an ONNX file's tensors: the same numbers in whatever form they are stored, once in memory, and with a
// bound on what is computed of them.
#include <cstring>
#include <fstream>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/model/onnx/import_onnx.h"
#include "tests/support/onnx_builder.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

using test::OnnxBuilder;
using testing::ElementsAreArray;
using testing::HasSubstr;

std::vector<float> six_values() { return {0.5f, -1.5f, 2.0f, 3.25f, -4.0f, 5.0f}; }

std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

Graph imported(const std::string& file_content) {
  const test::TempDir folder;
  const auto file = folder.path() / "net.onnx";
  std::ofstream(file, std::ios::binary) << file_content;
  return import_onnx(file, {}).graph;
}

/// A convolution with the weight `w`, which is not in the model yet.
OnnxBuilder conv_of(const std::string& weight) {
  OnnxBuilder builder;
  builder.pool_to_logits(builder.node("Conv", {"x", weight}, "c"));
  return builder;
}

onnx::TensorProto tensor_without_elements(const std::string& name) {
  OnnxBuilder builder;
  return builder.tensor(name, onnx::TensorProto::FLOAT, {2, 3, 1, 1});
}

std::string length_delimited(int field, const std::string& content) {
  return std::string{static_cast<char>(field << 3 | 2), static_cast<char>(content.size())} + content;
}

/// As a second part of the model, which a parser joins with the first: so that a test can write any bytes of a tensor.
std::string with_initializer(const OnnxBuilder& builder, const std::string& tensor) {
  return builder.model.SerializeAsString() + length_delimited(7, length_delimited(5, tensor));
}

void expect_six_values(const std::string& tensor) {
  const Graph graph = imported(with_initializer(conv_of("w"), tensor));
  EXPECT_THAT(graph.nodes.at(1).weight.values(), ElementsAreArray(six_values()));
}

TEST(OnnxConstants, ElementsMayBeginAtAnyByte) {
  for (const char* name : {"w", "ww", "www", "wwww"}) {
    onnx::TensorProto tensor = tensor_without_elements(name);
    tensor.set_raw_data(bytes_of(six_values()));
    const Graph graph = imported(with_initializer(conv_of(name), tensor.SerializeAsString()));
    EXPECT_THAT(graph.nodes.at(1).weight.values(), ElementsAreArray(six_values())) << name;
  }
}

TEST(OnnxConstants, FloatsInTheirOwnFieldMayBeInPiecesOrSingle) {
  const std::string front = tensor_without_elements("w").SerializeAsString(), all = bytes_of(six_values());
  expect_six_values(front + length_delimited(4, all));
  expect_six_values(length_delimited(4, all.substr(0, 8)) + front + length_delimited(4, all.substr(8)));
  std::string single;
  for (std::size_t at = 0; at < all.size(); at += 4) single += '\x25' + all.substr(at, 4);
  expect_six_values(front + single);
  expect_six_values(front + single.substr(0, 10) + length_delimited(4, all.substr(8)));
}

TEST(OnnxConstants, TheLastRawDataCounts) {
  const std::string front = tensor_without_elements("w").SerializeAsString();
  expect_six_values(front + length_delimited(9, std::string(24, '\1')) + length_delimited(9, bytes_of(six_values())));
}

TEST(OnnxConstants, NoTextInATensorLeadsToAnotherOne) {
  OnnxBuilder builder = conv_of("w");
  builder.floats("other", {2, 3, 1, 1}, std::vector<float>(6, 9.0f));
  onnx::TensorProto tensor = tensor_without_elements("w");
  tensor.set_raw_data(bytes_of(six_values()));
  for (const char* text : {"0", "1", "99999999999999999999", "a word"}) {
    tensor.set_doc_string(text);
    const std::string file = with_initializer(builder, tensor.SerializeAsString() + length_delimited(12, text));
    EXPECT_THAT(imported(file).nodes.at(1).weight.values(), ElementsAreArray(six_values())) << text;
  }
}

TEST(OnnxConstants, WhatOnlyChangesTheShapeSharesItsElements) {
  OnnxBuilder builder;
  const std::string all = builder.floats("all", {6}, six_values());
  const std::string reshaped = builder.node("Reshape", {all, builder.integers("wanted", {2, 3, 1, 1})}, "reshaped");
  const std::string first = builder.node("Conv", {"x", reshaped}, "first");
  const std::string wider = builder.node("Unsqueeze", {reshaped, builder.integers("front", {0})}, "wider");
  const std::string same = builder.node("Identity", {builder.node("Squeeze", {wider, "front"}, "narrow")}, "same");
  builder.pool_to_logits(builder.node("Add", {first, builder.node("Conv", {"x", same}, "second")}, "sum"));
  const Graph graph = imported(builder.model.SerializeAsString());
  EXPECT_EQ(graph.nodes.at(1).weight.data(), graph.nodes.at(2).weight.data());
  EXPECT_THAT(graph.nodes.at(2).weight.values(), ElementsAreArray(six_values()));
}

std::string error_of(const OnnxBuilder& builder) {
  try {
    imported(builder.model.SerializeAsString());
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

/// `times` products with one matrix, each of which is transposed for it.
OnnxBuilder products(int times) {
  OnnxBuilder builder({3, 10, 10});
  builder.floats("w", {300, 300}, std::vector<float>(90000, 0.001f));
  std::string value = builder.node("Flatten", {"x"}, "row");
  for (int i = 0; i < times; ++i) value = builder.node("MatMul", {value, "w"}, "m" + std::to_string(i));
  builder.output(value);
  return builder;
}

TEST(OnnxConstants, WhatIsComputedOfThemHasABound) {
  EXPECT_EQ(error_of(products(100)), "no error");
  const std::string error = error_of(products(400));
  EXPECT_THAT(error, HasSubstr("(MatMul): what is computed of constants up to here takes more than 69 MiB"));
  EXPECT_THAT(error, HasSubstr("export it with constants folded"));
}

TEST(OnnxConstants, NumbersThatAreRepeatedForEveryChannelCountTowardsTheBound) {
  OnnxBuilder builder({1, 1000, 1000});
  std::string value = builder.node("Reshape", {"x", builder.integers("wide", {-1, 1000000, 1, 1})}, "r");
  builder.floats("half", {}, {0.5f});
  for (int i = 0; i < 10; ++i) value = builder.node("Mul", {value, "half"}, "m" + std::to_string(i));
  builder.pool_to_logits(value);
  EXPECT_THAT(error_of(builder), HasSubstr("node 'm4' (Mul): what is computed of constants"));
}

}  // namespace
}  // namespace qeval
