// What of an ONNX file is the picture, and which output is the answer.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/model/arch/arch.h"
#include "stages/model/onnx/import_onnx.h"
#include "tests/support/onnx_builder.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

using test::OnnxBuilder;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using Ints = std::vector<std::int64_t>;
using Parameters = std::map<std::string, std::string>;

OnnxModel imported(const OnnxBuilder& builder, const Parameters& parameters = {}) {
  const test::TempDir folder;
  return import_onnx(builder.save(folder.path()), parameters);
}

template <class Kind>
std::string refusal(const OnnxBuilder& builder, const Parameters& parameters = {}) {
  try {
    imported(builder, parameters);
  } catch (const Kind& error) {
    return error.what();
  }
  return "no error";
}

std::string channels_first(OnnxBuilder& b, const std::string& value) {
  return b.node("Transpose", {value}, "first", {{"perm", Ints{0, 3, 1, 2}}});
}

std::vector<Op> operators(const Graph& graph) {
  std::vector<Op> all;
  for (const Node& node : graph.nodes) all.push_back(node.op);
  return all;
}

TEST(OnnxPicture, ATransposeBehindAChannelsLastInputGivesThePictureBack) {
  OnnxBuilder b({24, 48, 3});
  b.pool_to_logits(b.node("Relu", {channels_first(b, "x")}, "r"));
  const Graph graph = imported(b).graph;
  EXPECT_THAT(graph.input_shape, ElementsAre(3, 24, 48));
  EXPECT_THAT(operators(graph), ElementsAre(Op::input, Op::relu, Op::global_avg_pool, Op::flatten));
}

TEST(OnnxPicture, WhatReadsAChannelsLastInputBeforeTheTransposeSeesItsAxes) {
  OnnxBuilder b({24, 48, 3});
  b.pool_to_logits(channels_first(b, b.node("Relu", {"x"}, "r")));
  const Graph graph = imported(b).graph;
  EXPECT_THAT(graph.input_shape, ElementsAre(3, 24, 48));
  EXPECT_THAT(operators(graph),
              ElementsAre(Op::input, Op::permute, Op::relu, Op::permute, Op::global_avg_pool, Op::flatten));
  EXPECT_THAT(graph.nodes[1].axes, ElementsAre(0, 2, 3, 1));
}

TEST(OnnxPicture, SizesTellChannelsLastWhereNoTransposeDoes) {
  OnnxBuilder b({8, 6, 3});
  b.output(b.node("Flatten", {"x"}, "logits"));
  EXPECT_THAT(imported(b).graph.input_shape, ElementsAre(3, 8, 6));
  OnnxBuilder gray({1, 8, 3});
  gray.output(gray.node("Flatten", {"x"}, "logits"));
  EXPECT_THAT(imported(gray).graph.input_shape, ElementsAre(1, 8, 3));
}

TEST(OnnxPicture, InputSizeHasOneNumberOrTwo) {
  OnnxBuilder first({3, 0, 0}), last({0, 0, 3}), half({3, 0, 48});
  first.pool_to_logits(first.node("Relu", {"x"}, "r"));
  half.pool_to_logits(half.node("Relu", {"x"}, "r"));
  last.pool_to_logits(channels_first(last, "x"));
  for (const OnnxBuilder* b : {&first, &last}) {
    EXPECT_THAT(imported(*b, {{"input_size", "24,48"}}).graph.input_shape, ElementsAre(3, 24, 48));
    EXPECT_THAT(imported(*b, {{"input_size", "24"}}).graph.input_shape, ElementsAre(3, 24, 24));
    EXPECT_THAT(refusal<InputError>(*b), HasSubstr("set model.parameters.input_size, a number or [height, width]"));
  }
  EXPECT_THAT(imported(half, {{"input_size", "24"}}).graph.input_shape, ElementsAre(3, 24, 48));
  for (const char* wrong : {"24,", ",24", "24,48,3", "24 48", "0,8", "99999"})
    EXPECT_THAT(refusal<ArchParameterError>(first, {{"input_size", wrong}}),
                AllOf(HasSubstr(std::string("input_size is '") + wrong + "'"), HasSubstr("or [height, width]")));
}

/// Classes by number, and their scores.
void two_outputs(OnnxBuilder& b) {
  b.pool_to_logits(b.node("Relu", {"x"}, "r"));
  b.output(b.node("ArgMax", {"logits"}, "best", {{"axis", std::int64_t{1}}}));
  b.model.mutable_graph()->mutable_output(1)->mutable_type()->mutable_tensor_type()->set_elem_type(
      onnx::TensorProto::INT64);
}

