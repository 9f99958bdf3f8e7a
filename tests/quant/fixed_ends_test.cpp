/// Ranges with fixed ends, as live aimet-torch and aimet-onnx 2.42 compute them.
#include <numeric>

#include <gtest/gtest.h>

#include "stages/quant/calibration.h"

namespace qeval {
namespace {

struct Ends {
  std::optional<double> min, max;
};

Graph with_one_output(const Ends& ends, int bits) {
  Graph graph;
  graph.nodes.resize(1);
  Quantizer quantizer;
  quantizer.module = "act";
  quantizer.bits = bits;
  quantizer.call_sites = 1;
  quantizer.fixed_min = ends.min;
  quantizer.fixed_max = ends.max;
  graph.quantizers = {quantizer};
  return graph;
}

QuantRecipe recipe_of(NumericsMode mode, QuantScheme scheme) {
  QuantRecipe recipe;
  recipe.mode = mode;
  recipe.scheme = scheme;
  return recipe;
}

Encoding calibrated(const Graph& graph, const QuantRecipe& recipe, const std::vector<float>& values) {
  ObserverBank bank(activation_call_sites(graph), activation_schemes(graph, recipe), recipe.mode);
  bank.observe(0, 0, values);
  EncodingTable table(1);
  add_activation_encodings(graph, recipe, bank, table);
  return table.at(0).at(0);
}

/// −0.1, −0.099 … 0.899, and 3.
std::vector<float> with_an_outlier() {
  std::vector<float> values;
  for (int i = -100; i < 900; ++i) values.push_back(static_cast<float>(i / 1000.0));
  values.push_back(3);
  return values;
}

TEST(FixedEnds, AimetTorchKeepsTheOtherEndAsItWasSeen) {
  const Graph graph = with_one_output({0, std::nullopt}, 8);
  for (const QuantScheme scheme : {QuantScheme::tf, QuantScheme::tf_enhanced}) {
    const Encoding encoding =
        calibrated(graph, recipe_of(NumericsMode::aimet_torch_2, scheme), {-0.2783f, 1.5f, 7.01f});
    EXPECT_EQ(encoding.min, 0);
    EXPECT_FLOAT_EQ(static_cast<float>(encoding.max), 7.010000228881836f);
    EXPECT_FLOAT_EQ(static_cast<float>(encoding.scale), 0.027490196749567986f);
  }
}

TEST(FixedEnds, AimetOnnxTakesTheOtherEndOfTheGridThatTheSchemeFound) {
  const Graph graph = with_one_output({0, std::nullopt}, 4);
  const auto max = [&](QuantScheme scheme) {
    return static_cast<float>(calibrated(graph, recipe_of(NumericsMode::aimet_onnx_2, scheme), with_an_outlier()).max);
  };
  EXPECT_FLOAT_EQ(max(QuantScheme::tf), 3.100000001490116f);
  EXPECT_FLOAT_EQ(max(QuantScheme::tf_enhanced), 2.6349997520446777f);
}

// aimet-torch quantizes with such a range while it calibrates; for that it must be known before.
TEST(FixedEnds, ARangeWithBothEndsFixedNeedsNoImages) {
  const Graph graph = with_one_output({0, 1}, 8);
  const EncodingTable table = encodings_without_images(graph, recipe_of(NumericsMode::aimet_torch_2, QuantScheme::tf));
  ASSERT_EQ(table.at(0).size(), 1u);
  EXPECT_FLOAT_EQ(static_cast<float>(table[0][0].scale), 1.0f / 255);
  EXPECT_TRUE(encodings_without_images(with_one_output({0, std::nullopt}, 8),
                                       recipe_of(NumericsMode::aimet_torch_2, QuantScheme::tf))
                  .at(0)
                  .empty());
}

}  // namespace
}  // namespace qeval
