#include <cmath>
#include <csignal>
#include <fstream>
#include <iterator>
#include <numeric>

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/sha256.h"
#include "tests/model/weights_test_bytes.h"
#include "tests/support/shared_data.h"

namespace qeval::test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

std::string error_of(const std::filesystem::path& file) {
  try {
    read_state_dict(file);
  } catch (const InputError& error) {
    return error.what();
  }
  ADD_FAILURE() << "the file was accepted";
  return "";
}

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(StateDict, FilesThatCannotBeReadSayWhy) {
  TempDir folder;
  EXPECT_THAT(error_of(folder.path() / "absent.pth"), HasSubstr("absent.pth: no such weights file; check the path"));
  EXPECT_THAT(error_of(folder.path()), HasSubstr("is a folder"));
  EXPECT_THAT(error_of(write_bytes(folder, "")), HasSubstr("is empty"));
  EXPECT_THAT(error_of(write_bytes(folder, "hello, world")), HasSubstr("neither safetensors nor"));
  EXPECT_THAT(error_of(write_bytes(folder, "<!DOCTYPE html>")), HasSubstr("is a web page"));
  EXPECT_THAT(error_of(write_bytes(folder, "version https://git-lfs.github.com/spec/v1\n")), HasSubstr("git lfs pull"));
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of(folder.path() / "pipe"), HasSubstr("not a regular file"));
}

TEST(StateDict, UnreadableFileSaysSo) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  TempDir folder;
  const auto file = write_bytes(folder, "x");
  ::chmod(file.c_str(), 0);
  EXPECT_THAT(error_of(file), HasSubstr("no permission"));
}

TEST(StateDict, FormatIsDetectedFromContentNotFromTheName) {
  TempDir folder;
  write_safetensors({{"w", Tensor({1}, std::vector<float>{1})}}, folder.path() / "net.pth");
  EXPECT_EQ(read_state_dict(folder.path() / "net.pth").format, "safetensors");
}

TEST(StateDict, NanAndInfinityAreRefusedWithNameAndCount) {
  const auto message = [](const std::string& type, std::int64_t numel, const std::string& data) {
    return load_error(
        pth_zip(py_dict({{"bn.weight", py_tensor(py_storage(type, "0", numel), 0, {numel}, {1})}}), {{"0", data}}));
  };
  EXPECT_THAT(message("FloatStorage", 4, raw<float>({NAN, 1, INFINITY, -INFINITY})),
              HasSubstr("tensor 'bn.weight' has 3 of 4 values"));
  EXPECT_THAT(message("HalfStorage", 2, raw<std::uint16_t>({0x7c00, 0x3c00})), HasSubstr("has 1 of 2 values"));
  EXPECT_THAT(message("DoubleStorage", 2, raw<double>({1e300, 1})), HasSubstr("infinite as f32"));
}

TEST(StateDict, WritingAndReadingGivesTheSameBits) {
  TempDir folder;
  std::vector<float> values(1001);
  std::iota(values.begin(), values.end(), -500.25f);
  values[3] = -0.0f;
  values[4] = 1e-45f;
  const std::map<std::string, Tensor> written{{"a.weight", Tensor({7, 11, 13}, values)},
                                              {"b", Tensor({}, std::vector<float>{3})},
                                              {"ü \"quoted\" \\", Tensor({2}, std::vector<float>{1, 2})}};
  write_safetensors(written, folder.path() / "w.safetensors");
  const auto read = read_state_dict(folder.path() / "w.safetensors");
  ASSERT_EQ(read.tensors.size(), written.size());
  for (const auto& [name, tensor] : written) {
    const Tensor& other = read.tensors.at(name);
    EXPECT_EQ(other.shape(), tensor.shape());
    EXPECT_EQ(std::memcmp(other.values().data(), tensor.values().data(), tensor.values().size_bytes()), 0) << name;
  }
  EXPECT_EQ(files_in(folder.path()), 1u) << "no temporary file is left";
}

TEST(StateDict, TensorsStayValidWhenTheFileIsReplaced) {
  TempDir folder;
  const auto file = folder.path() / "w.safetensors";
  write_safetensors({{"w", Tensor({2}, std::vector<float>{1, 2})}}, file);
  const auto before = read_state_dict(file);
  write_safetensors({{"w", Tensor({2}, std::vector<float>{3, 4})}}, file);
  EXPECT_THAT(values_of(before, "w"), ElementsAre(1, 2));
  EXPECT_THAT(values_of(read_state_dict(file), "w"), ElementsAre(3, 4));
}

TEST(StateDict, TensorsStayValidWhenTheFileIsOverwrittenInPlaceOrCutOff) {
  TempDir folder;
  const auto file = folder.path() / "w.safetensors";
  const auto size = static_cast<std::size_t>(1) << 16;
  write_safetensors({{"w", Tensor({static_cast<std::int64_t>(size)}, std::vector<float>(size, 1.5f))}}, file);
  const auto before = read_state_dict(file);
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary)
      << std::string(std::filesystem::file_size(file), 'x');
  EXPECT_THAT(values_of(before, "w"), Each(1.5f));
  std::filesystem::resize_file(file, 1);
  EXPECT_THAT(values_of(before, "w"), Each(1.5f)) << "a mapping would end in SIGBUS";
}

