#include "stages/model/arch/arch.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pipeline/base/errors.h"
#include "tests/model/blank_weights.h"
#include "tests/support/shared_data.h"

namespace qeval {
namespace {

using testing::HasSubstr;

using Shapes = std::map<std::string, std::vector<std::int64_t>>;

const ArchParameters tiny{{"layers", "1,1,1,1"}, {"groups", "32"}, {"width_per_group", "1"}};

Shapes shapes_of(const std::string& arch, const ArchParameters& parameters = {}) {
  Shapes shapes;
  for (const ParameterSpec& spec : arch_parameters(arch, parameters)) shapes[spec.name] = spec.shape;
  return shapes;
}

StateDict tiny_state() { return test::blank_weights("resnet", tiny); }

const Node& node_named(const Graph& graph, const std::string& name) {
  for (const Node& node : graph.nodes)
    if (node.name == name) return node;
  throw std::runtime_error("no node " + name);
}

template <typename ErrorType>
std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const ErrorType& error) {
    return error.what();
  }
  return "no error";
}

Shapes shapes_in_safetensors(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::uint64_t length = 0;
  in.read(reinterpret_cast<char*>(&length), sizeof length);
  std::string header(length, ' ');
  in.read(header.data(), static_cast<std::streamsize>(length));
  Shapes shapes;
  const auto parsed = nlohmann::json::parse(header);
  for (const auto& [name, entry] : parsed.items())
    if (name != "__metadata__" && entry["dtype"] == "F32")
      shapes[name] = entry["shape"].get<std::vector<std::int64_t>>();
  return shapes;
}

TEST(Arch, ResNeXt101HasTorchvisionsNamesAndShapes) {
  QEVAL_REQUIRE_SHARED("weights/resnext101_32x8d_keys.json");
  std::ifstream in(test::shared_root() / "weights/resnext101_32x8d_keys.json");
  Shapes expected;
  const auto parsed = nlohmann::json::parse(in);
  for (const auto& [name, value] : parsed.items())
    if (value[0] == "torch.float32") expected[name] = value[1].get<std::vector<std::int64_t>>();
  ASSERT_EQ(expected.size(), 522u);
  EXPECT_EQ(shapes_of("resnext101_32x8d"), expected);
}

TEST(Arch, MobileNetV2AndCifarResNetMatchPublishedFiles) {
  QEVAL_REQUIRE_SHARED("weights/mobilenet_v2_coral_quant_dequantized.safetensors");
  const auto folder = test::shared_root() / "weights";
  const Shapes mobilenet = shapes_in_safetensors(folder / "mobilenet_v2_coral_quant_dequantized.safetensors");
  EXPECT_EQ(shapes_of("mobilenet_v2_tf"), mobilenet);
  EXPECT_EQ(shapes_of("mobilenet_v2"), mobilenet);
  EXPECT_EQ(shapes_of("resnet20_downsample"), shapes_in_safetensors(folder / "resnet20_cifar10.safetensors"));
}

TEST(Arch, EveryListedArchitectureBuildsOrSaysWhatItNeeds) {
  const std::vector<std::string> names = arch_names();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const std::string& name : names) {
    const ArchParameters parameters = name == "resnet" ? tiny : ArchParameters{};
    EXPECT_GT(arch_parameters(name, parameters).size(), 15u) << name;
  }
  EXPECT_THAT(error_of<UsageError>([] { arch_parameters("resnet", {}); }), HasSubstr("needs the parameter 'layers'"));
}

/// The second number of /proc/self/statm, in bytes.
std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t mapped = 0, resident = 0;
  statm >> mapped >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

TEST(Arch, AStructureTakesNoMemoryForItsWeights) {
  const std::int64_t before = resident_bytes();
  const Graph graph = build_structure("vgg16", {});
  EXPECT_LT(resident_bytes() - before, std::int64_t{100} << 20) << "its largest weight alone is 411 MB";
  const Tensor& largest = node_named(graph, "classifier.0").weight;
  ASSERT_EQ(largest.numel(), 4096 * 25088);
  EXPECT_EQ(largest.values().back(), 0.0f) << "and yet every value is there";
}

TEST(Arch, NamesCallSitesLikeAimetsModelPreparer) {
  const Graph graph = build_graph("resnet", tiny, tiny_state());
  EXPECT_EQ(node_named(graph, "layer1.0.relu").prepared, "layer1.0.relu");
  EXPECT_EQ(node_named(graph, "layer1.0.relu#1").prepared, "layer1.0.module_relu_1");
  EXPECT_EQ(node_named(graph, "layer1.0.relu#2").prepared, "layer1.0.module_relu_2");
  EXPECT_EQ(node_named(graph, "layer1.0.relu#2").module, "layer1.0.relu");
  const Node& sum = node_named(graph, "layer1.0.module_add");
  EXPECT_EQ(sum.module, "");
  EXPECT_EQ(sum.prepared, "layer1.0.module_add");
  EXPECT_EQ(node_named(graph, "layer4.0.module_add_3").op, Op::add);
  EXPECT_EQ(graph.num_classes, 1000);
}

