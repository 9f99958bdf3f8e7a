#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pipeline/base/errors.h"
#include "stages/quant/files/aimet_encodings.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_dir.h"

namespace qeval::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AimetEncodings : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& text) {
    const auto file = folder_.path() / "net_torch.encodings";
    std::ofstream(file) << text;
    return file;
  }
  EncodingMap read(const std::string& text) { return encodings_by_name(read_encodings_file(write(text))); }
  std::string error_of(const std::string& text) {
    try {
      read(text);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }

 private:
  TempDir folder_;
};

json entry() {
  return {{"bitwidth", 8}, {"dtype", "int"},       {"is_symmetric", "False"}, {"min", -2.0},
          {"max", 2.25},   {"scale", 0.016666667}, {"offset", -120}};
}

json file_with(const json& activation, const json& param) {
  return {{"version", "0.6.1"},
          {"activation_encodings", {{"stem", {{"input", {{"0", activation}}}}}}},
          {"param_encodings", {{"stem.weight", param}}},
          {"excluded_layers", json::array()},
          {"quantizer_args", json::object()}};
}

json valid() {
  json param = entry();
  param["is_symmetric"] = "True";
  return file_with(entry(), json::array({param, param}));
}

TEST_F(AimetEncodings, ReadsModulesAndParameters) {
  const EncodingMap map = read(valid().dump());
  ASSERT_EQ(map.size(), 2u);
  const Encoding& input = map.at("stem:input").at(0);
  EXPECT_EQ(input.min, -2.0);
  EXPECT_EQ(input.max, 2.25);
  EXPECT_EQ(input.scale, 0.016666667);
  EXPECT_EQ(input.offset, -120);
  EXPECT_EQ(input.bits, 8);
  EXPECT_FALSE(input.symmetric);
  EXPECT_EQ(map.at("stem.weight").size(), 2u);
  EXPECT_TRUE(map.at("stem.weight").at(1).symmetric);
}

TEST_F(AimetEncodings, AcceptsFilesOfTwoSectionsAndBooleans) {
  json file = valid();
  for (const char* key : {"version", "excluded_layers", "quantizer_args"}) file.erase(key);
  file["param_encodings"]["stem.weight"][0]["is_symmetric"] = true;
  EXPECT_TRUE(read(file.dump()).at("stem.weight")[0].symmetric);
}

struct Malformed {
  const char* pointer;  // what is replaced; erased if the value is discarded
  json value;
  const char* complaint;
};

