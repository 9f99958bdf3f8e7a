#include <gmock/gmock.h>

#include "stages/quant/arithmetic/quantize.h"
#include "stages/quant/files/aimet_encodings.h"
#include "tests/quant/encodings_files_fixture.h"
#include "tests/support/shared_data.h"

namespace qeval::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

class EncodingsVersions : public EncodingsFiles {
 protected:
  EncodingMap read(const json& document) { return encodings_by_name(read_file(document)); }
};

json named_1_0() {
  return json::parse(R"({"version":"1.0.0",
    "activation_encodings":[{"name":"/act/Relu_output_0","enc_type":"PER_TENSOR","dtype":"INT","bw":4,"is_sym":false,
                             "scale":[0.5],"offset":[-3]}],
    "param_encodings":[{"name":"stem.weight","enc_type":"PER_CHANNEL","dtype":"INT","bw":8,"is_sym":true,
                        "scale":[0.25,0.1],"offset":[-128,-128]}],
    "excluded_layers":[],"quantizer_args":{}})");
}

json flat_2_0() {
  return json::parse(R"({"version":"2.0.0","producer":{"package":"x","version":"0"},"encodings":[
    {"name":"relu","output_dtype":"uint8","y_scale":0.5},
    {"name":"input","output_dtype":"uint16","y_scale":0.25,"y_zero_point":120},
    {"name":"strict","output_dtype":"int8","y_scale":0.25,"y_zero_point":-1},
    {"name":"shifted","output_dtype":"int4","y_scale":0.25,"y_zero_point":3},
    {"name":"stem.bias","output_dtype":"int32","y_scale":[1e-5,2e-5]},
    {"name":"stem.weight","output_dtype":"int8","axis":0,"y_scale":[0.25,0.5],"y_zero_point":[0,0]}]})");
}

void expect_grid(const Encoding& e, double scale, double offset, double min, double max, int bits, bool symmetric) {
  EXPECT_EQ(e.scale, scale);
  EXPECT_EQ(e.offset, offset);
  EXPECT_EQ(e.min, min);
  EXPECT_EQ(e.max, max);
  EXPECT_EQ(e.bits, bits);
  EXPECT_EQ(e.symmetric, symmetric);
}

TEST_F(EncodingsVersions, Version100GivesTheRangeOfItsGrid) {
  const EncodingMap map = read(named_1_0());
  ASSERT_EQ(map.size(), 2u);
  expect_grid(map.at("/act/Relu_output_0").at(0), 0.5, -3, -1.5, 6, 4, false);
  ASSERT_EQ(map.at("stem.weight").size(), 2u);
  expect_grid(map.at("stem.weight")[0], 0.25, -128, -32, 31.75, 8, true);
  EXPECT_EQ(map.at("stem.weight")[1].scale, 0.1);
}

TEST_F(EncodingsVersions, Version200TurnsZeroPointsIntoOffsets) {
  for (const char* version : {"2.0.0", "2.1.0"}) {
    json document = flat_2_0();
    document["version"] = version;
    const EncodingMap map = read(document);
    ASSERT_EQ(map.size(), 6u);
    expect_grid(map.at("relu").at(0), 0.5, 0, 0, 127.5, 8, false);
    expect_grid(map.at("input").at(0), 0.25, -120, -30, 16353.75, 16, false);
    expect_grid(map.at("strict").at(0), 0.25, -127, -31.75, 31.75, 8, true);
    expect_grid(map.at("shifted").at(0), 0.25, -11, -2.75, 1, 4, true);
    expect_grid(map.at("stem.bias").at(0), 1e-5, -2147483648.0, 1e-5 * -2147483648.0, 1e-5 * 2147483647.0, 32, true);
    ASSERT_EQ(map.at("stem.weight").size(), 2u);
    expect_grid(map.at("stem.weight")[1], 0.5, -128, -64, 63.5, 8, true);
  }
}

