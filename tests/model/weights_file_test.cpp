// Files that are opened once and read as often as their bytes are wanted.
#include "stages/model/weights/weights_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "pipeline/base/errors.h"
#include "pipeline/base/sha256.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

using testing::EndsWith;

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

std::string text_of(WeightsFile& file) {
  std::vector<std::uint8_t> bytes(file.size());
  file.read(bytes);
  return {bytes.begin(), bytes.end()};
}

/// The message of reading it; empty if that works.
std::string failure(WeightsFile& file) {
  try {
    text_of(file);
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

constexpr const char* changed = ": has changed since the job was checked; start the job again";

TEST(WeightsFiles, AreReadAgainFromTheFileThatWasOpened) {
  test::TempDir folder;
  const auto path = folder.path() / "w";
  write(path, "first");
  WeightsFiles files;
  EXPECT_EQ(text_of(files.open(path)), "first");
  std::filesystem::remove(path);
  write(path, "other");
  EXPECT_EQ(text_of(files.open(path)), "first");
  EXPECT_EQ(files.open(path).sha256(), Sha256().add_bytes("first").hex());
  WeightsFiles own;
  EXPECT_EQ(own.open(path).sha256(), Sha256().add_bytes("other").hex()) << "hashed without being kept";
  EXPECT_EQ(text_of(own.open(path)), "other");
}

TEST(WeightsFiles, OtherBytesThanWereHashedAreRefused) {
  test::TempDir folder;
  const auto path = folder.path() / "w";
  const std::string big(3u << 20, 'a');
  for (const std::string& other :
       {big.substr(1), big + "a", big.substr(0, 1u << 20) + "b" + big.substr((1u << 20) + 1)}) {
    write(path, big);
    WeightsFiles files;
    EXPECT_EQ(text_of(files.open(path)), big);
    write(path, other);
    EXPECT_THAT(failure(files.open(path)), EndsWith(changed));
    write(path, big);
    EXPECT_EQ(failure(files.open(path)), "") << "equal bytes are the same file";
  }
}

TEST(WeightsFiles, AThousandFilesNeedFewDescriptors) {
  test::TempDir folder;
  WeightsFiles files;
  const auto path = [&](int number) { return folder.path() / std::to_string(number); };
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
  };
  const auto before = descriptors();
  for (int number = 0; number < 1000; ++number) {
    write(path(number), "file " + std::to_string(number));
    EXPECT_EQ(text_of(files.open(path(number))), "file " + std::to_string(number));
  }
  EXPECT_LE(descriptors(), before + 64);
  EXPECT_EQ(text_of(files.open(path(0))), "file 0");
  write(path(1), "file b");
  EXPECT_THAT(failure(files.open(path(1))), EndsWith(changed)) << "opened again, and still the one that was hashed";
  EXPECT_LE(descriptors(), before + 64);
}

}  // namespace
}  // namespace qeval
