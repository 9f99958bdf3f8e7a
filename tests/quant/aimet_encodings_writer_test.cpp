#include <fstream>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pipeline/errors.h"
#include "stages/quant/aimet_encodings.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_dir.h"

namespace qeval::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class EncodingsWriter : public testing::Test {
 protected:
  EncodingMap read(const std::string& text) {
    const auto file = folder_.path() / "net.encodings";
    std::ofstream(file) << text;
    return read_aimet_encodings(file);
  }
  /// Read, written in `version`, parsed.
  json rewritten(const json& document, const Graph& graph, EncodingsVersion version) {
    return json::parse(format_aimet_encodings(graph, read(document.dump()), {}, version));
  }
  std::string refusal(const Encoding& encoding, EncodingsVersion version);

 private:
  TempDir folder_;
};

Quantizer activation(const std::string& module) {
  Quantizer quantizer;
  quantizer.module = module;
  return quantizer;
}

Quantizer weight(const std::string& module, bool per_channel) {
  Quantizer quantizer;
  quantizer.role = QuantizerRole::param;
  quantizer.module = module;
  quantizer.parameter = "weight";
  quantizer.symmetric = true;
  quantizer.per_channel = per_channel;
  return quantizer;
}

Graph graph_of(std::vector<Quantizer> quantizers) {
  Graph graph;
  graph.quantizers = std::move(quantizers);
  return graph;
}

Graph small_graph() {
  return graph_of({activation("act"), activation("pool"), weight("stem", true), weight("fc", false)});
}

json named_1_0() {
  return json::parse(R"({"version":"1.0.0",
    "activation_encodings":[
      {"name":"act:output","enc_type":"PER_TENSOR","dtype":"INT","bw":4,"is_sym":false,"scale":[0.1],"offset":[-3]},
      {"name":"pool:output","enc_type":"PER_TENSOR","dtype":"INT","bw":16,"is_sym":false,
       "scale":[1.2345678901234567e-5],"offset":[-32768]}],
    "param_encodings":[
      {"name":"stem.weight","enc_type":"PER_CHANNEL","dtype":"INT","bw":8,"is_sym":true,
       "scale":[0.0010000000474974513,5e-324],"offset":[-128,-128]},
      {"name":"fc.weight","enc_type":"PER_TENSOR","dtype":"INT","bw":8,"is_sym":true,"scale":[0.3],"offset":[-128]}]})");
}

json flat_2_0() {
  return json::parse(R"({"version":"2.0.0","encodings":[
    {"name":"act:output","output_dtype":"uint8","y_scale":0.1},
    {"name":"pool:output","output_dtype":"uint16","y_scale":1.2345678901234567e-5,"y_zero_point":32768},
    {"name":"stem.weight","output_dtype":"int8","axis":0,"y_scale":[0.0010000000474974513,5e-324]},
    {"name":"fc.weight","output_dtype":"int4","y_scale":0.3}]})");
}

TEST_F(EncodingsWriter, Version100ComesBackEqualToTheLastDigit) {
  const json file = rewritten(named_1_0(), small_graph(), EncodingsVersion::v1_0_0);
  EXPECT_EQ(file["version"], "1.0.0");
  EXPECT_EQ(file["activation_encodings"], named_1_0()["activation_encodings"]);
  EXPECT_EQ(file["param_encodings"], named_1_0()["param_encodings"]);
  EXPECT_EQ(file["excluded_layers"], json::array());
  EXPECT_EQ(file["quantizer_args"]["activation_bitwidth"], 8);
}

TEST_F(EncodingsWriter, Version200ComesBackEqualToTheLastDigit) {
  EXPECT_EQ(rewritten(flat_2_0(), small_graph(), EncodingsVersion::v2_0_0), flat_2_0());
}

TEST_F(EncodingsWriter, ZeroPointsPerChannelAreWrittenOnceOneIsNotZero) {
  const json entry{{"name", "stem.weight"}, {"output_dtype", "uint8"},       {"axis", 0},
                   {"y_scale", {0.5, 0.25}}, {"y_zero_point", {0, 7}}};
  const json document{{"version", "2.0.0"}, {"encodings", {entry}}};
  EXPECT_EQ(rewritten(document, small_graph(), EncodingsVersion::v2_0_0), document);
}

TEST_F(EncodingsWriter, AVersionIsTurnedIntoTheOtherWithTheSameGrid) {
  const json named = rewritten(flat_2_0(), small_graph(), EncodingsVersion::v1_0_0);
  const json& pool = named["activation_encodings"][1];
  EXPECT_EQ(pool["bw"], 16);
  EXPECT_EQ(pool["offset"], json::array({-32768}));
  EXPECT_EQ(named["param_encodings"][1]["offset"], json::array({-8}));
  EXPECT_EQ(rewritten(named, small_graph(), EncodingsVersion::v2_0_0), flat_2_0());
}

TEST_F(EncodingsWriter, ASymmetricGridThatStartsAtZeroIsUnsigned) {
  const EncodingMap map{{"act:output", {{.max = 127.5, .scale = 0.5, .symmetric = true}}}};
  const json file = json::parse(format_aimet_encodings(small_graph(), map, {}, EncodingsVersion::v2_0_0));
  EXPECT_EQ(file["encodings"][0], json({{"name", "act:output"}, {"output_dtype", "uint8"}, {"y_scale", 0.5}}));
}