TEST_F(EncodingsVersions, AStrictSymmetricGridIsSymmetricToTheLastBitInEveryVersion) {
  json named = named_1_0();
  named["param_encodings"][0]["offset"] = {-127, -127};
  const EncodingMap map = read(named);
  for (const Encoding& encoding : map.at("stem.weight")) {
    EXPECT_EQ(encoding.min, -encoding.max);
    // Every mode then quantizes onto 254 steps, whether it starts from the range or from scale and offset.
    for (const auto mode : {NumericsMode::aimet_1_24, NumericsMode::aimet_1_31, NumericsMode::aimet_2024,
                            NumericsMode::aimet_onnx_2, NumericsMode::aimet_torch_2}) {
      const QdqParameters grid = make_qdq(encoding, mode);
      EXPECT_EQ(grid.levels, 254) << mode_name(mode);
      EXPECT_EQ(grid.scale, static_cast<float>(encoding.scale)) << mode_name(mode);
      EXPECT_EQ(grid.max, -grid.min) << mode_name(mode);
    }
  }
  EXPECT_EQ(read(flat_2_0()).at("strict").at(0).max, 127 * 0.25);
}

TEST_F(EncodingsVersions, TheRefusalOfAZeroPointNamesTheCodesOfItsType) {
  json document = flat_2_0();
  document["encodings"][0]["y_zero_point"] = 300;
  EXPECT_THAT(error_of(document), HasSubstr("300.0 is no whole number from 0 to 255, the codes of uint8"));
}

TEST_F(EncodingsVersions, OnnxNamesAndBareParameterFilesKeepTheirNames) {
  const json entry =
      json::parse(R"([{"bitwidth":8,"is_symmetric":"False","min":-1.0,"max":1.5,"scale":0.01,"offset":-100}])");
  const EncodingMap onnx = read({{"version", "0.4.0"},
                                 {"activation_encodings", {{"input.1", entry}}},
                                 {"param_encodings", {{"c.weight", entry}}}});
  ASSERT_EQ(onnx.size(), 2u);
  EXPECT_EQ(onnx.at("input.1").at(0).max, 1.5);
  const EncodingMap bare = read({{"layer.weight", entry}});
  ASSERT_EQ(bare.size(), 1u);
  EXPECT_EQ(bare.at("layer.weight").at(0).offset, -100);
}

struct Malformed {
  const char* pointer;  // what is replaced; erased if the value is discarded
  json value;
  const char* complaint;
};

void replace(json& document, const Malformed& bad) {
  const json::json_pointer where(bad.pointer);
  if (bad.value.is_discarded())
    document[where.parent_pointer()].erase(where.back());
  else
    document[where] = bad.value;
}

TEST_F(EncodingsVersions, Malformed100FilesNameTheJsonPathAndTheReason) {
  const json gone(json::value_t::discarded);
  const std::vector<Malformed> cases{
      {"/param_encodings", gone, ": /param_encodings: is missing"},
      {"/param_encodings", json::object(), ": /param_encodings: expected a list in version 1.0.0, not an object"},
      {"/param_encodings/0", 1, ": /param_encodings/0: expected an object with the tensor's \"name\""},
      {"/param_encodings/0/name", "", ": /param_encodings/0/name: a tensor name"},
      {"/param_encodings/0/name", "/act/Relu_output_0",
       ": /param_encodings/0/name: \"/act/Relu_output_0\" occurs twice"},
      {"/param_encodings/0/dtype", "BFLOAT", ": /param_encodings/0/dtype: \"BFLOAT\" is not supported"},
      {"/param_encodings/0/dtype", "FLOAT", ": /param_encodings/0/bw: data type float is supported with 16 bits only"},
      {"/param_encodings/0/enc_type", "VECTOR", ": /param_encodings/0/enc_type: \"VECTOR\" is not supported"},
      {"/param_encodings/0/bw", 33, ": /param_encodings/0/bw: 33 is no whole number from 2 to 32"},
      {"/activation_encodings/0/bw", 32, ": /activation_encodings/0/bw: 32 is no whole number from 2 to 16"},
      {"/param_encodings/0/is_sym", 1, ": /param_encodings/0/is_sym: expected \"True\" or"},
      {"/param_encodings/0/scale", json::array(), ": /param_encodings/0/scale: a list of numbers"},
      {"/param_encodings/0/scale/1", "x", ": /param_encodings/0/scale/1: expected a number"},
      {"/param_encodings/0/scale/1", -1, ": /param_encodings/0/scale/1: is not positive"},
      {"/param_encodings/0/scale/1", 1e308, ": /param_encodings/0/scale/1: is too large"},
      {"/param_encodings/0/offset", json::array({-1}), ": /param_encodings/0/offset: a list of 2"},
      {"/param_encodings/0/offset/0", 0.5, ": /param_encodings/0/offset/0: a whole number"},
      {"/param_encodings/0/enc_type", "PER_TENSOR", ": /param_encodings/0/scale: PER_TENSOR has one scale"},
  };
  for (const auto& bad : cases) {
    json document = named_1_0();
    replace(document, bad);
    EXPECT_THAT(error_of(document), AllOf(HasSubstr("net.encodings:1:"), HasSubstr(bad.complaint)));
  }
}

