#include "jobs/identity.h"

#include <gtest/gtest.h>

#include <fstream>

#include "pipeline/errors.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

TEST(Identity, Sha256MatchesTheStandardsTestVectors) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Identity, FileHashEqualsTheHashOfItsBytesBeyondOneBuffer) {
  const test::TempDir folder;
  const auto file = folder.path() / "big.bin";
  const std::string bytes((1 << 20) * 2 + 17, 'a');
  std::ofstream(file, std::ios::binary) << bytes;
  EXPECT_EQ(sha256_file(file), sha256_hex(bytes));
}

TEST(Identity, MissingFileIsAnInputErrorNamingIt) {
  try {
    sha256_file("/no/such/weights.pth");
    FAIL() << "expected an InputError";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "/no/such/weights.pth: cannot be opened: No such file or directory");
  }
}

TEST(Identity, FolderIsAnInputErrorNotAnEmptyFile) { EXPECT_THROW(sha256_file("/tmp"), InputError); }

TEST(Identity, CanonicalJsonSortsKeysAndHoldsNoWhiteSpace) {
  EXPECT_EQ(canonical_json({{"preprocess", "b"}, {"batch_size", "8"}, {"graph", "say \"a\"\n"}}),
            R"({"batch_size":"8","graph":"say \"a\"\n","preprocess":"b"})");
}

TEST(Identity, KeyChangesWithEveryComponent) {
  const KeyComponents base{{"weights_sha256", "aa"}, {"batch_size", "8"}};
  EXPECT_EQ(make_key(base), sha256_hex(R"({"batch_size":"8","weights_sha256":"aa"})"));
  KeyComponents other = base;
  other["batch_size"] = "16";
  EXPECT_NE(make_key(other), make_key(base));
}

}  // namespace
}  // namespace qeval