TEST(OnnxOutputs, OneOfSeveralIsChosenAndOthersNeedNotBeUnderstood) {
  OnnxBuilder b;
  two_outputs(b);
  const OnnxModel model = imported(b, {{"output", "logits"}});
  EXPECT_EQ(model.graph.num_classes, 3);
  EXPECT_EQ(model.output, "logits");
  EXPECT_THAT(refusal<InputError>(b), AllOf(HasSubstr("has 2 outputs, 'logits', 'best' (INT64)"),
                                            HasSubstr("model.parameters.output: NAME"), Not(HasSubstr("ArgMax"))));
  EXPECT_THAT(refusal<ArchParameterError>(b, {{"output", "logit"}}),
              HasSubstr("no output 'logit'; did you mean 'logits'?"));
}

TEST(OnnxOutputs, OneWithoutScoresIsRefusedAndTheOthersAreNamed) {
  OnnxBuilder b;
  two_outputs(b);
  b.output("r");
  EXPECT_THAT(refusal<InputError>(b, {{"output", "best"}}),
              AllOf(HasSubstr("output 'best' (INT64) holds no floating-point numbers"),
                    HasSubstr("the others are 'logits', 'r'")));
  EXPECT_THAT(refusal<InputError>(b, {{"output", "r"}}),
              AllOf(HasSubstr("output 'r' is not one row of logits per image"),
                    HasSubstr("the others are 'logits', 'best' (INT64)")));
}

TEST(OnnxOutputs, TheOnlyOneMayBeNamedAndIsNoChoice) {
  OnnxBuilder b;
  b.pool_to_logits("x");
  EXPECT_EQ(imported(b, {{"output", "logits"}}).output, "");
}

TEST(OnnxOutputs, WhatOnlyOtherOutputsNeedIsNotReadAtAll) {
  OnnxBuilder b;
  two_outputs(b);
  b.tensor("text", onnx::TensorProto::STRING, {1}).add_string_data("no number");
  auto& second = *b.model.mutable_graph()->add_input();
  second = b.model.graph().input(0);
  second.set_name("y");
  b.output(b.node("Unheard", {"y", "text"}, "u"));
  EXPECT_EQ(imported(b, {{"output", "logits"}}).graph.num_classes, 3);
}

/// x on unsigned 8-bit codes, then a convolution whose weight is stored in signed ones.
OnnxBuilder quantized(const std::vector<std::int64_t>& scales) {
  OnnxBuilder b;
  b.floats("s", {}, {0.1f});
  b.code("z", onnx::TensorProto::UINT8, 128);
  b.node("DequantizeLinear", {b.node("QuantizeLinear", {"x", "s", "z"}, "q"), "s", "z"}, "d");
  auto& codes = b.tensor("codes", onnx::TensorProto::INT8, {2, 3, 1, 1});
  for (int i = 0; i < 6; ++i) codes.add_int32_data(i);
  b.floats("ws", scales, std::vector<float>(scales.empty() ? 1 : 2, 0.5f));
  b.node("DequantizeLinear", {"codes", "ws"}, "w", {{"axis", std::int64_t{0}}});
  b.pool_to_logits(b.node("Conv", {"d", "w"}, "c"));
  return b;
}

TEST(OnnxQuantization, SaysWhatTheFileIs) {
  const OnnxModel per_channel = imported(quantized({2}));
  EXPECT_EQ(per_channel.quantization.text(), "1 Q/DQ pair, weights int8 per channel, activations uint8");
  EXPECT_EQ(per_channel.quantization.precision(), "w8a8");
  EXPECT_EQ(imported(quantized({})).quantization.text(), "1 Q/DQ pair, weights int8 per tensor, activations uint8");
  OnnxBuilder plain;
  plain.pool_to_logits("x");
  EXPECT_EQ(imported(plain).quantization.text() + imported(plain).quantization.precision(), "");
}

TEST(OnnxExternalData, MayBeALinkIntoAStoreOfContents) {
  const test::TempDir folder;
  const auto store = folder.path() / "blobs", shown = folder.path() / "snapshots";
  std::filesystem::create_directories(store);
  std::filesystem::create_directories(shown);
  const std::vector<float> values(6, 0.5f);
  std::ofstream(store / "2222", std::ios::binary).write(reinterpret_cast<const char*>(values.data()), 24);
  OnnxBuilder b;
  auto& tensor = b.tensor("w", onnx::TensorProto::FLOAT, {2, 3, 1, 1});
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  auto& entry = *tensor.add_external_data();
  entry.set_key("location");
  entry.set_value("net.onnx_data");
  b.pool_to_logits(b.node("Conv", {"x", "w"}, "c"));
  std::filesystem::rename(b.save(store), store / "1111");
  std::filesystem::create_symlink("../blobs/1111", shown / "net.onnx");
  std::filesystem::create_symlink("../blobs/2222", shown / "net.onnx_data");
  const OnnxModel model = import_onnx(shown / "net.onnx", {});
  EXPECT_EQ(model.graph.num_classes, 2);
  EXPECT_THAT(model.external_files, ElementsAre(std::filesystem::canonical(shown) / "net.onnx_data"));
}

}  // namespace
}  // namespace qeval
