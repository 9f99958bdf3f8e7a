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
  const Expression arguments = py_call(py_global("argparse", "Namespace"), {});
  EXPECT_THAT(load_error(pth_zip(py_dict({{"args", arguments}}))),
              HasSubstr("\n  torch.save({key: saved[key] for key in saved if "
                        "key.startswith((\"state_dict\", \"model\"))}, \"weights.pth\")"));
  auto entries = pth_entries(py_dict({{"w", vector_of("0")}}), {{"0", one_value}});
  entries.push_back({.name = "net/constants.pkl", .data = "x"});
  EXPECT_THAT(load_error(zip_archive(entries)), HasSubstr("\n  model = torch.jit.load(\"FILE\""));
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
