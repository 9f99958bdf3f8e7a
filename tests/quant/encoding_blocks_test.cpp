// Encodings per block in AIMET's files. The documents are what aimet_torch 2.42 exported for a convolution of 2
// channels of 4 inputs in blocks of 2 and a linear layer, seed 3: set_blockwise_quantization_for_weights at 8 bit, and
// set_grouped_blockwise_quantization_for_weights at 4 bit decompressed to 8 (LPBQ).
#include <gmock/gmock.h>

#include "stages/quant/files/aimet_encodings.h"
#include "tests/quant/encodings_files_fixture.h"

namespace qeval::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class EncodingBlocks : public EncodingsFiles {
 protected:
  EncodingEntry only_entry(const json& document) {
    const EncodingsFile file = read_file(document);
    return file.entries.size() == 1 ? file.entries.front() : EncodingEntry{};
  }
};

json document_2(const char* version, const json& entry) { return {{"version", version}, {"encodings", {entry}}}; }

json document_1(const json& entry) {
  return {{"version", "1.0.0"},
          {"activation_encodings", json::array()},
          {"param_encodings", {entry}},
          {"excluded_layers", json::array()},
          {"quantizer_args", json::object()}};
}

json blocks_2() {
  return json::parse(R"({"name":"down.weight","output_dtype":"int8",
    "y_scale":[[[[0.0012909804936498404]],[[0.001270550419576466]]],[[[0.0012908218195661902]],[[0.0010919644264504313]]]],
    "axis":-3,"block_size":2})");
}

json blocks_1() {
  return json::parse(R"({"name":"down.weight","dtype":"INT","bw":8,"is_sym":true,
    "scale":[0.0012909804936498404,0.001270550419576466,0.0012908218195661902,0.0010919644264504313],
    "offset":[-128,-128,-128,-128],"enc_type":"PER_BLOCK","block_size":2})");
}

json grouped_2_0() {
  return json::parse(R"({"name":"down.weight","axis":-3,"block_size":2,
    "per_block_int_scale":[[[[16]],[[16]]],[[[16]],[[14]]]],
    "per_channel_float_scale":[[[[0.0013372172834351659]]],[[[0.0013759013963863254]]]],"output_dtype":"int4"})");
}

json grouped_2_1() {
  return json::parse(R"({"name":"down.weight","output_dtype":"int4","y_scale":{
    "x":[[[[16]],[[16]]],[[[16]],[[14]]]],"x_scale":[0.0013372172834351659,0.0013759013963863254],"axis":-4},
    "axis":-3,"block_size":2})");
}

json grouped_1() {
  return json::parse(R"({"name":"down.weight","dtype":"INT","bw":8,"is_sym":true,
    "scale":[0.0013372172834351659,0.0013759013963863254],"offset":[-128,-128],"enc_type":"LPBQ","block_size":2,
    "compressed_bw":4,"per_block_int_scale":[16,16,16,14]})");
}

std::vector<double> scales_of(const EncodingEntry& entry) {
  std::vector<double> scales;
  for (const Encoding& encoding : entry.list) scales.push_back(encoding.scale);
  return scales;
}

TEST_F(EncodingBlocks, AreReadFromVersions1And2) {
  for (const json& document :
       {document_2("2.0.0", blocks_2()), document_2("2.1.0", blocks_2()), document_1(blocks_1())}) {
    const EncodingEntry entry = only_entry(document);
    EXPECT_THAT(scales_of(entry),
                ElementsAre(0.0012909804936498404, 0.001270550419576466, 0.0012908218195661902, 0.0010919644264504313));
    EXPECT_EQ(entry.block_size, 2);
    EXPECT_TRUE(entry.per_channel);
    EXPECT_EQ(entry.role, QuantizerRole::param);
    EXPECT_EQ(entry.list[3].offset, -128);
    EXPECT_EQ(entry.list[3].bits, 8);
  }
  EXPECT_THAT(only_entry(document_2("2.0.0", blocks_2())).grid, ElementsAre(2, 2, 1, 1));
  EXPECT_THAT(only_entry(document_1(blocks_1())).grid, testing::IsEmpty());
}

// The products are what the same AIMET quantizer's get_scale() gave.
TEST_F(EncodingBlocks, GroupedBlocksAreAWholeNumberTimesTheScaleOfTheChannel) {
  for (const json& document :
       {document_2("2.0.0", grouped_2_0()), document_2("2.1.0", grouped_2_1()), document_1(grouped_1())}) {
    const EncodingEntry entry = only_entry(document);
    EXPECT_THAT(scales_of(entry),
                ElementsAre(0.021395476534962654, 0.021395476534962654, 0.022014422342181206, 0.01926261931657791));
    EXPECT_EQ(entry.block_size, 2);
    for (const Encoding& encoding : entry.list) {
      EXPECT_EQ(encoding.bits, 4);
      EXPECT_EQ(encoding.offset, -8);
      EXPECT_TRUE(encoding.symmetric);
    }
  }
}