/// Of this process, now.
std::size_t resident_bytes() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

TEST(StateDict, WhatNoTensorNeedsAnyMoreLeavesMemory) {
  TempDir folder;
  const auto file = folder.path() / "w.safetensors";
  const std::size_t count = 4u << 20, bytes = count * sizeof(float);
  const auto shape = std::vector<std::int64_t>{static_cast<std::int64_t>(count)};
  write_safetensors({{"a", Tensor(shape, std::vector<float>(count, 1))},
                     {"b", Tensor(shape, std::vector<float>(count, 2))},
                     {"c", Tensor(shape, std::vector<float>(count, 3))}},
                    file);
  const std::size_t before = resident_bytes();
  auto state = read_state_dict(file);
  EXPECT_GT(resident_bytes(), before + 2 * bytes);
  state.tensors.erase("a");
  state.tensors.erase("c");
  EXPECT_LT(resident_bytes(), before + bytes + bytes / 2);
  EXPECT_THAT(values_of(state, "b"), Each(2.0f)) << "what shares a page with another tensor stays";
}

TEST(StateDict, KnowsTheHashAndTheSizeOfTheBytesItWasMadeOf) {
  TempDir folder;
  const auto file = folder.path() / "w.safetensors";
  write_safetensors({{"w", Tensor({2}, std::vector<float>{1, 2})}}, file);
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  const auto state = read_state_dict(file);
  EXPECT_EQ(state.sha256, Sha256().add_bytes(bytes).hex());
  EXPECT_EQ(state.file_bytes, static_cast<std::int64_t>(bytes.size()));
}

TEST(StateDict, FailedWriteKeepsTheOldFileAndLeavesNothingBehind) {
  TempDir folder;
  const auto file = folder.path() / "w.safetensors";
  write_safetensors({{"w", Tensor({1}, std::vector<float>{1})}}, file);
  rlimit old_limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{100'000, old_limit.rlim_max};  // a file system with room for 100 b
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  EXPECT_THROW(write_safetensors({{"w", Tensor({100'000}, std::vector<float>(100'000, 2))}}, file), RunError);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old_limit), 0);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_THAT(values_of(read_state_dict(file), "w"), ElementsAre(1));
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(StateDict, WritingToABadPlaceIsAUsageError) {
  TempDir folder;
  const std::map<std::string, Tensor> tensors{{"w", Tensor({1}, std::vector<float>{1})}};
  EXPECT_THROW(write_safetensors(tensors, folder.path() / "absent" / "w.safetensors"), UsageError);
  EXPECT_THROW(write_safetensors(tensors, folder.path()), UsageError);
  EXPECT_THROW(write_safetensors({{"a\nb", tensors.at("w")}}, folder.path() / "w.safetensors"), InputError);
}

TEST(StateDict, ResNet20IsEqualInLegacyPickleAndSafetensors) {
  QEVAL_REQUIRE_SHARED("weights/resnet20-12fca82f.th");
  const auto pickled = read_state_dict(shared_root() / "weights/resnet20-12fca82f.th");
  const auto plain = read_state_dict(shared_root() / "weights/resnet20_cifar10.safetensors");
  EXPECT_EQ(pickled.format, "pth-legacy");
  EXPECT_EQ(plain.format, "safetensors");
  ASSERT_EQ(pickled.tensors.size(), 97u);
  for (const auto& [name, tensor] : pickled.tensors) {
    ASSERT_TRUE(name.starts_with("module."));
    std::string other = name.substr(7);
    if (other.starts_with("linear.")) other = "fc." + other.substr(7);
    ASSERT_EQ(plain.tensors.count(other), 1u) << other;
    EXPECT_EQ(plain.tensors.at(other).shape(), tensor.shape()) << other;
    EXPECT_EQ(
        std::memcmp(plain.tensors.at(other).values().data(), tensor.values().data(), tensor.values().size_bytes()), 0)
        << other;
  }
}

TEST(StateDict, TorchZipFileHasTheExpectedNames) {
  QEVAL_REQUIRE_SHARED("oracle/resnext-tiny/state_dict.pth");
  const auto state = read_state_dict(shared_root() / "oracle/resnext-tiny/state_dict.pth");
  EXPECT_EQ(state.format, "pth-zip");
  EXPECT_EQ(state.tensors.size(), 87u);
  EXPECT_EQ(state.skipped.size(), 17u);
  EXPECT_THAT(state.tensors.at("conv1.weight").shape(), ElementsAre(64, 3, 7, 7));
  EXPECT_THAT(state.tensors.at("layer4.0.downsample.1.running_var").shape(), ElementsAre(2048));
  EXPECT_THAT(state.tensors.at("fc.weight").shape(), ElementsAre(1000, 2048));
  EXPECT_THAT(state.skipped, testing::Contains("bn1.num_batches_tracked"));
}

}  // namespace
}  // namespace qeval::test
