#include "stages/quant/placement/quantsim_file.h"

#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "tests/support/temp_dir.h"

namespace qeval::test {
namespace {

using testing::ElementsAre;

/// One section a line, so that line 2 is defaults, 3 params, 4 op_type, 5 supergroups, 6 model_input, 7 model_output.
struct Sections {
  std::string defaults = R"({"ops": {"is_output_quantized": "True"}, "params": {"is_quantized": "True"}})";
  std::string params = "{}", op_type = "{}", supergroups = "[]", model_input = "{}", model_output = "{}";
  std::string more;

  std::string text() const {
    return "{\n\"defaults\": " + defaults + ",\n\"params\": " + params + ",\n\"op_type\": " + op_type +
           ",\n\"supergroups\": " + supergroups + ",\n\"model_input\": " + model_input +
           ",\n\"model_output\": " + model_output + more + "\n}\n";
  }
};

class QuantsimFile : public testing::Test {
 protected:
  QuantsimSettings read(const std::string& text) {
    std::ofstream(file()) << text;
    return read_quantsim_file(file());
  }
  /// The message after the file's name.
  std::string error_of(const std::string& text) {
    try {
      read(text);
    } catch (const InputError& error) {
      const std::string message = error.what();
      return message.starts_with(file().string()) ? message.substr(file().string().size()) : message;
    }
    return "no error";
  }
  std::filesystem::path file() const { return folder_.path() / "quantsim.json"; }

