// ONNX files that are damaged, hostile or beyond what is supported: each ends in a message that names what is wrong.
#include <cmath>
#include <fstream>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/model/onnx/import_onnx.h"
#include "tests/support/onnx_builder.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

using test::OnnxBuilder;
using testing::HasSubstr;

template <class Error>
std::string error_of(const std::filesystem::path& file, const std::map<std::string, std::string>& parameters = {}) {
  try {
    import_onnx(file, parameters);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string error_of(const OnnxBuilder& builder) {
  const test::TempDir folder;
  return error_of<InputError>(builder.save(folder.path()));
}

struct Malformed {
  const char* name;
  std::function<void(OnnxBuilder&)> build;
  std::vector<std::string> expected;
};

/// A network of one Relu, whose parts the cases damage.
void relu_net(OnnxBuilder& b) { b.pool_to_logits(b.node("Relu", {"x"}, "r")); }

void conv_net(OnnxBuilder& b, const std::vector<std::int64_t>& shape, std::size_t count,
              const test::OnnxAttributes& attributes = {}) {
  b.pool_to_logits(b.node("Conv", {"x", b.floats("w", shape, std::vector<float>(count, 1.0f))}, "c", attributes));
}

/// A value of the batch axis alone.
std::string image_means(OnnxBuilder& b) {
  return b.node("ReduceMean", {"x"}, "means",
                {{"axes", std::vector<std::int64_t>{1, 2, 3}}, {"keepdims", std::int64_t{0}}});
}

void external(OnnxBuilder& b, const std::string& location, const std::string& offset, const std::string& length) {
  auto& tensor = b.tensor("w", onnx::TensorProto::FLOAT, {2, 3, 1, 1});
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] : {std::pair{"location", location}, {"offset", offset}, {"length", length}}) {
    if (value.empty()) continue;
    auto& entry = *tensor.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  b.pool_to_logits(b.node("Conv", {"x", "w"}, "c"));
}

// NOLINTNEXTLINE(readability-function-size): a table
const std::vector<Malformed>& malformed() {
  static const std::vector<Malformed> cases{
      {"NoGraph", [](OnnxBuilder& b) { b.model.clear_graph(); }, {"holds no graph"}},
      {"NewOpset",
       [](OnnxBuilder& b) {
         relu_net(b);
         b.model.mutable_opset_import(0)->set_version(99);
       },
       {"opset 99", "7 to 24"}},
      {"NoOpset",
       [](OnnxBuilder& b) {
         relu_net(b);
         b.model.clear_opset_import();
       },
       {"opset 0"}},
      {"Cyclic",
       [](OnnxBuilder& b) {
         b.node("Add", {"x", "b"}, "a");
         b.pool_to_logits(b.node("Relu", {"a"}, "b"));
       },
       {"node 'a' uses 'b'", "cyclic"}},
      {"MissingInitializer",
       [](OnnxBuilder& b) { b.pool_to_logits(b.node("Conv", {"x", "lost.weight"}, "c")); },
       {"node 'c' uses 'lost.weight'", "no node, initializer or input provides it"}},
      {"UnsupportedOperators",
       [](OnnxBuilder& b) {
         b.node("Einsum", {"x"}, "e1");
         b.node("Einsum", {"e1"}, "e2");
         b.node("LSTM", {"e2"}, "l");
         b.model.mutable_graph()->mutable_node(2)->set_domain("com.example");
         b.pool_to_logits("l");
       },
       {"'Einsum' (2): 'e1', 'e2'", "'com.example.LSTM' (1): 'l'"}},
      {"TwoInputs",
       [](OnnxBuilder& b) {
         b.pool_to_logits(b.node("Add", {"x", "y"}, "sum"));
         *b.model.mutable_graph()->add_input() = b.model.graph().input(0);
         b.model.mutable_graph()->mutable_input(1)->set_name("y");
       },
       {"several inputs, 'x' and 'y'"}},
      {"TwoOutputs",
       [](OnnxBuilder& b) {
         relu_net(b);
         b.output("r");
       },
       {"2 outputs"}},
      {"OutputOfNobody",
       [](OnnxBuilder& b) {
         b.node("Relu", {"x"}, "r");
         b.output("elsewhere");
       },
       {"output 'elsewhere' is not computed"}},
      {"OutputIsAnImage",
       [](OnnxBuilder& b) { b.output(b.node("Relu", {"x"}, "r")); },
       {"output 'r' is not one row of logits per image"}},
      {"ValueMadeTwice",
       [](OnnxBuilder& b) {
         relu_net(b);
         b.node("Relu", {"x"}, "r");
       },
       {"value 'r' is made by two nodes"}},
      {"InitializerTwice",
       [](OnnxBuilder& b) {
         conv_net(b, {2, 3, 1, 1}, 6);
         b.floats("w", {1}, {1});
       },
       {"initializer 'w' appears twice"}},
      {"HugeDimensions",
       [](OnnxBuilder& b) { conv_net(b, {std::int64_t{1} << 40, std::int64_t{1} << 40, 1, 1}, 6); },
       {"tensor 'w'", "overflows"}},
      {"NegativeDimension", [](OnnxBuilder& b) { conv_net(b, {2, -3, 1, 1}, 6); }, {"negative size -3"}},
      {"FewerValuesThanItsShape",
       [](OnnxBuilder& b) { conv_net(b, {2, 3, 5, 5}, 6); },
       {"tensor 'w' has a shape of 150 elements, but holds 6 values"}},
      {"RawDataOfAnotherSize",
       [](OnnxBuilder& b) {
         conv_net(b, {2, 3, 1, 1}, 0);
         b.model.mutable_graph()->mutable_initializer(0)->set_raw_data("seven b");
       },
       {"tensor 'w' has a shape of 6 elements, but 7 bytes"}},
      {"NotANumber",
       [](OnnxBuilder& b) {
         conv_net(b, {2, 3, 1, 1}, 6);
         b.model.mutable_graph()->mutable_initializer(0)->set_float_data(3, std::nanf(""));
       },
       {"tensor 'w' has values that are NaN or infinite"}},
      {"StringTensor",
       [](OnnxBuilder& b) {
         conv_net(b, {2, 3, 1, 1}, 6);
         b.model.mutable_graph()->mutable_initializer(0)->set_data_type(onnx::TensorProto::STRING);
       },
       {"element type 8"}},
      {"ExternalOutsideTheFolder",
       [](OnnxBuilder& b) { external(b, "../../etc/passwd", "", ""); },
       {"'../../etc/passwd', which is not a file inside the model's folder"}},
      {"ExternalAbsolutePath",
       [](OnnxBuilder& b) { external(b, "/etc/passwd", "", ""); },
       {"'/etc/passwd', which is not a file inside"}},
      {"ExternalMissing", [](OnnxBuilder& b) { external(b, "w.bin", "", ""); }, {"'w.bin', which is not there"}},
      {"ExternalBehindTheEnd",
       [](OnnxBuilder& b) { external(b, "net.onnx", "1000000", "24"); },
       {"reaches byte 1000000 + 24"}},
      {"ExternalOffsetIsText",
       [](OnnxBuilder& b) { external(b, "net.onnx", "-4", ""); },
       {"offset '-4', which is no such number"}},
      {"ChannelsDoNotFit",
       [](OnnxBuilder& b) { conv_net(b, {2, 4, 1, 1}, 8); },
       {"node 'c' (Conv)", "channels of its input do not fit"}},
      {"KernelLargerThanImage",
       [](OnnxBuilder& b) { conv_net(b, {1, 3, 9, 9}, 243); },
       {"node 'c' (Conv)", "larger than its padded input"}},
      {"HugePadding",
       [](OnnxBuilder& b) { conv_net(b, {2, 3, 1, 1}, 6, {{"pads", std::vector<std::int64_t>{0, 0, 1 << 30, 0}}}); },
       {"pads holds 1073741824, but must be from 0 to 4096"}},
      {"ZeroStride",
       [](OnnxBuilder& b) { conv_net(b, {2, 3, 1, 1}, 6, {{"strides", std::vector<std::int64_t>{0, 1}}}); },
       {"strides holds 0"}},
      {"ReshapeToAnotherSize",
       [](OnnxBuilder& b) { b.output(b.node("Reshape", {"x", b.integers("s", {-1, 17})}, "r")); },
       {"node 'r' (Reshape)", "another number of elements"}},
      {"ReshapeOfTheBatch",
       [](OnnxBuilder& b) { b.output(b.node("Reshape", {"x", b.integers("s", {4, 48})}, "r")); },
       {"it changes the batch"}},
      {"ConstantForEveryImageOfABatch",
       [](OnnxBuilder& b) { b.output(b.node("Mul", {image_means(b), b.floats("c", {2}, {1, 2})}, "m")); },
       {"node 'm' (Mul)", "its constant has another value for each image"}},
      {"ConstantOfMoreAxes",
       [](OnnxBuilder& b) { b.output(b.node("Add", {image_means(b), b.floats("c", {1, 1}, {1})}, "a")); },
       {"node 'a' (Add)", "its constant has more axes than its other input"}},
      {"BiasOfMoreAxes",
       [](OnnxBuilder& b) {
         b.node("MatMul", {b.node("Flatten", {"x"}, "f"), b.floats("w", {192, 1}, std::vector<float>(192))}, "p");
         b.output(b.node("Add", {"p", b.floats("c", {1, 1, 1}, {1})}, "a"));
       },
       {"node 'a' (Add)", "its constant has more axes than its other input"}},
      {"OneNumberPerImageAsLogits",
       [](OnnxBuilder& b) { b.output(image_means(b)); },
       {"output 'means' is not one row of logits per image"}},
      {"SoftmaxOverTheBatch",
       [](OnnxBuilder& b) { b.output(b.node("Softmax", {image_means(b)}, "s")); },
       {"node 's' (Softmax)", "it runs over the batch"}},
      {"BatchNormInTraining",
       [](OnnxBuilder& b) {
         for (const char* name : {"g", "b", "m", "v"}) b.floats(name, {3}, {1, 1, 1});
         b.pool_to_logits(
             b.node("BatchNormalization", {"x", "g", "b", "m", "v"}, "n", {{"training_mode", std::int64_t{1}}}));
       },
       {"node 'n'", "training mode"}},
      {"DequantizeWithoutQuantize",
       [](OnnxBuilder& b) { b.pool_to_logits(b.node("DequantizeLinear", {"x", b.floats("s", {}, {0.1f})}, "d")); },
       {"node 'd' (DequantizeLinear)", "not the output of a QuantizeLinear"}},
      {"ScaleIsZero",
       [](OnnxBuilder& b) {
         b.floats("s", {}, {0.0f});
         b.pool_to_logits(b.node("DequantizeLinear", {b.node("QuantizeLinear", {"x", "s"}, "q"), "s"}, "d"));
       },
       {"node 'q' (QuantizeLinear)", "scale is not above 0"}},
  };
  return cases;
}

class MalformedOnnx : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedOnnx, IsRefusedWithAMessageThatNamesIt) {
  OnnxBuilder builder;
  GetParam().build(builder);
  const std::string error = error_of(builder);
  EXPECT_THAT(error, HasSubstr("net.onnx: "));
  for (const std::string& part : GetParam().expected) EXPECT_THAT(error, HasSubstr(part));
}

