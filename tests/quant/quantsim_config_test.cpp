#include "stages/quant/placement/quantsim_config.h"

#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pipeline/base/errors.h"
#include "stages/model/arch/arch.h"
#include "stages/quant/fold_batch_norm.h"
#include "stages/quant/placement/quantsim_presets.h"
#include "tests/model/blank_weights.h"
#include "tests/support/shared_data.h"

namespace qeval {
namespace {

using testing::Contains;
using testing::HasSubstr;

const ArchParameters tiny{{"layers", "1,1,1,1"}, {"groups", "32"}, {"width_per_group", "1"}};

Graph folded_graph(const std::string& arch, const ArchParameters& parameters = {}) {
  Graph graph = build_graph(arch, parameters, test::blank_weights(arch, parameters));
  fold_batch_norm(graph, NumericsMode::aimet_torch_2);
  return graph;
}

QuantRecipe recipe(NumericsMode mode, bool share) {
  QuantRecipe result;
  result.mode = mode;
  result.share_module_quantizers = share;
  return result;
}

std::set<std::string> keys(const Graph& graph, bool params) {
  std::set<std::string> result;
  for (const Quantizer& quantizer : graph.quantizers)
    if ((quantizer.role == QuantizerRole::param) == params)
      for (const std::string& key : quantizer.keys()) result.insert(key);
  return result;
}

const Quantizer& quantizer(const Graph& graph, const std::string& key) {
  for (const Quantizer& candidate : graph.quantizers)
    if (candidate.key() == key) return candidate;
  throw std::runtime_error("no quantizer " + key);
}

std::set<std::string> oracle_activations(const nlohmann::json& encodings) {
  std::set<std::string> result;
  for (const auto& [module, directions] : encodings["activation_encodings"].items())
    for (const auto& direction : directions.items()) result.insert(module + ":" + direction.key());
  return result;
}

std::set<std::string> oracle_params(const nlohmann::json& encodings) {
  std::set<std::string> result;
  for (const auto& entry : encodings["param_encodings"].items()) result.insert(entry.key());
  return result;
}

nlohmann::json read_json(const std::filesystem::path& file) {
  std::ifstream in(file);
  return nlohmann::json::parse(in);
}

// The placement that AIMET 1.24's own configurator makes on a torchvision Bottleneck network.
TEST(QuantsimConfig, Aimet124PlacesTheBottleneckTable) {
  Graph graph = folded_graph("resnet", tiny);
  place_quantizers(graph, recipe(NumericsMode::aimet_1_24, true));
  std::set<std::string> activations{"conv1:input", "relu:output", "maxpool:output", "avgpool:output", "fc:output"};
  std::set<std::string> params{"conv1.weight", "fc.weight"};
  for (const std::string block : {"layer1.0", "layer2.0", "layer3.0", "layer4.0"}) {
    for (const char* output : {".conv3:output", ".downsample.0:output", ".relu:output"})
      activations.insert(block + output);
    for (const char* weight : {".conv1.weight", ".conv2.weight", ".conv3.weight", ".downsample.0.weight"})
      params.insert(block + weight);
  }
  EXPECT_EQ(keys(graph, false), activations);
  EXPECT_EQ(keys(graph, true), params);
  EXPECT_EQ(quantizer(graph, "layer1.0.relu:output").call_sites, 3);
  EXPECT_FALSE(quantizer(graph, "fc:output").symmetric);
  EXPECT_TRUE(quantizer(graph, "fc.weight").symmetric);
  EXPECT_FALSE(quantizer(graph, "fc.weight").strict_symmetric);
  EXPECT_THAT(quantizer(graph, "conv1:input").rule, HasSubstr("model_input"));
  EXPECT_THAT(quantizer(graph, "relu:output").rule, HasSubstr("supergroup Conv+Relu"));
  EXPECT_THAT(quantizer(graph, "layer1.0.conv3:output").rule, HasSubstr("default (1.24), defaults"));
}

TEST(QuantsimConfig, ResNeXt101Gets75ActivationAnd105WeightQuantizers) {
  Graph graph = folded_graph("resnext101_32x8d");
  const auto remarks = place_quantizers(graph, recipe(NumericsMode::aimet_1_24, true));
  EXPECT_EQ(keys(graph, false).size(), 75u);
  EXPECT_EQ(keys(graph, true).size(), 105u);
  EXPECT_EQ(graph.quantizers.size(), 180u);
  EXPECT_THAT(remarks, Contains(HasSubstr("outputs of 33 function calls of add are not quantized")));
}

TEST(QuantsimConfig, PreparedModelHasOneQuantizerPerCallSite) {
  Graph graph = folded_graph("resnext101_32x8d");
  const auto remarks = place_quantizers(graph, recipe(NumericsMode::aimet_1_24, false));
  EXPECT_EQ(keys(graph, false).size(), 75u + 2 * 33u);
  EXPECT_TRUE(remarks.empty());
  for (const Quantizer& candidate : graph.quantizers) EXPECT_EQ(candidate.call_sites, 1) << candidate.key();
}

TEST(QuantsimConfig, AimetTorch2GivesTheKeysOfItsOwnExportForResNeXt) {
  QEVAL_REQUIRE_SHARED("oracle/resnext-tiny/w8a8_tf.torch.encodings");
  const auto oracle = read_json(test::shared_root() / "oracle/resnext-tiny/w8a8_tf.torch.encodings");
  Graph graph = folded_graph("resnet", tiny);
  place_quantizers(graph, recipe(NumericsMode::aimet_torch_2, false));
  EXPECT_EQ(keys(graph, false), oracle_activations(oracle));
  EXPECT_EQ(keys(graph, true), oracle_params(oracle));
  EXPECT_EQ(keys(graph, false).size(), 25u);
  EXPECT_EQ(keys(graph, true).size(), 18u);
}

TEST(QuantsimConfig, AimetTorch2GivesTheKeysOfItsOwnExportForEfficientNetLite0) {
  QEVAL_REQUIRE_SHARED("oracle/efficientnet-lite0/w8a8_tf.torch.encodings");
  const auto oracle = read_json(test::shared_root() / "oracle/efficientnet-lite0/w8a8_tf.torch.encodings");
  Graph graph = folded_graph("efficientnet_lite0");
  place_quantizers(graph, recipe(NumericsMode::aimet_torch_2, false));
  EXPECT_EQ(keys(graph, false), oracle_activations(oracle));
  EXPECT_EQ(keys(graph, true), oracle_params(oracle));
  EXPECT_EQ(keys(graph, false).size(), 77u);
  EXPECT_EQ(keys(graph, true).size(), 50u);
}

// conv2 of the first block is depthwise (32 groups, 32 channels) and so no supergroup with its ReLU: both are
// quantized.
TEST(QuantsimConfig, AimetTorch2LetsAReluShareTheQuantizerOfWhatItReads) {
  Graph graph = folded_graph("resnet", tiny);
  place_quantizers(graph, recipe(NumericsMode::aimet_torch_2, false));
  const Quantizer& shared = quantizer(graph, "layer1.0.conv2:output");
  EXPECT_THAT(shared.aliases, testing::ElementsAre("layer1.0.module_relu_1:output"));
  EXPECT_EQ(shared.call_sites, 2);
  std::vector<std::string> names;
  for (const Node& node : graph.nodes)
    if (node.output_quantizer >= 0 && &graph.quantizers[static_cast<std::size_t>(node.output_quantizer)] == &shared)
      names.push_back(node.prepared);
  EXPECT_THAT(names, testing::ElementsAre("layer1.0.conv2", "layer1.0.module_relu_1"));
  for (const Quantizer& candidate : graph.quantizers)
    EXPECT_EQ(candidate.aliases.empty(), &candidate != &shared) << candidate.key();
}

TEST(QuantsimConfig, Aimet124SharesNoQuantizersAcrossOperators) {
  Graph graph = folded_graph("resnet", tiny);
  place_quantizers(graph, recipe(NumericsMode::aimet_1_24, false));
  for (const Quantizer& candidate : graph.quantizers) EXPECT_THAT(candidate.aliases, testing::IsEmpty());
}

TEST(QuantsimConfig, AimetTorch2LeavesReusedActivationsOfAnUnpreparedModelOutLoudly) {
  Graph graph = folded_graph("resnet", tiny);
  const auto remarks = place_quantizers(graph, recipe(NumericsMode::aimet_torch_2, true));
  EXPECT_THAT(keys(graph, false), testing::Not(Contains("layer1.0.relu:output")));
  EXPECT_THAT(keys(graph, false), Contains("relu:output"));
  EXPECT_THAT(keys(graph, false), testing::Not(Contains("maxpool:output")));
  EXPECT_THAT(remarks, Contains(HasSubstr("called more than once are NOT quantized")));
}

// A functional add has no module: 1.24 switches the inputs of its consumers on, unless a supergroup ends there.
TEST(QuantsimConfig, FunctionalAddQuantizesTheInputsOfItsConsumers) {
  Graph graph = folded_graph("mobilenet_v2");
  place_quantizers(graph, recipe(NumericsMode::aimet_1_24, true));
  const auto activations = keys(graph, false);
  EXPECT_THAT(activations, Contains("features.4.conv.0.0:input"));
  EXPECT_THAT(activations, testing::Not(Contains("features.3.conv.0.0:input")));
  EXPECT_THAT(activations, testing::Not(Contains("layer1.0.relu:input")));
  EXPECT_THAT(activations, Contains("features.0.2:output"));
  EXPECT_THAT(activations, testing::Not(Contains("features.0.0:output")));
  EXPECT_THAT(activations, testing::Not(Contains("classifier.0:output")));
}

TEST(QuantsimConfig, FunctionalActivationsAreReported) {
  Graph graph = folded_graph("resnet20");
  const auto remarks = place_quantizers(graph, recipe(NumericsMode::aimet_1_24, true));
  EXPECT_THAT(remarks, Contains(HasSubstr("outputs of 19 function calls of relu are not quantized")));
  EXPECT_THAT(remarks, Contains(HasSubstr("module_relu, layer1.0.module_relu_1, layer1.0.module_relu_2 and 16 more")));
}

TEST(QuantsimConfig, QuantizerIndicesOfNodesPointAtTheirQuantizers) {
  Graph graph = folded_graph("resnet", tiny);
  place_quantizers(graph, recipe(NumericsMode::aimet_1_24, true));
  std::vector<int> fed(graph.quantizers.size());
  for (const Node& node : graph.nodes) {
    ASSERT_EQ(node.input_quantizers.size(), node.inputs.size());
    for (const int index : node.input_quantizers)
      if (index >= 0) ++fed[static_cast<std::size_t>(index)];
    for (const int index : {node.output_quantizer, node.weight_quantizer, node.bias_quantizer})
      if (index >= 0) ++fed[static_cast<std::size_t>(index)];
    if (node.weight_quantizer < 0) continue;
    EXPECT_EQ(graph.quantizers[static_cast<std::size_t>(node.weight_quantizer)].key(), node.module + ".weight");
  }
  for (std::size_t i = 0; i < fed.size(); ++i) EXPECT_EQ(fed[i], graph.quantizers[i].call_sites);
}

TEST(QuantsimConfig, PerChannelFollowsTheModesConfiguration) {
  QuantRecipe per_channel = recipe(NumericsMode::aimet_1_24, true);
  per_channel.per_channel = true;
  Graph graph = folded_graph("resnet", tiny);
  place_quantizers(graph, per_channel);
  EXPECT_TRUE(quantizer(graph, "conv1.weight").per_channel);
  EXPECT_FALSE(quantizer(graph, "fc.weight").per_channel);  // default_config_per_channel.json: Gemm False
  EXPECT_FALSE(quantizer(graph, "fc:output").per_channel);
  per_channel.mode = NumericsMode::aimet_torch_2;
  place_quantizers(graph, per_channel);
  EXPECT_TRUE(quantizer(graph, "fc.weight").per_channel);
}

TEST(QuantsimConfig, RecipeSwitchesReachTheQuantizers) {
  QuantRecipe custom = recipe(NumericsMode::aimet_1_24, true);
  custom.param_bits = 4;
  custom.param_symmetric = false;
  custom.activation_bits = 16;
  custom.activation_symmetric = true;
  custom.quantize_input = false;
  custom.quantize_bias = true;
  Graph graph = folded_graph("resnet", tiny);
  place_quantizers(graph, custom);
  EXPECT_EQ(quantizer(graph, "fc.weight").bits, 4);
  EXPECT_FALSE(quantizer(graph, "fc.weight").symmetric);
  EXPECT_EQ(quantizer(graph, "fc:output").bits, 16);
  EXPECT_TRUE(quantizer(graph, "fc:output").symmetric);
  EXPECT_EQ(keys(graph, true).size(), 36u);
  EXPECT_THAT(keys(graph, true), Contains("conv1.bias"));
  EXPECT_THAT(keys(graph, false), testing::Not(Contains("conv1:input")));
  custom.param_bits = 1;
  EXPECT_THROW(place_quantizers(graph, custom), UsageError);
}

QuantRecipe with_preset(const std::string& name) {
  QuantRecipe result = recipe(NumericsMode::aimet_torch_2, false);
  result.config = *find_quantsim_preset(name, result.mode);
  return result;
}

// Without a Conv+Relu supergroup every convolution before a ReLU is quantized too, by the ReLU's quantizer.
TEST(QuantsimConfig, HtpV66QuantizesBeforeAndAfterEveryReluWithTheRelusFixedMinimum) {
  Graph graph = folded_graph("resnet", tiny);
  place_quantizers(graph, with_preset("htp_v66"));
  const Quantizer& shared = quantizer(graph, "layer1.0.conv1:output");
  EXPECT_THAT(shared.aliases, testing::ElementsAre("layer1.0.relu:output"));
  EXPECT_EQ(shared.fixed_min, 0);
  EXPECT_EQ(shared.fixed_max, std::nullopt);
  EXPECT_FALSE(quantizer(graph, "layer1.0.conv1.weight").per_channel);
  EXPECT_EQ(quantizer(graph, "fc:output").fixed_min, std::nullopt);
}

TEST(QuantsimConfig, HtpV68LeavesLinearWeightsPerTensor) {
  Graph graph = folded_graph("resnet", tiny);
  place_quantizers(graph, with_preset("htp_v68"));
  EXPECT_TRUE(quantizer(graph, "conv1.weight").per_channel);
  EXPECT_FALSE(quantizer(graph, "fc.weight").per_channel);
  place_quantizers(graph, with_preset("htp_v73"));
  EXPECT_TRUE(quantizer(graph, "fc.weight").per_channel);
}

TEST(QuantsimConfig, ConstraintsAreRefusedInAModeWithoutThem) {
  Graph graph = folded_graph("resnet", tiny);
  QuantRecipe old = with_preset("htp_v66");
  old.mode = NumericsMode::aimet_1_24;
  EXPECT_THROW(place_quantizers(graph, old), UsageError);
}

TEST(QuantsimConfig, SectionsOfAConfigurationOverrideEachOtherInOrder) {
  QuantRecipe custom = with_preset("default");
  QuantsimSettings& settings = *custom.config;
  settings.strict_symmetric = true;
  settings.ops.symmetric = true;
  settings.all_params.symmetric = false;
  settings.params["weight"].symmetric = true;
  settings.op_types["Gemm"].params["weight"].symmetric = false;
  settings.op_types["Gemm"].params["bias"].quantized = true;
  settings.op_types["GlobalAveragePool"].output = false;
  settings.op_types["MaxPool"].output = true;
  settings.op_types["Gemm"].symmetric = false;
  Graph graph = folded_graph("resnet", tiny);
  place_quantizers(graph, custom);
  EXPECT_TRUE(quantizer(graph, "conv1.weight").symmetric);
  EXPECT_TRUE(quantizer(graph, "conv1.weight").strict_symmetric);
  EXPECT_FALSE(quantizer(graph, "fc.weight").symmetric);
  EXPECT_THAT(keys(graph, true), Contains("fc.bias"));
  EXPECT_THAT(keys(graph, true), testing::Not(Contains("conv1.bias")));
  EXPECT_THAT(keys(graph, false), testing::Not(Contains("avgpool:output")));
  EXPECT_THAT(keys(graph, false), Contains("maxpool:output"));
  EXPECT_TRUE(quantizer(graph, "layer1.0.conv3:output").symmetric);
  EXPECT_FALSE(quantizer(graph, "fc:output").symmetric);
}

TEST(QuantsimConfig, LongerSupergroupsComeFirstAndTheirMiddleIsOff) {
  QuantRecipe custom = with_preset("default");
  custom.config->supergroups = {{"Add", "Relu"}, {"Conv", "Add", "Relu"}};
  Graph graph = folded_graph("resnet", tiny);
  place_quantizers(graph, custom);
  const auto activations = keys(graph, false);
  // Both convolutions before the addition begin such a chain; the one found first takes the addition.
  EXPECT_THAT(activations, testing::Not(Contains("layer1.0.conv3:output")));
  EXPECT_THAT(activations, Contains("layer1.0.downsample.0:output"));
  EXPECT_THAT(activations, testing::Not(Contains("layer1.0.module_add:output")));
  EXPECT_THAT(quantizer(graph, "layer1.0.module_relu_2:output").rule, HasSubstr("supergroup Conv+Add+Relu"));
}

TEST(QuantsimConfig, EveryTensorIsListedWithTheRuleThatDecided) {
  Graph graph = folded_graph("resnet", tiny);
  std::vector<TensorRule> tensors;
  place_quantizers(graph, recipe(NumericsMode::aimet_1_24, true), &tensors);
  std::map<std::string, TensorRule> by_name;
  for (const TensorRule& row : tensors) by_name[row.tensor] = row;
  EXPECT_EQ(by_name.at("conv1:output").quantizer, -1);
  EXPECT_THAT(by_name.at("conv1:output").rule, HasSubstr("supergroup Conv+Relu"));
  EXPECT_EQ(by_name.at("conv1.bias").quantizer, -1);
  EXPECT_THAT(by_name.at("conv1.bias").rule, HasSubstr("params.bias: is not quantized"));
  EXPECT_THAT(by_name.at("fc.weight").rule, HasSubstr("defaults: is quantized"));
  EXPECT_THAT(by_name.at("layer1.0.module_add:output").rule, HasSubstr("function call without a module"));
  std::size_t quantized = 0;
  std::set<int> listed;
  for (const TensorRule& row : tensors)
    if (row.quantizer >= 0) listed.insert(row.quantizer), ++quantized;
  EXPECT_EQ(listed.size(), graph.quantizers.size());
  EXPECT_LT(quantized, tensors.size());
}

TEST(QuantRecipe, IdentityHoldsTheContentOfAConfiguration) {
  QuantRecipe a = with_preset("htp_v68"), b = with_preset("htp_v69");
  EXPECT_NE(a.identity(), b.identity());
  b.config = a.config;
  b.config->name = "copy of it";
  EXPECT_EQ(a.identity(), b.identity());
}

TEST(QuantsimConfig, UnfoldedBatchNormsBelongToTheirConvolution) {
  Graph graph = build_graph("resnet", tiny, test::blank_weights("resnet", tiny));
  Graph folded = graph;
  fold_batch_norm(folded, NumericsMode::aimet_torch_2);
  const auto remarks = place_quantizers(graph, recipe(NumericsMode::aimet_1_24, true));
  place_quantizers(folded, recipe(NumericsMode::aimet_1_24, true));
  EXPECT_EQ(keys(graph, false).size(), keys(folded, false).size());
  EXPECT_THAT(keys(graph, false), Contains("layer1.0.bn3:output"));
  EXPECT_THAT(keys(graph, false), testing::Not(Contains("layer1.0.conv3:output")));
  EXPECT_THAT(keys(graph, false), testing::Not(Contains("layer1.0.bn1:output")));
  EXPECT_THAT(remarks, Contains(HasSubstr("batch norm 'bn1' is not folded")));
}

TEST(QuantsimConfig, PlacingAgainReplacesTheQuantizersAndThePass) {
  Graph graph = folded_graph("resnet", tiny);
  place_quantizers(graph, recipe(NumericsMode::aimet_1_24, true));
  const std::string identity = graph.identity();
  const std::size_t count = graph.quantizers.size();
  place_quantizers(graph, recipe(NumericsMode::aimet_1_24, true));
  EXPECT_EQ(graph.quantizers.size(), count);
  EXPECT_EQ(graph.identity(), identity);
}

TEST(QuantRecipe, IdentityNamesEverySetting) {
  const QuantRecipe plain;
  EXPECT_EQ(plain.identity(),
            "mode=aimet-1.24 scheme=tf_enhanced param_bits=8 param_symmetric=1 per_channel=0 activation_bits=8 "
            "activation_symmetric=0 quantize_input=1 quantize_bias=0 share_module_quantizers=1");
}

}  // namespace
}  // namespace qeval
