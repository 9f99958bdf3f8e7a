// Which encodings a variant has before it sees an image: what bias correction and the first batch work with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/prepare/prepared_variant.h"

namespace qeval {
namespace {

using testing::IsEmpty;

/// Two layers of one weight each, quantized to 8 bits.
PreparedVariant two_layers() {
  PreparedVariant v;
  v.recipe.quant.emplace();
  v.recipe.quant->scheme = QuantScheme::tf;
  v.network.graph.nodes.resize(3);
  for (const int i : {1, 2}) {
    Node& layer = v.network.graph.nodes[static_cast<std::size_t>(i)];
    layer.op = Op::conv;
    layer.name = layer.module = "conv" + std::to_string(i);
    layer.inputs = {i - 1};
    layer.weight = Tensor({1, 1, 1, 1}, std::vector<float>{127.0f * static_cast<float>(i)});
  }
  place_quantizers(v.network.graph, *v.recipe.quant);
  v.network.fixed_encodings["conv2.weight"] = {
      {.min = -64, .max = 63.5, .scale = .5, .offset = -128, .bits = 8, .symmetric = true}};
  return v;
}

const EncodingList& of_weight(const PreparedVariant& v, const EncodingTable& table, std::size_t node) {
  return table[static_cast<std::size_t>(v.network.graph.nodes[node].weight_quantizer)];
}

TEST(KnownEncodings, FrozenOnesTakeThePlaceOfComputedOnes) {
  const PreparedVariant v = two_layers();
  const EncodingTable table = v.known_encodings();
  ASSERT_EQ(of_weight(v, table, 1).size(), 1u);
  EXPECT_DOUBLE_EQ(of_weight(v, table, 1)[0].scale, 1);
  ASSERT_EQ(of_weight(v, table, 2).size(), 1u);
  EXPECT_EQ(of_weight(v, table, 2)[0].scale, .5);
  for (const Node& node : v.network.graph.nodes) {
    if (node.output_quantizer < 0) continue;
    EXPECT_THAT(table[static_cast<std::size_t>(node.output_quantizer)], IsEmpty());
  }
}

TEST(KnownEncodings, BesideAnImportedFileNothingIsComputed) {
  PreparedVariant v = two_layers();
  v.spec.quantization.import_encodings = "file.encodings";
  const EncodingTable table = v.known_encodings();
  EXPECT_THAT(of_weight(v, table, 1), IsEmpty());
  EXPECT_EQ(of_weight(v, table, 2)[0].scale, .5);
}

}  // namespace
}  // namespace qeval
