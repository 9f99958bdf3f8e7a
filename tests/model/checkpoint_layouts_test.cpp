// Which dictionary of a checkpoint holds the weights, and what wrappers of training scripts do to names.
#include <gmock/gmock.h>

#include "stages/model/arch/arch.h"
#include "stages/model/weights/state_dict_names.h"
#include "tests/model/blank_weights.h"
#include "tests/model/weights_test_bytes.h"

namespace qeval::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string one_value = raw<float>({1}), ema = raw<float>({2});

Expression vector_of(const std::string& key) { return py_tensor(py_storage("FloatStorage", key, 1), 0, {1}, {1}); }
Expression number_of(const std::string& key) { return py_tensor(py_storage("FloatStorage", key, 1), 0, {}, {}); }

std::string checkpoint(const Entries& entries) { return pth_zip(py_dict(entries), {{"0", one_value}, {"1", ema}}); }

std::string checkpoint_of(const Expression& root) { return pth_zip(root, {{"0", one_value}}); }

StateDict load_key(const std::string& bytes, const std::string& key) {
  const TempDir folder;
  return read_state_dict(write_bytes(folder, bytes), key);
}

std::string key_error(const std::string& bytes, const std::string& key) {
  try {
    load_key(bytes, key);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(CheckpointLayouts, NumbersAndTensorsWithoutAxesBesideTheWeightsAreNone) {
  const StateDict state = load(checkpoint({{"epoch", py_int(3)},
                                           {"arch", py_text("resnet18")},
                                           {"state_dict", py_dict({{"w", vector_of("0")}})},
                                           {"best_acc1", number_of("1")}}));
  EXPECT_EQ(state.dictionary, "state_dict");
  EXPECT_THAT(state.other_dictionaries, IsEmpty());
  EXPECT_THAT(values_of(state, "w"), ElementsAre(1));
}

TEST(CheckpointLayouts, OneOfSeveralDictionariesIsTakenAndAnotherCanBeChosen) {
  const std::string bytes =
      checkpoint({{"model_ema", py_dict({{"w", vector_of("1")}})}, {"model", py_dict({{"w", vector_of("0")}})}});
  const StateDict usual = load(bytes), chosen = load_key(bytes, "model_ema");
  EXPECT_EQ(usual.dictionary, "model");
  EXPECT_THAT(usual.other_dictionaries, ElementsAre("model_ema"));
  EXPECT_THAT(values_of(usual, "w"), ElementsAre(1));
  EXPECT_EQ(chosen.dictionary, "model_ema");
  EXPECT_THAT(values_of(chosen, "w"), ElementsAre(2));
  EXPECT_THAT(key_error(bytes, "modle"),
              AllOf(HasSubstr("no dictionary of weights under 'modle'"), HasSubstr("some under 'model_ema', 'model'")));
  const std::string unusual =
      checkpoint({{"a", py_dict({{"w", vector_of("0")}})}, {"b", py_dict({{"w", vector_of("1")}})}});
  EXPECT_THAT(key_error(unusual, ""), HasSubstr("choose one with model.state_dict: KEY"));
}

TEST(CheckpointLayouts, WholeNetworksAndProgramsAreRefusedWithTheWayOut) {
  const Expression network = py_call(py_global("torchvision.models.resnet", "ResNet"), {});
  EXPECT_THAT(load_error(pth_zip(network)),
              AllOf(HasSubstr("'torchvision.models.resnet.ResNet'"), HasSubstr("nothing was executed"),
                    HasSubstr("\n  import torch\n  saved = torch.load("),
                    HasSubstr("\n  torch.save(saved.state_dict(), \"weights.pth\")")));
  auto entries = pth_entries(py_dict({{"w", vector_of("0")}}), {{"0", one_value}});
  entries.push_back({.name = "net/constants.pkl", .data = "x"});
  EXPECT_THAT(load_error(zip_archive(entries)), HasSubstr("\n  model = torch.jit.load(\"FILE\""));
  entries = pth_entries(py_dict({}), {});
  entries.push_back({.name = "net/code/__torch__.py", .data = "x", .method = 8});
  EXPECT_THAT(load_error(zip_archive(entries)), HasSubstr("\n  model = torch.jit.load(\"FILE\""));
}

/// What `saved` the lines of a refusal keep: the advice must fit the very file.
std::string saved_by_advice(const Expression& root) {
  const std::string error = load_error(checkpoint_of(root)), start = "\n  torch.save(";
  EXPECT_THAT(error, HasSubstr("refers to 'my.package.Thing'"));
  const std::size_t at = error.find(start) + start.size();
  return error.substr(at, error.find(", \"weights.pth\")") - at);
}

TEST(CheckpointLayouts, TheWayOutFitsTheFile) {
  const Expression thing = py_global("my.package", "Thing") + ")\x81}b", weights = py_dict({{"w", vector_of("0")}});
  const Expression of_a_class = py_global("my.package", "Thing") + ")\x81" + weights.substr(1);
  EXPECT_EQ(saved_by_advice(thing), "saved.state_dict()");
  EXPECT_EQ(saved_by_advice(py_dict({{"epoch", py_int(1)}, {"ema", thing}, {"model", thing}})),
            "saved['model'].state_dict()");
  EXPECT_EQ(saved_by_advice(py_dict({{"epoch", py_int(1)}, {"ema", thing}})), "saved['ema'].state_dict()");
  EXPECT_EQ(saved_by_advice(py_dict({{"config", thing}, {"model", weights}})), "dict(saved['model'])");
  EXPECT_EQ(saved_by_advice(py_dict({{"state_dict", of_a_class}})), "dict(saved['state_dict'])");
  EXPECT_EQ(saved_by_advice(of_a_class), "{key: saved[key] for key in saved if torch.is_tensor(saved[key])}");
  EXPECT_EQ(saved_by_advice(py_sequence({thing})), "saved.state_dict()");
  EXPECT_EQ(saved_by_advice(thing + "}(N"), "saved.state_dict()") << "and whatever else is wrong";
}

TEST(CheckpointLayouts, WhatScriptsKeepBesideTheWeightsIsReadOver) {
  const Expression weights = py_dict({{"w", vector_of("0")}});
  const Expression name_space = py_global("argparse", "Namespace") + ")\x81" + py_dict({{"lr", py_int(1)}}) + "b";
  const Expression dtype = py_call(py_global("numpy", "dtype"), {py_text("f8"), "\x89", "\x88"}) +
                           py_sequence({py_int(3), py_text("<"), "N", "N", "N"}) + "b";
  const Expression bytes = py_call(py_global("_codecs", "encode"), {py_text("12345678"), py_text("latin1")});
  const std::vector<Expression> beside{
      name_space,
      py_call(py_global("numpy.core.multiarray", "scalar"), {dtype, bytes}),
      py_call(py_global("collections", "defaultdict"), {py_global("builtins", "list")}) +
          py_dict({{"loss", py_int(1)}}).substr(1),
      py_call(py_global("collections", "deque"), {}) + "(" + py_int(1) + "e",
      py_call(py_global("builtins", "set"), {"]" + py_int(1) + "a"}),
      py_call(py_global("pathlib", "PosixPath"), {py_text("/"), py_text("tmp")}),
      "\x8f(" + py_int(1) + "\x90",
      "(" + py_int(1) + "\x91",
      "\x8b" + little(9, 4) + std::string(9, 'x'),
      py_global("pathlib", "Path") + ")}\x92"};
  for (const Expression& value : beside) {
    const StateDict state = load(checkpoint({{"args", value}, {"model", weights}}));
    EXPECT_EQ(state.dictionary, "model");
    EXPECT_THAT(values_of(state, "w"), ElementsAre(1));
  }
}

TEST(CheckpointLayouts, ParametersWithAttributesAreTensors) {
  const Expression attributes = py_dict({{"mark", py_text("mine")}});
  const Expression parameter = py_call(py_global("torch._utils", "_rebuild_parameter_with_state"),
                                       {vector_of("0"), "\x88", py_ordered_dict({}), attributes});
  const Expression arguments = py_sequence(
      {py_storage("FloatStorage", "0", 1), py_int(0), py_ints({1}), py_ints({1}), "\x89", py_ordered_dict({})});
  const Expression rebuild = py_global("torch._utils", "_rebuild_tensor_v2");
  const Expression tensor = py_call(py_global("torch._tensor", "_rebuild_from_type_v2"),
                                    {rebuild, py_global("torch", "Tensor"), arguments, attributes});
  const StateDict state = load(checkpoint({{"a", parameter}, {"b", tensor}}));
  EXPECT_THAT(values_of(state, "a"), ElementsAre(1));
  EXPECT_THAT(values_of(state, "b"), ElementsAre(1));
  const Expression again = py_global("torch._tensor", "_rebuild_from_type_v2");
  EXPECT_THAT(load_error(checkpoint({{"a", py_call(again, {again, "N", arguments, "N"})}})),
              HasSubstr("rebuilds a tensor by rebuilding it"));
}

TEST(CheckpointLayouts, ADictionaryInADictionaryIsFound) {
  const Expression first = py_dict({{"w", vector_of("0")}}), second = py_dict({{"w", vector_of("1")}});
  const StateDict only = load(checkpoint({{"epoch", py_int(1)}, {"state", py_dict({{"model", first}})}}));
  EXPECT_EQ(only.dictionary, "state.model");
  EXPECT_THAT(values_of(only, "w"), ElementsAre(1));
  const std::string two = checkpoint({{"run", py_dict({{"model", first}, {"ema", second}})}});
  EXPECT_THAT(load_error(two), HasSubstr("'run.model', 'run.ema'; choose one with model.state_dict: KEY"));
  EXPECT_THAT(values_of(load_key(two, "run.ema"), "w"), ElementsAre(2));
  const std::string beside = checkpoint({{"model", first}, {"run", py_dict({{"ema", second}})}});
  EXPECT_EQ(load(beside).dictionary, "model");
  EXPECT_THAT(values_of(load_key(beside, "run.ema"), "w"), ElementsAre(2));
}

/// 200,000 keys for one dictionary of 200,000 numbers: looked through for every key, that takes minutes.
TEST(CheckpointLayouts, OneDictionaryUnderManyKeysIsLookedThroughOnce) {
  std::string inner = "}q\x01(", root = "}(";
  for (int i = 0; i < 200'000; ++i) inner += "K" + std::string(1, static_cast<char>(i % 256)) + "N";
  for (int i = 0; i < 200'000; ++i) root += py_text(std::to_string(i)) + "h\x01";
  const Expression file = inner + "u0" + root + "u";
  EXPECT_THAT(load_error(pth_zip(file)), HasSubstr("no state dict"));
  EXPECT_THAT(load_error(pth_zip(py_global("my", "Thing") + "0" + file)), HasSubstr("'my.Thing'"));
}

using Names = std::vector<std::string>;

std::map<std::string, Tensor> tensors_named(const Names& names) {
  std::map<std::string, Tensor> tensors;
  for (const std::string& name : names) tensors.emplace(name, Tensor({1}, std::vector<float>{1}));
  return tensors;
}

Names names_in(const FittedNames& fitted) {
  Names names;
  for (const auto& entry : fitted.tensors) names.push_back(entry.first);
  return names;
}

FittedNames fitted(const Names& given, const Names& expected) {
  return fit_names(tensors_named(given), {expected.begin(), expected.end()});
}

TEST(FitNames, PrefixesOfWrappersAreRemovedHoweverTheyAreNested) {
  const Names expected{"conv.weight", "fc.bias"};
  for (const std::string prefix : {"module.", "_orig_mod.", "model.", "module._orig_mod.", "model._orig_mod.module."}) {
    const FittedNames result = fitted({prefix + "conv.weight", prefix + "fc.bias"}, expected);
    EXPECT_EQ(names_in(result), expected);
    EXPECT_EQ(result.remark, "names without their prefix \"" + prefix + "\": 2");
  }
  EXPECT_EQ(fitted(expected, expected).remark, "");
  const Names other{"model.conv.weight", "fc.bias"};
  EXPECT_EQ(names_in(fitted(other, expected)), (Names{"fc.bias", "model.conv.weight"})) << "not all have it";
  EXPECT_EQ(fitted({"model.weight"}, {"model.weight"}).remark, "") << "it is the network's own name";
}

TEST(FitNames, InnerModulesAndDotsOfOldAreRemovedWhereTheNetworkHasTheName) {
  const FittedNames result = fitted({"features.module.0.weight", "features.denselayer1.norm.2.bias", "a.module.b"},
                                    {"features.0.weight", "features.denselayer1.norm2.bias"});
  EXPECT_EQ(names_in(result), (Names{"a.module.b", "features.0.weight", "features.denselayer1.norm2.bias"}));
  EXPECT_EQ(result.remark, "names without \"module.\" inside them: 1; names without the dot before their number: 1");
  EXPECT_THROW(fitted({"f.0.weight", "f.module.0.weight"}, {"f.0.weight"}), InputError);
}

TEST(FitNames, TheNetworkMayBeOneAttributeAmongOthers) {
  const Names expected{"conv.weight", "fc.bias", "fc.weight"};
  const FittedNames alone = fitted({"net.conv.weight", "net.fc.bias", "net.fc.weight"}, expected);
  EXPECT_EQ(names_in(alone), expected);
  EXPECT_EQ(alone.remark, "names without their prefix \"net.\": 3");
  const FittedNames beside =
      fitted({"a.b.conv.weight", "a.b.fc.bias", "a.b.fc.weight", "loss.weight", "metric.fc.bias"}, expected);
  EXPECT_EQ(names_in(beside), expected);
  EXPECT_EQ(beside.remark, "names without their prefix \"a.b.\": 3; tensors without it left out: 2");
  EXPECT_THROW(fitted({"student.conv.weight", "student.fc.bias", "teacher.conv.weight", "teacher.fc.bias"}, expected),
               InputError);
  const Names own{"conv.weight", "other.conv.weight", "other.fc.bias"};
  EXPECT_EQ(names_in(fitted(own, expected)), own) << "the network's own names are there";
}

TEST(FitNames, CountersAreLeftOut) {
  const FittedNames result =
      fitted({"bn.num_batches_tracked", "total_ops", "conv.total_params", "module.conv.weight"}, {"conv.weight"});
  EXPECT_EQ(names_in(result), Names{"conv.weight"});
  EXPECT_EQ(result.remark, "counters left out: 3; names without their prefix \"module.\": 1");
}

TEST(FitNames, ANetworkIsBuiltFromThemAndSaysSo) {
  const ArchParameters tiny{{"layers", "1,1,1,1"}, {"num_classes", "5"}, {"input_size", "32"}};
  StateDict state = blank_weights("resnet", tiny);
  std::map<std::string, Tensor> wrapped;
  for (const auto& [name, tensor] : state.tensors) wrapped.emplace("module._orig_mod." + name, tensor);
  wrapped.emplace("module._orig_mod.bn1.num_batches_tracked", Tensor({}, std::vector<float>{7}));
  state.tensors = std::move(wrapped);
  std::string remark;
  EXPECT_TRUE(build_graph("resnet", tiny, state, &remark).nodes[1].weight.defined());
  EXPECT_THAT(remark, AllOf(HasSubstr("counters left out: 1"), HasSubstr("prefix \"module._orig_mod.\"")));
}

}  // namespace
}  // namespace qeval::test
