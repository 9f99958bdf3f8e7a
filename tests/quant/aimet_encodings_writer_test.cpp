#include <tuple>

#include <gmock/gmock.h>

#include "stages/quant/files/aimet_encodings.h"
#include "tests/quant/encodings_files_fixture.h"
#include "tests/support/shared_data.h"

namespace qeval::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class EncodingsWriter : public EncodingsFiles {
 protected:
  EncodingMap read_back(EncodingsFile file, const std::string& version) {
    file.version = version;
    return encodings_by_name(read_text(format_encodings_file(file)));
  }
};

std::string refusal(const EncodingsFile& file) {
  try {
    format_encodings_file(file);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

json named_1_0() {
  return json::parse(R"({"version":"1.0.0",
    "activation_encodings":[
      {"name":"act:output","enc_type":"PER_TENSOR","dtype":"INT","bw":4,"is_sym":false,"scale":[0.1],"offset":[-3]},
      {"name":"/pool/MaxPool_output_0","enc_type":"PER_TENSOR","dtype":"INT","bw":16,"is_sym":false,
       "scale":[1.2345678901234567e-5],"offset":[-32768]}],
    "param_encodings":[
      {"name":"stem.weight","enc_type":"PER_CHANNEL","dtype":"INT","bw":8,"is_sym":true,
       "scale":[0.0010000000474974513,5e-324],"offset":[-128,-128]},
      {"name":"strict.weight","enc_type":"PER_CHANNEL","dtype":"INT","bw":8,"is_sym":true,"scale":[0.3],"offset":[-127]},
      {"name":"fc.weight","enc_type":"PER_TENSOR","dtype":"INT","bw":8,"is_sym":true,"scale":[0.3],"offset":[-128]}],
    "excluded_layers":["head"],"quantizer_args":{"activation_bitwidth":4,"quant_scheme":"percentile"}})");
}

json flat_2_0() {
  return json::parse(R"({"version":"2.0.0","encodings":[
    {"name":"act:output","output_dtype":"uint4","y_scale":0.1,"y_zero_point":3},
    {"name":"/pool/MaxPool_output_0","output_dtype":"uint16","y_scale":1.2345678901234567e-5,"y_zero_point":32768},
    {"name":"unsigned","output_dtype":"int8","y_scale":0.5,"y_zero_point":-128},
    {"name":"shifted","output_dtype":"int8","y_scale":0.5,"y_zero_point":3},
    {"name":"stem.weight","output_dtype":"int8","axis":0,"y_scale":[0.0010000000474974513,5e-324]},
    {"name":"up.weight","output_dtype":"int8","axis":1,"y_scale":[0.1],"y_zero_point":[-1]},
    {"name":"fc.weight","output_dtype":"int4","y_scale":0.3},
    {"name":"fc.bias","output_dtype":"int32","axis":0,"y_scale":[0.1,1e-9]}]})");
}

json entry(double min, double max, double scale, int offset, const char* symmetric) {
  return {{"bitwidth", 8}, {"dtype", "int"}, {"is_symmetric", symmetric}, {"min", min},
          {"max", max},    {"scale", scale}, {"offset", offset}};
}

/// Ends of ranges that no grid of that scale and offset has.
json legacy(const char* version) {
  json file{{"version", version},
            {"activation_encodings",
             {{"stem", {{"input", {{"0", entry(-2.0, 2.25, 0.016666667, -120, "False")}}}}},
              {"/act/Relu_output_0", json::array({entry(0, 0.1 + 0.2, 5e-324, 0, "False")})}}},
            {"param_encodings",
             {{"stem.weight", json::array({entry(-1.0 / 3, 1.0 / 3, 0.0026, -127, "True"),
                                           entry(-0.128, 0.127, 0.001, -128, "True")})}}}};
  const std::string name = version;
  if (name >= "0.5.1") file["excluded_layers"] = {"head"};
  if (name >= "0.6.1") file["quantizer_args"] = {{"param_bitwidth", 4}};
  if (name < "0.5.0") {
    file["activation_encodings"]["stem"]["input"]["0"].erase("dtype");
    file["activation_encodings"]["/act/Relu_output_0"][0].erase("dtype");
    for (json& channel : file["param_encodings"]["stem.weight"]) channel.erase("dtype");
  }
  return file;
}

TEST_F(EncodingsWriter, EveryVersionComesBackEqualToTheLastDigit) {
  for (const char* version : {"0.4.0", "0.5.0", "0.5.1", "0.6.1"})
    EXPECT_EQ(rewritten(legacy(version), version), legacy(version));
  EXPECT_EQ(rewritten(named_1_0(), "1.0.0"), named_1_0());
  for (const char* version : {"2.0.0", "2.1.0"}) {
    json document = flat_2_0();
    document["version"] = version;
    EXPECT_EQ(rewritten(document, version), document);
  }
  const json bare = legacy("0.6.1")["param_encodings"];
  EXPECT_EQ(rewritten(bare, "adaround"), bare);
}

TEST_F(EncodingsWriter, ZeroPointsPerChannelAreWrittenOnceOneIsNotZero) {
  const json document{{"version", "2.0.0"},
                      {"encodings",
                       {{{"name", "stem.weight"},
                         {"output_dtype", "uint8"},
                         {"axis", 0},
                         {"y_scale", {0.5, 0.25}},
                         {"y_zero_point", {0, 7}}}}}};
  EXPECT_EQ(rewritten(document, "2.0.0"), document);
}