TEST_F(AimetEncodings, MalformedFilesNameTheJsonPathAndTheReason) {
  const json gone(json::value_t::discarded);
  const std::vector<Malformed> cases{
      {"/version", "3.0.0", "/version: version \"3.0.0\" cannot be read"},
      {"/activation_encodings", gone, "/activation_encodings: is missing"},
      {"/param_encodings", json::array(), "/param_encodings: expected an object in this version, not a list"},
      {"/activation_encodings/stem", json::array(), "/activation_encodings/stem: a list with one entry"},
      {"/activation_encodings/stem", 7, "/activation_encodings/stem: expected an object with"},
      {"/activation_encodings/stem/side", json::object(), "/activation_encodings/stem/side: \"input\" or"},
      {"/activation_encodings/stem/input", json::array(), "/activation_encodings/stem/input: expected an object of"},
      {"/activation_encodings/stem/input/0", 3, "/activation_encodings/stem/input/0: expected an object with bitwidth"},
      {"/activation_encodings/stem/input/0/min", gone, "/activation_encodings/stem/input/0/min: is missing"},
      {"/activation_encodings/stem/input/0/max", "x", "/activation_encodings/stem/input/0/max: expected a number"},
      {"/activation_encodings/stem/input/0/min", 5, "/activation_encodings/stem/input/0/min: is above max"},
      {"/activation_encodings/stem/input/0/scale", 0, "/activation_encodings/stem/input/0/scale: is not positive"},
      {"/activation_encodings/stem/input/0/offset", -1.5, "/activation_encodings/stem/input/0/offset: a whole"},
      {"/activation_encodings/stem/input/0/offset", -1e9, "/activation_encodings/stem/input/0/offset: a whole"},
      {"/activation_encodings/stem/input/0/bitwidth", 32, "/bitwidth: 32 is no whole number from 2 to 16"},
      {"/activation_encodings/stem/input/0/bitwidth", 7.5, "/bitwidth: 7.5 is no whole number from 2 to 16"},
      {"/activation_encodings/stem/input/0/dtype", "bool", "/dtype: \"bool\" is not supported"},
      {"/activation_encodings/stem/input/0/dtype", "float",
       "/bitwidth: data type float is supported with 16 bits only"},
      {"/activation_encodings/stem/input/0/is_symmetric", "maybe",
       "/is_symmetric: expected \"True\" or \"False\" (a text), not \"maybe\""},
      {"/param_encodings/stem.weight", json::array(), "/param_encodings/stem.weight: a list with"},
      {"/param_encodings/stem.weight", entry(), "/param_encodings/stem.weight: a list with"},
      {"/param_encodings/stem.weight/1/bitwidth", 16, "/param_encodings/stem.weight/1/bitwidth: differs"},
      {"/param_encodings/stem.weight/1/is_symmetric", "False", "/param_encodings/stem.weight/1/is_symmetric: differs"},
  };
  for (const auto& bad : cases) {
    json file = valid();
    const json::json_pointer where(bad.pointer);
    if (bad.value.is_discarded())
      file[where.parent_pointer()].erase(where.back());
    else
      file[where] = bad.value;
    const std::string message = error_of(file.dump());
    EXPECT_THAT(message, HasSubstr(bad.complaint));
    EXPECT_THAT(message, HasSubstr("net_torch.encodings:1:"));
  }
}

TEST_F(AimetEncodings, MalformedFilesNameLineAndColumn) {
  const auto text = [](const std::string& entry) {
    return "{\n \"activation_encodings\": {\"stem\": {\n  \"output\": {\"0\": " + entry +
           "}}},\n \"param_encodings\": {}\n}\n";
  };
  const std::string where = "net_torch.encodings:3:", path = " /activation_encodings/stem/output/0/";
  EXPECT_THAT(error_of(text(R"({"bitwidth": 64})")), HasSubstr(where + "32:" + path + "bitwidth: 64 is no whole"));
  EXPECT_THAT(error_of(text(R"({"bitwidth": 8, "is_symmetric": 0})")),
              HasSubstr(where + "51:" + path + "is_symmetric: "));
  EXPECT_THAT(error_of(text(R"({"bitwidth": 8, "is_symmetric": "True"})")),
              HasSubstr(where + "19:" + path + "min: is missing"));
}

TEST_F(AimetEncodings, WhatIsNotJsonIsRefused) {
  EXPECT_THAT(error_of(""), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("{\"version\": "), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("[]"), HasSubstr(":1:1: top level: expected an object, not a list"));
  EXPECT_THAT(error_of(R"({"activation_encodings": {"a": {"input": {"0": {"min": 1e999}}}}})"), HasSubstr("not JSON"));
  EXPECT_THROW(read_encodings_file("/nowhere/at/all.encodings"), InputError);
}

TEST_F(AimetEncodings, EqualKeysAreAnErrorInsteadOfALostEncoding) {
  EXPECT_THAT(error_of(R"({"activation_encodings": {}, "param_encodings": {"a.weight": [], "a.weight": []}})"),
              HasSubstr(":1:66: /param_encodings/a.weight: this key occurs twice in one object"));
}

