#include "pipeline/base/sha256.h"

#include <string>

#include <gtest/gtest.h>

namespace qeval {
namespace {

// FIPS 180-4, example of one block.
constexpr const char* digest_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, DigestsWhatTheStandardSays) {
  EXPECT_EQ(Sha256().hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256().add_bytes("abc").hex(), digest_of_abc);
  Sha256 million;
  for (int i = 0; i < 1000; ++i) million.add_bytes(std::string(1000, 'a'));
  EXPECT_EQ(million.hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnThePieces) {
  std::string text;
  for (int i = 0; i < 1500; ++i) text += static_cast<char>(i % 251);
  const std::string whole = Sha256().add_bytes(text).hex();
  for (const std::size_t piece : {1, 7, 64, 200, 255, 256, 257, 600}) {
    Sha256 hash;
    for (std::size_t at = 0; at < text.size(); at += piece) hash.add_bytes(std::string_view(text).substr(at, piece));
    EXPECT_EQ(hash.hex(), whole) << piece;
  }
}

TEST(Sha256, BeginsAnewBehindADigest) {
  Sha256 hash;
  hash.add_bytes("something else").digest();
  EXPECT_EQ(hash.add_bytes("abc").hex(), digest_of_abc);
}

}  // namespace
}  // namespace qeval