TEST_F(EncodingsWriter, AVersionIsTurnedIntoAnotherWithTheSameGrid) {
  json flat = flat_2_0();
  const json named = rewritten(flat, "1.0.0");
  EXPECT_EQ(named["activation_encodings"][1]["bw"], 16);
  EXPECT_EQ(named["activation_encodings"][1]["offset"], json::array({-32768}));
  EXPECT_EQ(named["param_encodings"][1]["offset"], json::array({-127}));
  json back = rewritten(named, "2.0.0");
  back["encodings"][5]["axis"] = 1;  // 1.0.0 does not say it
  EXPECT_EQ(back, flat);
}

TEST_F(EncodingsWriter, WhatAVersionCannotHoldIsRefusedRatherThanChanged) {
  EncodingsFile file{.version = "1.0.0"};
  file.entries = {{.name = "act:output", .list = {{.min = -0.02, .max = 127.5, .scale = 0.5}}}};
  EXPECT_THAT(refusal(file), HasSubstr("act:output: encodings version 1.0.0 holds scale and offset only, and the range "
                                       "[-0.02, 127.5] is not that of the grid, [0.0, 127.5]; export version 0.6.1"));
  file.version = "2.0.0";
  EXPECT_THAT(refusal(file), HasSubstr("version 2.0.0 holds scale and offset only"));
  file.entries[0].list[0].min = -0.001;
  EXPECT_EQ(refusal(file), "no error");
  file.version = "adaround";
  EXPECT_THAT(refusal(file), HasSubstr("act:output: AdaRound's files hold parameters only"));
  file.version = "0.7.0";
  EXPECT_THAT(refusal(file), HasSubstr("no encodings version '0.7.0'"));
  file.version = "2.0.0";
  file.entries[0].list[0] = {.min = 0.5, .max = 128, .scale = 0.5, .offset = 1};
  EXPECT_THAT(refusal(file), HasSubstr("its grid does not contain zero"));
}

TEST_F(EncodingsWriter, BiasesOf32BitsComeBackInEveryVersion) {
  const EncodingsFile file = read_file(flat_2_0());
  for (const char* version : {"0.4.0", "0.6.1", "1.0.0", "2.1.0"}) {
    EncodingsFile other = file;
    other.version = version;
    EXPECT_THAT(take_out_unheld(other), testing::IsEmpty()) << version;
    const EncodingList list = read_back(file, version).at("fc.bias");
    ASSERT_EQ(list.size(), 2u) << version;
    EXPECT_EQ(list[1].bits, 32) << version;
    EXPECT_EQ(list[1].scale, 1e-9) << version;
    EXPECT_EQ(list[1].offset, -2147483648.0) << version;
  }
}

class OracleEncodingsWriter : public EncodingsWriter, public testing::WithParamInterface<const char*> {};

TEST_P(OracleEncodingsWriter, AimetsOwnGridsSurviveEveryVersion) {
  QEVAL_REQUIRE_SHARED("oracle");
  const EncodingsFile aimet = read_encodings_file(shared_root() / "oracle" / GetParam());
  for (const char* version : {"0.6.1", "1.0.0", "2.0.0"}) {
    const EncodingMap back = read_back(aimet, version);
    ASSERT_EQ(back.size(), aimet.entries.size());
    for (const EncodingEntry& entry : aimet.entries) {
      const EncodingList &list = entry.list, &same = back.at(entry.name);
      ASSERT_EQ(same.size(), list.size()) << entry.name;
      for (std::size_t i = 0; i < list.size(); ++i) {
        EXPECT_EQ(std::tie(same[i].scale, same[i].offset, same[i].bits, same[i].symmetric),
                  std::tie(list[i].scale, list[i].offset, list[i].bits, list[i].symmetric))
            << entry.name << ' ' << i;
        EXPECT_NEAR(same[i].min, list[i].min, 0.01 * list[i].scale) << entry.name << ' ' << i;
        EXPECT_NEAR(same[i].max, list[i].max, 0.01 * list[i].scale) << entry.name << ' ' << i;
      }
    }
  }
}

TEST_P(OracleEncodingsWriter, AFileOfAimetsComesBackWithItsNumbers) {
  QEVAL_REQUIRE_SHARED("oracle");
  const auto path = shared_root() / "oracle" / GetParam();
  std::ifstream stream(path);
  const json original = json::parse(stream);
  const json written = json::parse(format_encodings_file(read_encodings_file(path)));
  for (const char* section : {"activation_encodings", "param_encodings"})
    EXPECT_EQ(written[section], original[section]) << section;
}

INSTANTIATE_TEST_SUITE_P(Files, OracleEncodingsWriter,
                         testing::Values("efficientnet-lite0/w8a8_tf.torch.encodings",
                                         "efficientnet-lite0/w8a8_tf.onnx.encodings",
                                         "efficientnet-lite0/w8a8_tf_enhanced_per_channel.torch.encodings",
                                         "resnext-tiny/w8a8_tf_enhanced.torch.encodings",
                                         "resnext-tiny/w8a8_tf_enhanced_per_channel.torch.encodings"));

}  // namespace
}  // namespace qeval::test