TEST_F(AimetEncodings, FurtherInputsAndOutputsAreEntriesThatComeBack) {
  json file = valid();
  file["activation_encodings"]["stem"]["input"]["1"] = entry();
  file["activation_encodings"]["stem"]["output"]["2"] = entry();
  const EncodingsFile read = read_encodings_file(write(file.dump()));
  EXPECT_THAT(encodings_by_name(read), testing::AllOf(testing::Contains(testing::Key("stem:input[1]")),
                                                      testing::Contains(testing::Key("stem:output[2]"))));
  EXPECT_EQ(json::parse(format_encodings_file(read))["activation_encodings"]["stem"],
            file["activation_encodings"]["stem"]);
}

Graph graph_of_three() {
  Graph graph;
  Node conv;
  conv.op = Op::conv;
  conv.weight = Tensor({2, 1, 1, 1}, std::vector<float>{1, 2});
  conv.weight_quantizer = 0;
  graph.nodes.push_back(conv);
  graph.quantizers.resize(3);
  graph.quantizers[0].role = QuantizerRole::param;
  graph.quantizers[0].module = "conv1";
  graph.quantizers[0].parameter = "weight";
  graph.quantizers[0].symmetric = graph.quantizers[0].per_channel = true;
  graph.quantizers[1].module = "layer1.0.relu";
  graph.quantizers[2].role = QuantizerRole::input;
  graph.quantizers[2].module = "conv1";
  return graph;
}

EncodingMap encodings_of_three() {
  const double third = 1.0 / 3;
  Encoding weight{.min = -third * 128, .max = third * 127, .scale = third, .offset = -128, .symmetric = true};
  return {{"conv1.weight", {weight, weight}},
          {"layer1.0.relu:output", {{.min = 0, .max = 0.1 + 0.2, .scale = 5e-324, .offset = 0}}},
          {"conv1:input", {{.min = -2.1179039478302, .max = 2.64, .scale = 1e-17, .offset = -113}}}};
}

std::string format(const Graph& graph, const EncodingMap& encodings, const QuantRecipe& recipe = {}) {
  return format_encodings_file(encodings_file_of(graph, encodings, recipe, "0.6.1"));
}

/// As a file would say it.
EncodingsMismatch match(const Graph& graph, const EncodingMap& encodings) {
  EncodingsFile file;
  for (const auto& [name, list] : encodings) file.entries.push_back({.name = name, .list = list});
  return match_encodings(graph, file);
}

TEST_F(AimetEncodings, WhatIsWrittenIsReadBackToTheLastBit) {
  const EncodingMap written = encodings_of_three();
  const EncodingMap back = read(format(graph_of_three(), written));
  ASSERT_EQ(back.size(), written.size());
  for (const auto& [key, list] : written) {
    ASSERT_EQ(back.at(key).size(), list.size()) << key;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Encoding &a = list[i], &b = back.at(key)[i];
      EXPECT_EQ(std::tie(a.min, a.max, a.scale, a.offset, a.bits, a.symmetric),
                std::tie(b.min, b.max, b.scale, b.offset, b.bits, b.symmetric))
          << key;
    }
  }
}

TEST_F(AimetEncodings, WrittenFileHasTheFormOfVersion061) {
  QuantRecipe recipe;
  recipe.per_channel = true;
  const json file = json::parse(format(graph_of_three(), encodings_of_three(), recipe));
  EXPECT_EQ(file["version"], "0.6.1");
  EXPECT_EQ(file["excluded_layers"], json::array());
  EXPECT_EQ(file["param_encodings"]["conv1.weight"][1]["is_symmetric"], "True");
  EXPECT_EQ(file["activation_encodings"]["layer1.0.relu"]["output"]["0"]["is_symmetric"], "False");
  EXPECT_TRUE(file["activation_encodings"]["conv1"]["input"]["0"]["offset"].is_number_integer());
  EXPECT_EQ(file["quantizer_args"]["quant_scheme"], "post_training_tf_enhanced");
  EXPECT_EQ(file["quantizer_args"]["per_channel_quantization"], true);
}