TEST_F(EncodingsWriter, AOneChannelParameterKeepsItsAxis) {
  const EncodingMap map{{"stem.weight", {{.min = -64, .max = 63.5, .scale = 0.5, .offset = -128, .symmetric = true}}}};
  const json flat = json::parse(format_aimet_encodings(small_graph(), map, {}, EncodingsVersion::v2_0_0));
  EXPECT_EQ(flat["encodings"][0]["axis"], 0);
  EXPECT_EQ(flat["encodings"][0]["y_scale"], json::array({0.5}));
  const json named = json::parse(format_aimet_encodings(small_graph(), map, {}, EncodingsVersion::v1_0_0));
  EXPECT_EQ(named["param_encodings"][0]["enc_type"], "PER_CHANNEL");
}

TEST_F(EncodingsWriter, ASharedQuantizerIsWrittenUnderEveryName) {
  Graph graph = small_graph();
  graph.quantizers[0].aliases = {"act2:output"};
  for (const auto version : {EncodingsVersion::v1_0_0, EncodingsVersion::v2_0_0}) {
    const EncodingMap back = read(format_aimet_encodings(graph, read(flat_2_0().dump()), {}, version));
    ASSERT_EQ(back.size(), 5u);
    EXPECT_EQ(back.at("act2:output").at(0).scale, back.at("act:output").at(0).scale);
  }
}

std::string EncodingsWriter::refusal(const Encoding& encoding, EncodingsVersion version) {
  try {
    format_aimet_encodings(small_graph(), {{"act:output", {encoding}}}, {}, version);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(EncodingsWriter, ARangeThatIsNotTheGridsIsRefusedRatherThanChanged) {
  const Encoding strict{.min = -63.5, .max = 63.5, .scale = 0.5, .offset = -127, .symmetric = true};
  EXPECT_THAT(refusal(strict, EncodingsVersion::v1_0_0),
              HasSubstr("act:output: encodings version 1.0.0 holds scale and offset only, and the range [-63.5, 63.5] is "
                        "not that of the grid, [-63.5, 64.0]"));
  EXPECT_THAT(refusal(strict, EncodingsVersion::v2_0_0), HasSubstr("version 2.0.0 holds scale and offset only"));
  EXPECT_EQ(refusal(strict, EncodingsVersion::v0_6_1), "no error");
  Encoding off{.min = -0.02, .max = 127.5, .scale = 0.5};
  EXPECT_THAT(refusal(off, EncodingsVersion::v1_0_0), HasSubstr("export version 0.6.1"));
  off.min = -0.001;
  EXPECT_EQ(refusal(off, EncodingsVersion::v1_0_0), "no error");
}

/// Quantizers for everything that a file with module names holds.
Graph graph_for(const EncodingMap& encodings) {
  std::vector<Quantizer> quantizers;
  for (const auto& [key, list] : encodings) {
    const std::size_t colon = key.rfind(':');
    if (colon == std::string::npos) {
      quantizers.push_back(weight(key.substr(0, key.rfind('.')), list.size() > 1));
      quantizers.back().parameter = key.substr(key.rfind('.') + 1);
    } else {
      quantizers.push_back(activation(key.substr(0, colon)));
      if (key.substr(colon) == ":input") quantizers.back().role = QuantizerRole::input;
    }
  }
  return graph_of(std::move(quantizers));
}

class OracleEncodingsWriter : public EncodingsWriter, public testing::WithParamInterface<const char*> {};

TEST_P(OracleEncodingsWriter, AimetsOwnGridsSurviveEveryVersion) {
  QEVAL_REQUIRE_SHARED("oracle");
  const EncodingMap aimet = read_aimet_encodings(shared_root() / "oracle" / GetParam());
  const Graph graph = graph_for(aimet);
  for (const auto version : {EncodingsVersion::v0_6_1, EncodingsVersion::v1_0_0, EncodingsVersion::v2_0_0}) {
    const EncodingMap back = read(format_aimet_encodings(graph, aimet, {}, version));
    ASSERT_EQ(back.size(), aimet.size());
    for (const auto& [key, list] : aimet) {
      const EncodingList& same = back.at(key);
      ASSERT_EQ(same.size(), list.size()) << key;
      for (std::size_t i = 0; i < list.size(); ++i) {
        EXPECT_EQ(std::tie(same[i].scale, same[i].offset, same[i].bits, same[i].symmetric),
                  std::tie(list[i].scale, list[i].offset, list[i].bits, list[i].symmetric))
            << key << ' ' << i;
        EXPECT_NEAR(same[i].min, list[i].min, 0.01 * list[i].scale) << key << ' ' << i;
        EXPECT_NEAR(same[i].max, list[i].max, 0.01 * list[i].scale) << key << ' ' << i;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Files, OracleEncodingsWriter,
                         testing::Values("efficientnet-lite0/w8a8_tf.torch.encodings",
                                         "efficientnet-lite0/w8a8_tf_enhanced_per_channel.torch.encodings",
                                         "resnext-tiny/w8a8_tf_enhanced.torch.encodings",
                                         "resnext-tiny/w8a8_tf_enhanced_per_channel.torch.encodings"));

}  // namespace
}  // namespace qeval::test