TEST_F(EncodingsVersions, Malformed200FilesNameTheJsonPathAndTheReason) {
  const json gone(json::value_t::discarded);
  const std::vector<Malformed> cases{
      {"/encodings", gone, ": /encodings: is missing"},
      {"/encodings", json::object(), ": /encodings: expected a list in versions 2.0.0 and 2.1.0, not an object"},
      {"/encodings/0/name", "input", ": /encodings/1/name: \"input\" occurs twice"},
      {"/encodings/0/output_dtype", "float16", ": /encodings/0/output_dtype: \"float16\" is not supported"},
      {"/encodings/0/output_dtype", 8, ": /encodings/0/output_dtype: 8 is not supported"},
      {"/encodings/0/output_dtype", "u", ": /encodings/0/output_dtype: \"u\" is not supported"},
      {"/encodings/0/output_dtype", "int64", ": /encodings/0/output_dtype: \"int64\" is not supported"},
      {"/encodings/0/y_scale", gone, ": /encodings/0/y_scale: is missing"},
      {"/encodings/0/y_scale", json::object(), ": /encodings/0/y_scale/x: is missing"},
      {"/encodings/0/y_scale", 0, ": /encodings/0/y_scale: is not positive"},
      {"/encodings/1/y_zero_point", 0.5, ": /encodings/1/y_zero_point: 0.5 is no whole number from 0 to 65535"},
      {"/encodings/0/y_zero_point", 300, ": /encodings/0/y_zero_point: 300"},
      {"/encodings/2/y_zero_point", -129, ": /encodings/2/y_zero_point: -129"},
      {"/encodings/5/y_zero_point/1", 128, ": /encodings/5/y_zero_point/1: 128"},
      {"/encodings/5/axis", gone, ": /encodings/5/axis: is missing, but there are 2 scales"},
      {"/encodings/5/axis", "0", ": /encodings/5/axis: \"0\" is no whole number from -8 to 7"},
      {"/encodings/5/block_size", 16, ": /encodings/5/y_scale: lists of lists are expected"},
      {"/encodings/5/y_zero_point", 0, ": /encodings/5/y_zero_point: a list of 2"},
  };
  for (const auto& bad : cases) {
    json document = flat_2_0();
    replace(document, bad);
    EXPECT_THAT(error_of(document), AllOf(HasSubstr("net.encodings:1:"), HasSubstr(bad.complaint)));
  }
}

EncodingMap read_by_name(const std::filesystem::path& file) { return encodings_by_name(read_encodings_file(file)); }

TEST(OracleEncodingsVersions, OnnxNamedFilesHoldTheParametersOfTheModuleNamedOnes) {
  QEVAL_REQUIRE_SHARED("oracle/efficientnet-lite0");
  const auto root = shared_root() / "oracle/efficientnet-lite0";
  const EncodingMap onnx = read_by_name(root / "w8a8_tf.onnx.encodings");
  const EncodingMap torch = read_by_name(root / "w8a8_tf.torch.encodings");
  int parameters = 0;
  for (const auto& [key, list] : torch) {
    const auto found = onnx.find(key);
    if (found == onnx.end()) continue;
    ++parameters;
    ASSERT_EQ(found->second.size(), list.size()) << key;
    EXPECT_EQ(found->second[0].scale, list[0].scale) << key;
    EXPECT_EQ(found->second[0].min, list[0].min) << key;
  }
  EXPECT_GT(parameters, 0);
}

}  // namespace
}  // namespace qeval::test