TEST_F(AimetEncodings, HalfPrecisionHasNoNumbers) {
  Graph graph = graph_of_three();
  graph.quantizers[1].float16 = true;
  EncodingMap written = encodings_of_three();
  written["layer1.0.relu:output"] = {float16_encoding};
  const std::string text = format(graph, written, {});
  EXPECT_EQ(json::parse(text)["activation_encodings"]["layer1.0.relu"]["output"]["0"],
            json({{"bitwidth", 16}, {"dtype", "float"}}));
  EncodingsFile file = read_encodings_file(write(text));
  EXPECT_TRUE(encodings_by_name(file).at("layer1.0.relu:output").front().float16);
  EXPECT_TRUE(match_encodings(graph, file).empty());
  EXPECT_THAT(match_encodings(graph_of_three(), file).different,
              testing::ElementsAre("layer1.0.relu:output: integer codes, file half precision"));
  EncodingsFile later{.version = "1.0.0", .entries = {{.name = "relu", .list = {float16_encoding}}}};
  const std::string text_of_1_0 = format_encodings_file(later);
  EXPECT_EQ(json::parse(text_of_1_0)["activation_encodings"][0],
            json({{"name", "relu"}, {"enc_type", "PER_TENSOR"}, {"dtype", "FLOAT"}, {"bw", 16}}));
  EXPECT_TRUE(read(text_of_1_0).at("relu").front().float16);
  later.version = "2.0.0";
  EXPECT_THAT(take_out_unheld(later), testing::ElementsAre("relu"));
  EXPECT_TRUE(read(format_encodings_file(later)).empty());
  std::erase_if(file.entries, [](const EncodingEntry& entry) { return entry.list.front().float16; });
  EXPECT_TRUE(match_encodings(graph, file).empty());  // what has no range needs no entry
}

TEST_F(AimetEncodings, EncodingWithoutAQuantizerIsNotWritten) {
  EncodingMap map = encodings_of_three();
  map["elsewhere:output"] = {Encoding{}};
  EXPECT_THROW(format(graph_of_three(), map), InternalError);
}

TEST(MatchEncodings, EqualSetsMatch) { EXPECT_TRUE(match(graph_of_three(), encodings_of_three()).empty()); }

TEST(MatchEncodings, BothDirectionsAndDifferencesAreListed) {
  EncodingMap map = encodings_of_three();
  map.erase("conv1:input");
  map["bn1:output"] = {Encoding{}};
  map["layer1.0.relu:output"][0].bits = 4;
  map["conv1.weight"].pop_back();
  const EncodingsMismatch mismatch = match(graph_of_three(), map);
  EXPECT_THAT(mismatch.without_encoding, ElementsAre("conv1:input"));
  EXPECT_THAT(mismatch.without_quantizer, ElementsAre("bn1:output"));
  EXPECT_THAT(mismatch.different, ElementsAre("layer1.0.relu:output: 8 bit, file 4 bit"));
  EXPECT_THAT(mismatch.unusable, ElementsAre("conv1.weight: 2 encodings, file 1"));
  EXPECT_FALSE(mismatch.empty());
}

TEST(MatchEncodings, SymmetryDiffersLoudly) {
  EncodingMap map = encodings_of_three();
  for (auto& encoding : map["conv1.weight"]) encoding.symmetric = false;
  EXPECT_THAT(match(graph_of_three(), map).different, ElementsAre("conv1.weight: symmetric, file asymmetric"));
}

Graph graph_with_shared_relu() {
  Graph graph = graph_of_three();
  graph.quantizers[1].aliases = {"layer1.0.relu2:output"};
  return graph;
}

TEST_F(AimetEncodings, ASharedQuantizerIsWrittenUnderEveryName) {
  const json file = json::parse(format(graph_with_shared_relu(), encodings_of_three()));
  EXPECT_EQ(file["activation_encodings"]["layer1.0.relu2"], file["activation_encodings"]["layer1.0.relu"]);
  EXPECT_FALSE(file["activation_encodings"]["layer1.0.relu2"].is_null());
}