TEST_F(EncodingBlocks, AZeroPointOfTheScalesIsTakenOff) {
  json entry = grouped_2_1();
  entry["y_scale"]["x_zero_point"] = {6, 4};
  EXPECT_THAT(scales_of(only_entry(document_2("2.1.0", entry))),
              ElementsAre(float(10 * 0.0013372172834351659), float(10 * 0.0013372172834351659),
                          float(12 * 0.0013759013963863254), float(10 * 0.0013759013963863254)));
}

TEST_F(EncodingBlocks, ComeBackEqualToTheLastDigit) {
  json entry = blocks_2();
  entry["axis"] = 1;  // written from the front
  EXPECT_EQ(rewritten(document_2("2.0.0", blocks_2()), "2.0.0"), document_2("2.0.0", entry));
  EXPECT_EQ(rewritten(document_2("2.1.0", entry), "2.1.0"), document_2("2.1.0", entry));
  EXPECT_EQ(rewritten(document_1(blocks_1()), "1.0.0"), document_1(blocks_1()));
  EXPECT_EQ(rewritten(document_2("2.0.0", entry), "1.0.0"), document_1(blocks_1()));
  entry["output_dtype"] = "uint8";
  entry["y_zero_point"] = {{{{1}}, {{2}}}, {{{3}}, {{4}}}};
  EXPECT_EQ(rewritten(document_2("2.0.0", entry), "2.0.0"), document_2("2.0.0", entry));
}

TEST_F(EncodingBlocks, BlocksWithoutAnAxisAreLeftOutOfVersion2) {
  EncodingsFile file = read_file(document_1(blocks_1()));
  file.version = "2.0.0";
  EXPECT_THAT(take_out_unheld(file), ElementsAre("down.weight"));
  EXPECT_TRUE(file.entries.empty());
}

TEST_F(EncodingBlocks, AreALongerListInVersion0AsAimetWritesThem) {
  const json list = rewritten(document_2("2.0.0", blocks_2()), "0.6.1")["param_encodings"]["down.weight"];
  ASSERT_EQ(list.size(), 4u);
  EXPECT_EQ(list[2]["scale"], 0.0012908218195661902);
  EXPECT_EQ(list[2]["offset"], -128);
}

struct Malformed {
  json entry;
  const char* version;
  const char* path;
  json value;  ///< discarded: remove it
  const char* complaint;
};

TEST_F(EncodingBlocks, MalformedOnesNameTheJsonPathAndTheReason) {
  const json gone(json::value_t::discarded);
  const std::vector<Malformed> cases{
      {blocks_2(), "2.0.0", "/block_size", 0, "/block_size: 0 is no whole number above 0"},
      {blocks_2(), "2.0.0", "/block_size", gone, "/y_scale: a number or a list of numbers is expected"},
      {blocks_2(), "2.0.0", "/axis", gone, "/axis: is missing, but there is a block_size"},
      {blocks_2(), "2.0.0", "/axis", 2, "/axis: 2 is not supported; blocks lie on one of the first two axes"},
      {blocks_2(), "2.0.0", "/axis", -5, "/axis: -5 is not supported"},
      {blocks_2(), "2.0.0", "/y_scale/1/0", 3, "/y_scale/1/0: a list of 1 is expected, as beside it"},
      {blocks_2(), "2.0.0", "/y_scale/1", json::array(), "/y_scale/1: a number or a list of numbers is expected"},
      {blocks_2(), "2.0.0", "/y_scale/0/0/0/0", json::array({1}), "/y_scale/0/1/0/0: a list of 1 is expected"},
      {blocks_2(), "2.0.0", "/y_scale/1/1/0/0", json::array({1}), "/y_scale/1/1/0/0: a number is expected"},
      {blocks_2(), "2.0.0", "/y_zero_point", {0, 0, 0, 0}, "/y_zero_point: a list of 4, as many as scales"},
      {grouped_2_0(), "2.0.0", "/per_channel_float_scale", gone, "/per_channel_float_scale: is missing"},
      {grouped_2_0(), "2.0.0", "/per_channel_float_scale", {1, 2}, "/per_channel_float_scale: its sizes do not fit"},
      {grouped_2_0(), "2.0.0", "/per_block_int_scale/1/0/0/0", 1.5, "/per_block_int_scale/1/0/0/0: is no whole number"},
      {grouped_2_1(), "2.1.0", "/y_scale/axis", gone, "/y_scale/axis: the axis of x_scale is expected"},
      {grouped_2_1(), "2.1.0", "/y_scale/axis", 4, "/y_scale/axis: the axis of x_scale is expected"},
      {grouped_2_1(), "2.1.0", "/y_scale/x_scale", {1, 2, 3}, "/y_scale/x_scale: its sizes do not fit"},
      {grouped_2_1(), "2.1.0", "/y_scale/block_size", 1, "/y_scale/block_size: scales that are quantized per block"},
      {blocks_1(), "1.0.0", "/block_size", gone, "/block_size: is missing"},
      {blocks_1(), "1.0.0", "/block_size", "2", "/block_size: \"2\" is no whole number above 0"},
      {grouped_1(), "1.0.0", "/per_block_int_scale", {1, 2, 3}, "/per_block_int_scale: a multiple of the 2 scales"},
      {grouped_1(), "1.0.0", "/is_sym", false, "/is_sym: is false, but LPBQ is symmetric"},
      {grouped_1(), "1.0.0", "/zero_point_shift", {0.5, 0.5}, "/zero_point_shift: grids shifted by half a step"},
      {grouped_1(), "1.0.0", "/enc_type", "VECTOR", "/enc_type: \"VECTOR\" is not supported"},
  };
  for (const Malformed& bad : cases) {
    json entry = bad.entry;
    const json::json_pointer at(bad.path);
    if (bad.value.is_discarded())
      entry[at.parent_pointer()].erase(at.back());
    else
      entry[at] = bad.value;
    const bool is_2 = bad.version[0] == '2';
    EXPECT_THAT(error_of(is_2 ? document_2(bad.version, entry) : document_1(entry)),
                HasSubstr((is_2 ? "/encodings/0" : "/param_encodings/0") + std::string(bad.complaint)));
  }
}