TEST(Arch, BottleneckStrideIsInTheMiddleConvolution) {
  const Graph graph = build_graph("resnet", tiny, tiny_state());
  EXPECT_EQ(node_named(graph, "layer2.0.conv1").window.stride, (std::array<int, 2>{1, 1}));
  EXPECT_EQ(node_named(graph, "layer2.0.conv2").window.stride, (std::array<int, 2>{2, 2}));
  EXPECT_EQ(node_named(graph, "layer2.0.conv2").window.groups, 32);
  EXPECT_EQ(node_named(graph, "layer2.0.downsample.0").window.stride, (std::array<int, 2>{2, 2}));
}

TEST(Arch, TensorFlowPaddingIsRightAndBottomOnlyForStrideTwo) {
  const StateDict state = test::blank_weights("mobilenet_v2");
  const Graph torch = build_graph("mobilenet_v2", {}, state);
  const Graph tensorflow = build_graph("mobilenet_v2_tf", {}, state);
  EXPECT_EQ(node_named(torch, "features.0.0").window.padding, (std::array<int, 4>{1, 1, 1, 1}));
  EXPECT_EQ(node_named(tensorflow, "features.0.0").window.padding, (std::array<int, 4>{0, 1, 0, 1}));
  EXPECT_EQ(node_named(tensorflow, "features.2.conv.1.0").window.padding, (std::array<int, 4>{0, 1, 0, 1}));
  EXPECT_EQ(node_named(tensorflow, "features.3.conv.1.0").window.padding, (std::array<int, 4>{1, 1, 1, 1}));
  EXPECT_NE(torch.identity(), tensorflow.identity());
}

TEST(Arch, EfficientNetLitePadsInItsOwnModules) {
  const Graph graph = build_graph("efficientnet_lite0", {}, test::blank_weights("efficientnet_lite0"));
  EXPECT_EQ(node_named(graph, "_conv_stem.static_padding").window.padding, (std::array<int, 4>{0, 1, 0, 1}));
  EXPECT_EQ(node_named(graph, "_blocks.3._depthwise_conv.static_padding").window.padding,
            (std::array<int, 4>{1, 2, 1, 2}));
  EXPECT_EQ(node_named(graph, "_conv_stem").prepared, "_conv_stem.module_conv2d");
  EXPECT_EQ(node_named(graph, "_conv_head").prepared, "_conv_head.module_conv2d_48");
  EXPECT_EQ(node_named(graph, "_bn0").epsilon, 1e-3f);
}

// 260 → 130 → 65: at an odd size SAME padding is the same on both sides.
TEST(Arch, EfficientNetLite2PadsOddSizesOnBothSides) {
  const Graph graph = build_graph("efficientnet_lite2", {}, test::blank_weights("efficientnet_lite2"));
  std::vector<std::array<int, 4>> strided;
  for (const Node& node : graph.nodes)
    if (node.op == Op::conv && node.window.stride[0] == 2)
      strided.push_back(graph.nodes[static_cast<std::size_t>(node.inputs[0])].window.padding);
  const std::vector<std::array<int, 4>> expected{{0, 1, 0, 1}, {0, 1, 0, 1}, {2, 2, 2, 2}, {1, 1, 1, 1}, {2, 2, 2, 2}};
  EXPECT_EQ(strided, expected);
}

TEST(Arch, SuggestsTheClosestName) {
  EXPECT_THAT(error_of<UsageError>([] { arch_parameters("resnext101_32x8", {}); }),
              HasSubstr("unknown architecture 'resnext101_32x8'; did you mean 'resnext101_32x8d'?"));
  EXPECT_THAT(error_of<UsageError>([] { arch_parameters("resnet50", {{"num_clases", "10"}}); }),
              HasSubstr("no parameter 'num_clases'; did you mean 'num_classes'?"));
  EXPECT_THAT(error_of<UsageError>([] { arch_parameters("resnet50", {{"block", "bottelneck"}}); }),
              HasSubstr("must be 'basic' or 'bottleneck'; did you mean 'bottleneck'?"));
  EXPECT_EQ(error_of<UsageError>([] { arch_parameters("vit", {}); }), "unknown architecture 'vit'");
}

TEST(Arch, RejectsBadParameterValues) {
  const auto error = [](const ArchParameters& parameters) {
    return error_of<UsageError>([&] { arch_parameters("resnet50", parameters); });
  };
  EXPECT_THAT(error({{"layers", "3,4,6"}}), HasSubstr("layers is '3,4,6', but must be 4 whole numbers"));
  EXPECT_THAT(error({{"layers", "3,4,6,x"}}), HasSubstr("4 whole numbers"));
  EXPECT_THAT(error({{"num_classes", "0"}}), HasSubstr("from 1 to"));
  EXPECT_THAT(error({{"num_classes", "-3"}}), HasSubstr("from 1 to"));
  EXPECT_THAT(error({{"num_classes", "10k"}}), HasSubstr("from 1 to"));
  EXPECT_THAT(error({{"groups", "99999999999"}}), HasSubstr("from 1 to"));
  EXPECT_THAT(error({{"block", "basic"}, {"groups", "2"}}), HasSubstr("takes only groups 1"));
}