INSTANTIATE_TEST_SUITE_P(Files, MalformedOnnx, testing::ValuesIn(malformed()),
                         [](const auto& param_info) { return std::string(param_info.param.name); });

// Every prefix of a valid file: never a crash, and an error unless only the end of the output's name is missing.
TEST(MalformedOnnxFile, TruncatedAnywhereIsAnError) {
  OnnxBuilder builder;
  conv_net(builder, {2, 3, 3, 3}, 54);
  const std::string whole = builder.model.SerializeAsString();
  const test::TempDir folder;
  for (std::size_t length = 1; length < whole.size(); length += 3) {
    const auto file = folder.path() / "cut.onnx";
    std::ofstream(file, std::ios::binary) << whole.substr(0, length);
    EXPECT_THAT(error_of<InputError>(file), HasSubstr("cut.onnx: ")) << length << " of " << whole.size();
  }
}

TEST(MalformedOnnxFile, BytesThatAreNoProtobufAreNamed) {
  const test::TempDir folder;
  const auto file = folder.path() / "net.onnx";
  std::ofstream(file) << "<html>not found</html>";
  EXPECT_THAT(error_of<InputError>(file), HasSubstr("is not an ONNX model, or a truncated one"));
}

TEST(MalformedOnnxFile, UnknownParameterIsAUsageError) {
  OnnxBuilder builder;
  relu_net(builder);
  const test::TempDir folder;
  const auto file = builder.save(folder.path());
  EXPECT_THAT(error_of<UsageError>(file, {{"layers", "3"}}), HasSubstr("no parameter 'layers'"));
  EXPECT_THAT(error_of<UsageError>(file, {{"input_size", "many"}}), HasSubstr("input_size is 'many'"));
}

TEST(MalformedOnnxFile, OpenHeightAsksForInputSize) {
  OnnxBuilder builder({3, 0, 0});
  relu_net(builder);
  const test::TempDir folder;
  const auto file = builder.save(folder.path());
  EXPECT_THAT(error_of<InputError>(file), HasSubstr("set model.parameters.input_size"));
  EXPECT_EQ(import_onnx(file, {{"input_size", "32"}}).graph.input_shape, (std::array<int, 3>{3, 32, 32}));
}

}  // namespace
}  // namespace qeval