TEST(MatchEncodings, ASharedQuantizerIsFoundUnderAnyName) {
  EncodingMap map = encodings_of_three();
  map["layer1.0.relu2:output"] = map["layer1.0.relu:output"];
  EXPECT_TRUE(match(graph_with_shared_relu(), map).empty());
  map.erase("layer1.0.relu:output");
  EXPECT_TRUE(match(graph_with_shared_relu(), map).empty());
}

TEST(MatchEncodings, TwoRangesForOneSharedQuantizerAreADifference) {
  EncodingMap map = encodings_of_three();
  map["layer1.0.relu2:output"] = map["layer1.0.relu:output"];
  map["layer1.0.relu2:output"][0].max += 1;
  EXPECT_THAT(match(graph_with_shared_relu(), map).unusable,
              ElementsAre("layer1.0.relu:output: one quantizer with layer1.0.relu2:output, file has two ranges"));
}

TEST(MatchEncodings, AQuantizerIsFoundUnderItsTensorsName) {
  Graph graph = graph_of_three();
  graph.quantizers[0].tensors = {"onnx::Conv_17"};
  EncodingMap map = encodings_of_three();
  map["onnx::Conv_17"] = map["conv1.weight"];
  map.erase("conv1.weight");
  EXPECT_TRUE(match(graph, map).empty());
  EXPECT_FALSE(match(graph_of_three(), map).empty());
}

TEST(MatchEncodings, AnotherAxisThanTheQuantizersIsNotApplied) {
  EncodingsFile file;
  for (const auto& [name, list] : encodings_of_three()) file.entries.push_back({.name = name, .list = list});
  file.entries[0].per_channel = true;
  EXPECT_TRUE(match_encodings(graph_of_three(), file).empty());
  EXPECT_EQ(usable_encodings(graph_of_three(), file).size(), 3u);
  file.entries[0].axis = 1;
  EXPECT_TRUE(match_encodings(graph_of_three(), file).empty());  // most versions cannot say it
  file.entries[0].axis_known = true;
  EXPECT_THAT(match_encodings(graph_of_three(), file).unusable,
              ElementsAre("conv1.weight: encodings per channel lie along axis 0, in the file along axis 1"));
  EXPECT_EQ(usable_encodings(graph_of_three(), file).count("conv1.weight"), 0u);
}

TEST(MatchEncodings, IntegerBiasesAreNamedAndAreNoMismatch) {
  EncodingMap map = encodings_of_three();
  map["conv1.bias"] = {{.scale = 1e-5, .bits = 32, .symmetric = true}};
  const EncodingsMismatch mismatch = match(graph_of_three(), map);
  EXPECT_TRUE(mismatch.empty());
  EXPECT_THAT(mismatch.biases, ElementsAre("conv1.bias"));
}

TEST(MatchEncodings, EmptyListCountsAsNoEncoding) {
  EncodingMap map = encodings_of_three();
  map["conv1:input"].clear();
  EXPECT_THAT(match(graph_of_three(), map).without_encoding, ElementsAre("conv1:input"));
}

TEST(OracleEncodings, EveryFileOfTheOraclesIsRead) {
  QEVAL_REQUIRE_SHARED("oracle/efficientnet-lite0");
  const auto root = shared_root() / "oracle";
  const auto count = [&](const char* file) { return read_encodings_file(root / file).entries.size(); };
  EXPECT_EQ(count("efficientnet-lite0/w8a8_tf_enhanced.torch.encodings"), 127u);
  EXPECT_EQ(count("efficientnet-lite0/w8a8_tf_enhanced_per_channel.torch.encodings"), 127u);
  EXPECT_EQ(count("resnext-tiny/w8a8_tf.torch.encodings"), 43u);
  const auto per_channel = root / "resnext-tiny/w8a8_tf_enhanced_per_channel.torch.encodings";
  EXPECT_EQ(encodings_by_name(read_encodings_file(per_channel)).at("fc.weight").size(), 1000u);
}

}  // namespace
}  // namespace qeval::test