TEST(Arch, AcceptsDataParallelPrefixes) {
  StateDict state;
  const StateDict plain = tiny_state();
  for (const auto& [name, tensor] : plain.tensors) state.tensors.emplace("module." + name, tensor);
  const Graph graph = build_graph("resnet", tiny, state);
  EXPECT_TRUE(graph.nodes[1].weight.defined());
}

/// The tensors of an architecture with every norm behind a convolution folded into it; biases of 0.5.
StateDict folded_state(const std::string& arch, const ArchParameters& parameters) {
  StateDict state = test::blank_weights(arch, parameters);
  const Graph graph = build_structure(arch, parameters);
  for (const Node& node : graph.nodes) {
    if (node.op != Op::batch_norm) continue;
    const Node& conv = graph.nodes[static_cast<std::size_t>(node.inputs[0])];
    if (conv.op != Op::conv) continue;
    for (const char* name : {".weight", ".bias", ".running_mean", ".running_var"})
      state.tensors.erase(node.module + name);
    const std::int64_t channels = conv.weight.size(0);
    state.tensors[conv.module + ".bias"] =
        Tensor({channels}, std::vector<float>(static_cast<std::size_t>(channels), 0.5f));
  }
  return state;
}

TEST(Arch, LeavesOutBatchNormsThatTheFileHasFolded) {
  std::string remark;
  const Graph graph = build_graph("resnet", tiny, folded_state("resnet", tiny), &remark);
  const Graph whole = build_graph("resnet", tiny, tiny_state());
  EXPECT_EQ(remark, "batch norms folded into their convolutions: 17");
  EXPECT_EQ(graph.nodes.size() + 17, whole.nodes.size());  // 1 + 4 · (3 + downsample)
  for (const Node& node : graph.nodes) {
    EXPECT_NE(node.op, Op::batch_norm);
    if (node.op == Op::conv) {
      EXPECT_EQ(node.bias.values()[0], 0.5f) << node.name;
    }
  }
  EXPECT_NE(graph.identity(), whole.identity());
}

TEST(Arch, NormsThatHaveNoConvolutionBeforeThemStayInAFoldedFile) {
  std::string remark;
  const ArchParameters small{{"num_classes", "5"}};
  const Graph graph = build_graph("densenet121", small, folded_state("densenet121", small), &remark);
  EXPECT_EQ(remark, "batch norms folded into their convolutions: 59");
  EXPECT_EQ(
      std::count_if(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) { return node.op == Op::batch_norm; }),
      62);
}

TEST(Arch, HalfAFoldedFileIsRefused) {
  StateDict half = folded_state("resnet", tiny);
  const StateDict plain = tiny_state();
  for (const char* name : {".weight", ".bias", ".running_mean", ".running_var"})
    half.tensors["layer2.0.bn3" + std::string(name)] = plain.tensors.at("layer2.0.bn3" + std::string(name));
  half.tensors.erase("layer2.0.conv3.bias");
  const std::string error = error_of<InputError>([&] { build_graph("resnet", tiny, half); });
  EXPECT_THAT(error, HasSubstr("some of its batch norms are folded into their convolutions and some are not"));
  EXPECT_THAT(error, HasSubstr("folded (16): conv1.bias, layer1.0.conv1.bias"));
  EXPECT_THAT(error, HasSubstr("not folded (1): layer2.0.bn3\n"));

  StateDict lost = folded_state("resnet", tiny);
  lost.tensors.erase("layer2.0.conv3.bias");
  EXPECT_THAT(error_of<InputError>([&] { build_graph("resnet", tiny, lost); }),
              HasSubstr("neither the batch norm nor the bias it leaves is there (1): layer2.0.conv3.bias\n"));
}

TEST(Arch, ListsEveryTensorThatDoesNotFit) {
  StateDict state = tiny_state();
  state.tensors.erase("fc.bias");
  state.tensors.erase("layer1.0.bn2.running_var");
  state.tensors["fc.weight"] = Tensor({10, 2048}, std::vector<float>(20480));
  state.tensors["layer9.extra"] = Tensor({1}, std::vector<float>(1));
  const std::string error = error_of<InputError>([&] { build_graph("resnet", tiny, state); });
  EXPECT_THAT(error, HasSubstr("missing (2): layer1.0.bn2.running_var, fc.bias"));
  EXPECT_THAT(error, HasSubstr("unexpected (1): layer9.extra"));
  EXPECT_THAT(error, HasSubstr("wrong shape (1): fc.weight is [10, 2048], expected [1000, 2048]"));
}

TEST(Arch, CutsLongListsOfProblemsShort) {
  const std::string error = error_of<InputError>([] { build_graph("resnet", tiny, StateDict{}); });
  EXPECT_THAT(error, HasSubstr("missing (87): conv1.weight, "));
  EXPECT_THAT(error, HasSubstr("and 77 more"));
  EXPECT_LT(error.size(), 500u);
}

}  // namespace
}  // namespace qeval
