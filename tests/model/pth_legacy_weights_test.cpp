#include <gmock/gmock.h>

#include "tests/model/weights_test_bytes.h"

namespace qeval::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Expression weight(std::int64_t numel, const std::string& key = "140") {
  return py_tensor(py_storage("FloatStorage", key, numel, true), 0, {2}, {1});
}
const std::string two = raw<float>({1, 2});

TEST(PthLegacyWeights, ReadsDataAtAnyAlignment) {
  for (std::size_t length = 1; length <= 4; ++length) {
    const std::string name(length, 'w');
    const auto state = load(pth_legacy(py_ordered_dict({{name, weight(2)}}), {{"140", 2, two}}));
    EXPECT_EQ(state.format, "pth-legacy");
    EXPECT_THAT(values_of(state, name), ElementsAre(1, 2));
  }
}

TEST(PthLegacyWeights, FollowsTheOrderOfTheStorageKeys) {
  const auto root = py_dict({{"a", weight(2, "1")}, {"b", weight(2, "2")}});
  const auto state = load(pth_legacy(root, {{"2", 2, raw<float>({3, 4})}, {"1", 2, two}}));
  EXPECT_THAT(values_of(state, "a"), ElementsAre(1, 2));
  EXPECT_THAT(values_of(state, "b"), ElementsAre(3, 4));
}

TEST(PthLegacyWeights, ReadsTheOldestTensorFormAndPython2Dicts) {
  const Expression tensor =
      py_call(py_global("torch._utils", "_rebuild_tensor"),
              {py_storage("FloatStorage", "140", 2, true), py_int(0), py_ints({2}), py_ints({1})});
  const Expression pairs = "]((" + py_text("w") + tensor + "le";  // [['w', tensor]]
  const Expression root = py_call(py_global("collections", "OrderedDict"), {pairs});
  EXPECT_THAT(values_of(load(pth_legacy(root, {{"140", 2, two}})), "w"), ElementsAre(1, 2));
}

TEST(PthLegacyWeights, RefusesStorageCountsThatDisagree) {
  const auto root = py_dict({{"w", weight(2)}});
  EXPECT_THAT(load_error(pth_legacy(root, {{"140", 3, two}})), HasSubstr("should have 2 elements but has 3"));
  EXPECT_THAT(load_error(pth_legacy(root, {{"140", -2, two}})), HasSubstr("but has -2"));
  EXPECT_THAT(load_error(pth_legacy(root, {{"141", 2, two}})), HasSubstr("lists storage '141'"));
  EXPECT_THAT(load_error(pth_legacy(root, {{"140", 2, two}, {"140", 2, two}})), HasSubstr("lists storage '140' twice"));
  EXPECT_THAT(load_error(pth_legacy(root)), HasSubstr("lacks the data of storage '140'"));
  EXPECT_THAT(load_error(pth_legacy(py_dict({{"w", weight(INT64_MAX)}}), {{"140", INT64_MAX, two}})),
              HasSubstr("overflows"));
}

TEST(PthLegacyWeights, RefusesTruncationAtEveryByte) {
  const std::string whole = pth_legacy(py_dict({{"w", weight(2)}}), {{"140", 2, two}});
  ASSERT_EQ(load(whole).tensors.size(), 1u);
  for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_NE(load_error(whole.substr(0, length)), "");
}

TEST(PthLegacyWeights, RefusesPicklesThatTorchDidNotWrite) {
  EXPECT_THAT(load_error(pickle(py_dict({{"w", py_ints({1, 2})}}))), HasSubstr("torch.save did not write"));
  EXPECT_THAT(load_error(pickle(py_int(1)) + pickle(py_int(1001))), HasSubstr("torch.save did not write"));
}

TEST(PthLegacyWeights, RefusesStorageViewsAndWholeModules) {
  const Expression view = py_sequence({py_text("storage"), py_global("torch", "FloatStorage"), py_text("140"),
                                       py_text("cpu"), py_int(2), py_sequence({py_text("7"), py_int(0), py_int(2)})}) +
                          "Q";
  EXPECT_THAT(load_error(pth_legacy(py_dict({{"w", py_tensor(view, 0, {2}, {1})}}), {{"140", 2, two}})),
              HasSubstr("storage views"));
  EXPECT_THAT(load_error(pth_legacy(py_global("torchvision.models.resnet", "ResNet") + ")\x81")),
              HasSubstr("refers to 'torchvision.models.resnet.ResNet'"));
}

}  // namespace
}  // namespace qeval::test
