#include <gmock/gmock.h>

#include "tests/model/weights_test_bytes.h"

namespace qeval::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Expression weight(std::int64_t numel = 6, const std::string& key = "0") {
  return py_tensor(py_storage("FloatStorage", key, numel), 0, {2, 3}, {3, 1});
}
const std::string six = raw<float>({1, 2, 3, 4, 5, 6});

TEST(PthZipWeights, ReadsTensorsOfAStateDict) {
  const auto state = load(pth_zip(py_ordered_dict({{"conv.weight", weight()}}), {{"0", six}}));
  EXPECT_EQ(state.format, "pth-zip");
  EXPECT_THAT(state.tensors.at("conv.weight").shape(), ElementsAre(2, 3));
  EXPECT_THAT(values_of(state, "conv.weight"), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(PthZipWeights, ReadsZip64) {
  auto entries = pth_entries(py_dict({{"w", weight()}}), {{"0", six}});
  for (auto& entry : entries) entry.zip64 = true;
  EXPECT_THAT(values_of(load(zip_archive(entries, true)), "w"), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(PthZipWeights, MakesStridedViewsContiguous) {
  const auto storage = py_storage("FloatStorage", "0", 6);
  const auto state = load(pth_zip(py_dict({{"transposed", py_tensor(storage, 0, {3, 2}, {1, 3})},
                                           {"column", py_tensor(storage, 1, {2}, {3})},
                                           {"tail", py_tensor(storage, 4, {2}, {1})},
                                           {"expanded", py_tensor(storage, 2, {2, 2}, {0, 1})},
                                           {"cube", py_tensor(storage, 0, {2, 1, 3}, {1, 99, 2})}}),
                                  {{"0", six}}));
  EXPECT_THAT(values_of(state, "transposed"), ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(values_of(state, "column"), ElementsAre(2, 5));
  EXPECT_THAT(values_of(state, "tail"), ElementsAre(5, 6));
  EXPECT_THAT(values_of(state, "expanded"), ElementsAre(3, 4, 3, 4));
  EXPECT_THAT(values_of(state, "cube"), ElementsAre(1, 3, 5, 2, 4, 6));
}

TEST(PthZipWeights, ConvertsHalfBfloatAndDoubleAndSkipsIntegers) {
  const auto state = load(pth_zip(py_dict({{"h", py_tensor(py_storage("HalfStorage", "h", 2), 1, {1}, {1})},
                                           {"b", py_tensor(py_storage("BFloat16Storage", "b", 1), 0, {}, {})},
                                           {"d", py_tensor(py_storage("DoubleStorage", "d", 2), 0, {2}, {1})},
                                           {"n", py_tensor(py_storage("LongStorage", "n", 1), 0, {}, {})}}),
                                  {{"h", raw<std::uint16_t>({0, 0x4200})},
                                   {"b", raw<std::uint16_t>({0x4080})},
                                   {"d", raw<double>({-0.1, 1e-300})},
                                   {"n", raw<std::int64_t>({3})}}));
  EXPECT_THAT(values_of(state, "h"), ElementsAre(3));
  EXPECT_THAT(values_of(state, "b"), ElementsAre(4));
  EXPECT_THAT(values_of(state, "d"), ElementsAre(-0.1f, 0));
  EXPECT_THAT(state.skipped, ElementsAre("n"));
}

TEST(PthZipWeights, ReadsTensorsOverUntypedStorageAndParameters) {
  const Expression untyped = py_sequence({py_text("storage"), py_global("torch.storage", "UntypedStorage"),
                                          py_text("0"), py_text("cpu"), py_int(24)}) +
                             "Q";
  const Expression v3 = py_call(
      py_global("torch._utils", "_rebuild_tensor_v3"),
      {untyped, py_int(2), py_ints({2}), py_ints({1}), "\x89", py_ordered_dict({}), py_global("torch", "float32")});
  const Expression parameter =
      py_call(py_global("torch._utils", "_rebuild_parameter"), {v3, "\x88", py_ordered_dict({})});
  EXPECT_THAT(values_of(load(pth_zip(py_dict({{"p", parameter}}), {{"0", six}})), "p"), ElementsAre(3, 4));
}

TEST(PthZipWeights, FindsTheStateDictInsideACheckpoint) {
  const Expression optimizer = py_dict({{"lr", "G" + std::string(8, '\0')}, {"betas", py_ints({1, 2})}});
  const auto state =
      load(pth_zip(py_dict({{"epoch", py_int(3)},
                            {"best", "N"},
                            {"optimizer", optimizer},
                            {"state_dict", py_ordered_dict({{"module.w", weight()}, {"note", py_text("x")}})}}),
                   {{"0", six}}));
  EXPECT_EQ(state.tensors.size(), 1u);
  EXPECT_EQ(state.tensors.count("module.w"), 1u);
}

TEST(PthZipWeights, FindsTheOnlyDictOfTensorsUnderAnyKey) {
  EXPECT_EQ(load(pth_zip(py_dict({{"generator", py_dict({{"w", weight()}})}}), {{"0", six}})).tensors.size(), 1u);
  EXPECT_THAT(load_error(pth_zip(py_dict({{"a", py_dict({{"w", weight()}})}, {"b", py_dict({{"w", weight()}})}}),
                                 {{"0", six}})),
              HasSubstr("several dictionaries of weights are in the checkpoint: 'a', 'b'"));
}

TEST(PthZipWeights, ReadsTheMetadataOfAModuleStateDict) {
  const Expression root = py_ordered_dict({{"w", weight()}}) +
                          py_dict({{"_metadata", py_ordered_dict({{"", py_dict({{"version", py_int(1)}})}})}}) + "b";
  EXPECT_THAT(values_of(load(pth_zip(root, {{"0", six}})), "w"), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(PthZipWeights, RefusesTruncationAnywhere) {
  const std::string whole = pth_zip(py_dict({{"w", weight()}}), {{"0", six}});
  for (std::size_t i = 1; i < 20; ++i)
    EXPECT_THAT(load_error(whole.substr(0, whole.size() * i / 20)), HasSubstr("truncated")) << i;
  EXPECT_THAT(load_error(whole.substr(0, whole.size() - 1)), HasSubstr("truncated"));
}

TEST(PthZipWeights, RefusesCompressedAndEncryptedEntries) {
  auto entries = pth_entries(py_dict({{"w", weight()}}), {{"0", six}});
  entries[2].method = 8;
  EXPECT_THAT(load_error(zip_archive(entries)), HasSubstr("compressed entry 'net/data/0' (method 8)"));
  entries[2].method = 0;
  entries[2].flags = 1;
  EXPECT_THAT(load_error(zip_archive(entries)), HasSubstr("encrypted entry 'net/data/0'"));
}

TEST(PthZipWeights, RefusesOverlappingAndDuplicateEntries) {
  const Expression root = py_dict({{"a", weight(6, "0")}, {"b", weight(6, "1")}});
  auto entries = pth_entries(root, {{"0", six}, {"1", six}});
  // A whole second local entry hidden in the data of the first: each header is right, the ranges overlap.
  const std::string hidden = zip_archive({{.name = "net/data/1", .data = six}});
  entries[2].data = hidden;
  std::int64_t start = 0;
  for (int i = 0; i < 2; ++i)
    start += static_cast<std::int64_t>(30 + entries[static_cast<std::size_t>(i)].name.size() +
                                       entries[static_cast<std::size_t>(i)].data.size());
  entries[3].local_offset = start + 30 + 10;
  EXPECT_THAT(load_error(zip_archive(entries)), HasSubstr("overlapping entries 'net/data/0' and 'net/data/1'"));

  entries = pth_entries(root, {{"0", six}, {"0", six}});
  EXPECT_THAT(load_error(zip_archive(entries)), HasSubstr("two entries named 'net/data/0'"));
}

TEST(PthZipWeights, RefusesEntriesThatPointOutsideTheFile) {
  auto entries = pth_entries(py_dict({{"w", weight()}}), {{"0", six}});
  entries[2].local_offset = 0x7fffffff;
  EXPECT_THAT(load_error(zip_archive(entries)), HasSubstr("entry 'net/data/0' outside the file"));
  entries[2].local_offset = -1;
  entries[2].size = 0x70000000;
  EXPECT_THAT(load_error(zip_archive(entries)), HasSubstr("do not fit the file"));
  entries[2].local_offset = 0;
  EXPECT_THAT(load_error(zip_archive(entries)), HasSubstr("two names for entry 'net/data/0'"));
  entries[2].zip64 = true;
  entries[2].local_offset = INT64_MAX;
  EXPECT_THAT(load_error(zip_archive(entries)), HasSubstr("outside the file"));
}

TEST(PthZipWeights, RefusesStoragesOfTheWrongSize) {
  EXPECT_THAT(load_error(pth_zip(py_dict({{"w", weight(7)}}), {{"0", six}})),
              HasSubstr("storage '0' should have 28 bytes but has 24"));
  EXPECT_THAT(load_error(pth_zip(py_dict({{"w", weight(INT64_MAX)}}), {{"0", six}})), HasSubstr("overflows"));
  EXPECT_THAT(load_error(pth_zip(py_dict({{"w", weight(-6)}}), {{"0", six}})), HasSubstr("negative size -6"));
  EXPECT_THAT(load_error(pth_zip(py_dict({{"w", weight()}}))), HasSubstr("lacks the data of storage '0'"));
  EXPECT_THAT(load_error(pth_zip(py_dict({{"a", weight(6)}, {"b", weight(5)}}), {{"0", six}})),
              HasSubstr("two sizes or types"));
}

TEST(PthZipWeights, RefusesTensorsThatReachOutsideTheirStorage) {
  const auto view = [](std::int64_t offset, const std::vector<std::int64_t>& shape,
                       const std::vector<std::int64_t>& strides) {
    return load_error(
        pth_zip(py_dict({{"w", py_tensor(py_storage("FloatStorage", "0", 6), offset, shape, strides)}}), {{"0", six}}));
  };
  EXPECT_THAT(view(0, {7}, {1}), HasSubstr("tensor 'w' reaches element 6 of a storage with 6 elements"));
  EXPECT_THAT(view(1, {6}, {1}), HasSubstr("reaches element 6"));
  EXPECT_THAT(view(0, {2}, {6}), HasSubstr("reaches element 6"));
  EXPECT_THAT(view(-1, {2}, {1}), HasSubstr("negative storage offset"));
  EXPECT_THAT(view(5, {2}, {-1}), HasSubstr("negative stride"));
  EXPECT_THAT(view(0, {-2}, {1}), HasSubstr("negative size"));
  EXPECT_THAT(view(0, {3, 3}, {INT64_MAX, INT64_MAX}), HasSubstr("strides that overflow"));
  EXPECT_THAT(view(INT64_MAX, {2}, {1}), HasSubstr("overflow"));
  EXPECT_THAT(view(0, {INT64_MAX, INT64_MAX}, {0, 0}), HasSubstr("overflows"));
  EXPECT_THAT(view(0, {2, 3}, {1}), HasSubstr("2 sizes but 1 strides"));
  EXPECT_THAT(view(0, std::vector<std::int64_t>(65, 1), std::vector<std::int64_t>(65, 1)), HasSubstr("of 65 numbers"));
}

TEST(PthZipWeights, RefusesOneStorageRepeatedIntoAMemoryBomb) {
  const auto storage = py_storage("FloatStorage", "0", 6);
  EXPECT_THAT(load_error(pth_zip(py_dict({{"w", py_tensor(storage, 0, {std::int64_t{1} << 40}, {0})}}), {{"0", six}})),
              HasSubstr("over four times the size of the file"));
}

TEST(PthZipWeights, RefusesOtherZipFiles) {
  EXPECT_THAT(load_error(zip_archive({{.name = "readme.txt", .data = "hello"}})), HasSubstr("no <folder>/data.pkl"));
  EXPECT_THAT(load_error(zip_archive({})), HasSubstr("no <folder>/data.pkl"));
  auto entries = pth_entries(py_dict({{"w", weight()}}), {{"0", six}});
  entries.push_back({.name = "net/constants.pkl", .data = "x"});
  EXPECT_THAT(load_error(zip_archive(entries)), HasSubstr("TorchScript"));
  entries.back() = {.name = "other/data.pkl", .data = "x"};
  EXPECT_THAT(load_error(zip_archive(entries)), HasSubstr("more than one data.pkl"));
}

TEST(PthZipWeights, RefusesBigEndianData) {
  auto entries = pth_entries(py_dict({{"w", weight()}}), {{"0", six}});
  entries[1].data = "big";
  EXPECT_THAT(load_error(zip_archive(entries)), HasSubstr("byte order is 'big'"));
}

TEST(PthZipWeights, RefusesADictWithoutTensorsAndOtherRoots) {
  EXPECT_THAT(load_error(pth_zip(py_dict({{"epoch", py_int(1)}}))), HasSubstr("no state dict"));
  EXPECT_THAT(load_error(pth_zip(py_ints({1, 2}))), HasSubstr("the checkpoint is a tuple"));
  EXPECT_THAT(load_error(pth_zip(py_dict({{"w", weight()}, {"w", weight()}}), {{"0", six}})),
              HasSubstr("tensor 'w' appears twice"));
}

}  // namespace
}  // namespace qeval::test