/// One convolution of 2 channels of 4 inputs, or a transposed one.
Graph network(Op op, int block_size) {
  Graph graph;
  graph.nodes.resize(2);
  Node& node = graph.nodes[1];
  node.op = op;
  node.name = node.module = node.prepared = "down";
  node.inputs = {0};
  const std::vector<std::int64_t> shape =
      op == Op::conv ? std::vector<std::int64_t>{2, 4, 1, 1} : std::vector<std::int64_t>{4, 2, 1, 1};
  node.weight = Tensor(shape, std::vector<float>(8, 1));
  QuantRecipe recipe;
  recipe.mode = NumericsMode::aimet_torch_2;
  recipe.scheme = QuantScheme::tf;
  recipe.per_channel = true;
  recipe.param_block_size = block_size;
  place_quantizers(graph, recipe);
  return graph;
}

TEST_F(EncodingBlocks, FitTheQuantizerWithTheSameBlocks) {
  for (const json& document : {document_2("2.0.0", blocks_2()), document_1(blocks_1()), document_1(grouped_1())}) {
    const EncodingsFile file = read_file(document);
    EXPECT_THAT(match_encodings(network(Op::conv, 2), file).unusable, testing::IsEmpty());
    EXPECT_EQ(usable_encodings(network(Op::conv, 2), file).at("down.weight").size(), 4u);
    EXPECT_THAT(match_encodings(network(Op::conv, 1), file).unusable,
                ElementsAre("down.weight: blocks of 1, file blocks of 2 (quantization.param.block_size)"));
    EXPECT_THAT(match_encodings(network(Op::conv, 0), file).unusable,
                ElementsAre("down.weight: no blocks, file blocks of 2 (quantization.param.block_size)"));
  }
}

TEST_F(EncodingBlocks, ChannelsOnAnotherAxisDoNotFit) {
  const Graph transposed = network(Op::conv_transpose, 2);
  const std::string complaint = "down.weight: encodings per channel lie along axis 1, in the file along axis 0";
  EXPECT_THAT(match_encodings(transposed, read_file(document_2("2.0.0", blocks_2()))).unusable, ElementsAre(complaint));
  EXPECT_THAT(match_encodings(transposed, read_file(document_1(grouped_1()))).unusable, ElementsAre(complaint));
  json entry = blocks_2();
  entry["axis"] = 0;
  EXPECT_THAT(match_encodings(transposed, read_file(document_2("2.0.0", entry))).unusable, testing::IsEmpty());
}

TEST_F(EncodingBlocks, OfANetworkAreWrittenWithTheirPlace) {
  EncodingList list;
  for (const double scale : {0.1, 0.2, 0.3, 0.4}) list.push_back({-128 * scale, 127 * scale, scale, -128, 8, true});
  QuantRecipe recipe;
  for (const auto& [op, axis] : {std::pair(Op::conv, 1), std::pair(Op::conv_transpose, 0)}) {
    const EncodingsFile file = encodings_file_of(network(op, 2), {{"down.weight", list}}, recipe, "2.0.0");
    const json entry = json::parse(format_encodings_file(file))["encodings"].at(0);
    EXPECT_EQ(entry["axis"], axis);
    EXPECT_EQ(entry["block_size"], 2);
    EXPECT_EQ(entry["y_scale"], json::parse("[[[[0.1]],[[0.2]]],[[[0.3]],[[0.4]]]]"));
  }
}

}  // namespace
}  // namespace qeval::test