 private:
  TempDir folder_;
};

TEST_F(QuantsimFile, ReadsEverySection) {
  const QuantsimSettings settings = read(R"({
    "defaults": {
      "ops": {"is_output_quantized": "True", "is_symmetric": "True"},
      "params": {"is_quantized": "True", "is_symmetric": "False"},
      "strict_symmetric": "True", "unsigned_symmetric": "True", "per_channel_quantization": "True",
      "hw_version": "V99",
      "supported_kernels": [{"activation": {"bitwidth": 16, "dtype": "float"}, "param": {"bitwidth": 8, "dtype": "int"}}]
    },
    "params": {"bias": {"is_quantized": "False"}},
    "op_type": {
      "Gemm": {"per_channel_quantization": "False", "params": {"weight": {"is_symmetric": "True"}}},
      "Softmax": {"encoding_constraints": {"min": 0.0, "max": 1.0}, "is_symmetric": "False"},
      "Relu": {"encoding_constraints": {"min": 0}, "is_input_quantized": "True"},
      "Pad": {"is_output_quantized": "False"}
    },
    "supergroups": [{"op_list": ["Conv", "Relu"]}, {"op_list": ["Conv", "BatchNormalization", "HardSwish"]}],
    "supergroup_pass_list": ["MatmulAdd"],
    "model_input": {"is_input_quantized": "True"},
    "model_output": {"is_output_quantized": "True"}
  })");
  EXPECT_EQ(settings.name, "quantsim.json");
  EXPECT_EQ(settings.ops.output, true);
  EXPECT_EQ(settings.ops.symmetric, true);
  EXPECT_EQ(settings.all_params.symmetric, false);
  EXPECT_TRUE(settings.strict_symmetric && settings.unsigned_symmetric && settings.per_channel);
  EXPECT_EQ(settings.hw_version, "V99");
  EXPECT_EQ(settings.params.at("bias").quantized, false);
  EXPECT_EQ(settings.params.at("bias").symmetric, std::nullopt);
  EXPECT_EQ(settings.op_types.at("Gemm").per_channel, false);
  EXPECT_EQ(settings.op_types.at("Gemm").params.at("weight").symmetric, true);
  EXPECT_EQ(settings.op_types.at("Softmax").constraint->max, 1.0);
  EXPECT_EQ(settings.op_types.at("Relu").constraint->min, 0.0);
  EXPECT_EQ(settings.op_types.at("Relu").constraint->max, std::nullopt);
  EXPECT_EQ(settings.op_types.at("Relu").input, true);
  EXPECT_EQ(settings.op_types.at("Pad").output, false);
  EXPECT_THAT(settings.supergroups,
              ElementsAre(ElementsAre("Conv", "Relu"), ElementsAre("Conv", "BatchNormalization", "HardSwish")));
  EXPECT_THAT(settings.supergroup_passes, ElementsAre("MatmulAdd"));
  EXPECT_TRUE(settings.model_input && settings.model_output);
}

TEST_F(QuantsimFile, WhatIsNotMentionedIsAbsentOrOff) {
  const QuantsimSettings settings = read(Sections().text());
  EXPECT_EQ(settings.ops.symmetric, std::nullopt);
  EXPECT_FALSE(settings.strict_symmetric || settings.unsigned_symmetric || settings.per_channel);
  EXPECT_FALSE(settings.model_input || settings.model_output);
}

TEST_F(QuantsimFile, BrokenJsonNamesLineAndColumn) {
  EXPECT_THAT(error_of("{\n  \"params\" {}\n}"), testing::StartsWith(":2:12: not JSON: "));
  EXPECT_EQ(error_of("{\"a\": 1,\n \"a\": 2}"), ":2:2: /a: this key occurs twice in one object");
}

TEST_F(QuantsimFile, TopLevelIsCheckedKeyByKey) {
  EXPECT_EQ(error_of("[]"), ":1:1: top level: expected an object, not a list");
  EXPECT_EQ(error_of("{\n\"default\": {}}"), ":2:1: /default: unknown key; did you mean 'defaults'?");
  EXPECT_EQ(error_of("{\"params\": {}}"), ":1:1: /defaults: is missing");
}

struct Malformed {
  const char* section;  ///< which of Sections is replaced
  const char* text;
  const char* message;
};

class MalformedQuantsimFile : public QuantsimFile, public testing::WithParamInterface<Malformed> {};

TEST_P(MalformedQuantsimFile, EndsInAMessageWithPositionAndFix) {
  Sections sections;
  const std::string section = GetParam().section;
  const std::map<std::string, std::string*> all{
      {"defaults", &sections.defaults}, {"params", &sections.params},
      {"op_type", &sections.op_type},   {"supergroups", &sections.supergroups},
      {"input", &sections.model_input}, {"output", &sections.model_output},
      {"more", &sections.more}};
  *all.at(section) = GetParam().text;
  EXPECT_EQ(error_of(sections.text()), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Schema, MalformedQuantsimFile,
    testing::Values(
        Malformed{"defaults", "7", ":2:13: /defaults: expected an object, not a number"},
        Malformed{"defaults", R"({"ops": {}})", ":2:13: /defaults/params: is missing"},
        Malformed{"defaults", R"({"ops": {"is_output_quantized": "False"}, "params": {}})",
                  ":2:45: /defaults/ops/is_output_quantized: can only be \"True\"; remove the key instead"},
        Malformed{"defaults", R"({"ops": {"is_input_quantized": "True"}, "params": {}})",
                  ":2:44: /defaults/ops/is_input_quantized: AIMET does not support it; use op_type or model_input"},
        Malformed{"defaults", R"({"ops": {}, "params": {"is_quantized": true}})",
                  ":2:52: /defaults/params/is_quantized: expected \"True\" or \"False\" (a text), not a JSON boolean"},
        Malformed{"defaults", R"({"ops": {}, "params": {}, "strict_symetric": "True"})",
                  ":2:39: /defaults/strict_symetric: unknown key; did you mean 'strict_symmetric'?"},
        Malformed{"defaults", R"({"ops": {}, "params": {}, "unsigned_symmetric": "yes"})",
                  ":2:61: /defaults/unsigned_symmetric: expected \"True\" or \"False\" (a text), not \"yes\""},
        Malformed{"defaults", R"({"ops": {}, "params": {}, "hw_version": 73})",
                  ":2:53: /defaults/hw_version: expected a text, not a number"},
        Malformed{"defaults", R"({"ops": {}, "params": {}, "supported_kernels": []})",
                  ":2:60: /defaults/supported_kernels: is empty; remove the key, or name a kernel"},
        Malformed{
            "defaults",
            R"({"ops": {}, "params": {}, "supported_kernels": [{"activation": {"bitwidth": 8, "dtype": "int"}}]})",
            ":2:61: /defaults/supported_kernels/0/param: is missing"},
        Malformed{"params", R"({"bias": {"is_output_quantized": "False"}})",
                  ":3:21: /params/bias/is_output_quantized: unknown key; known here: is_quantized, is_symmetric"},
        Malformed{"params", "[]",
                  ":3:11: /params: expected an object of parameter kinds, such as \"bias\", not a "
                  "list"},
        Malformed{"op_type", R"({"Conv": {"per_channel_quantization": "true"}})",
                  ":4:50: /op_type/Conv/per_channel_quantization: expected \"True\" or \"False\" (a text), not "
                  "\"true\""},
        Malformed{"op_type", R"({"Add": {"is_input_quantized": "False"}})",
                  ":4:43: /op_type/Add/is_input_quantized: can only be \"True\"; remove the key instead"},
        Malformed{"op_type", R"({"Relu": {"encoding_constraints": {"max": 6}}})",
                  ":4:46: /op_type/Relu/encoding_constraints/min: is missing"},
        Malformed{"op_type", R"({"Relu": {"encoding_constraints": {"min": 0, "max": 0}}})",
                  ":4:64: /op_type/Relu/encoding_constraints/max: 0 is not above min, 0"},
        Malformed{"op_type", R"({"Relu": {"encoding_constraints": {"min": 0.5}}})",
                  ":4:54: /op_type/Relu/encoding_constraints/min: 0.5 is above 0, but every range holds 0"},
        Malformed{"op_type", R"({"Tanh": {"encoding_constraints": {"min": "-1"}}})",
                  ":4:54: /op_type/Tanh/encoding_constraints/min: expected a number, not a text"},
        Malformed{"op_type", R"({"Conv": {"supported_kernels": [{"activation": {"bitwidth": 12, "dtype": "int"}}]}})",
                  ":4:72: /op_type/Conv/supported_kernels/0/activation/bitwidth: expected 4, 8, 16 or 32"},
        Malformed{"op_type", R"({"Conv": {"supported_kernels": [{"activation": {"bitwidth": 8, "dtype": "float"}}]}})",
                  ":4:72: /op_type/Conv/supported_kernels/0/activation/bitwidth: a float kernel has 16 or 32 bits"},
        Malformed{"supergroups", R"([{"op_list": ["Conv"]}])",
                  ":5:29: /supergroups/0/op_list: a supergroup has at least two operator types"},
        Malformed{"supergroups", R"([{"op_list": ["Conv", "ReLu"]}])",
                  ":5:38: /supergroups/0/op_list/1: \"ReLu\" is no ONNX operator type; did you mean 'Relu'?"},
        Malformed{"supergroups", R"([["Conv", "Relu"]])", ":5:17: /supergroups/0: expected an object, not a list"},
        Malformed{"op_type", R"({"Conv": {"supported_kernels": [{"activation": {"bitwidth": 8, "dtype": "bool"}}]}})",
                  ":4:84: /op_type/Conv/supported_kernels/0/activation/dtype: expected \"int\" or \"float\""},
        Malformed{"supergroups", R"([{"op_list": ["Conv", 1]}])",
                  ":5:38: /supergroups/0/op_list/1: expected an ONNX operator type, not a number"},
        Malformed{"supergroups", "[{}]", ":5:17: /supergroups/0/op_list: is missing"},
        Malformed{"input", R"({"is_input_quantized": "False"})",
                  ":6:39: /model_input/is_input_quantized: can only be \"True\"; remove the key instead"},
        Malformed{"output", R"({"is_input_quantized": "True"})",
                  ":7:18: /model_output/is_input_quantized: unknown key; did you mean 'is_output_quantized'?"},
        Malformed{"more", ",\n\"supergroup_pass_list\": [\"MatMulAdd\"]",
                  ":8:26: /supergroup_pass_list/0: no pass \"MatMulAdd\" is known; there are MatmulAdd, "
                  "LayerNormalization and RMSNormalization"}));

TEST_F(QuantsimFile, FilesThatCannotBeReadAreNamed) {
  EXPECT_THROW(read_quantsim_file(file()), InputError);
  EXPECT_THROW(read_quantsim_file(file().parent_path()), InputError);
}

}  // namespace
}  // namespace qeval::test
