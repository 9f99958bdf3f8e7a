#include "jobs/language/identity.h"

#include <gtest/gtest.h>

namespace qeval {
namespace {

TEST(Identity, Sha256MatchesTheStandardsTestVectors) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Identity, CanonicalJsonSortsKeysAndHoldsNoWhiteSpace) {
  EXPECT_EQ(canonical_json({{"preprocess", "b"}, {"batch_size", "8"}, {"graph", "say \"a\"\n"}}),
            R"({"batch_size":"8","graph":"say \"a\"\n","preprocess":"b"})");
}

TEST(Identity, DifferingComponentsAreThoseOfEitherSide) {
  EXPECT_EQ(differing_components({{"a", "1"}, {"b", "2"}, {"c", "3"}}, {{"b", "2"}, {"c", "4"}, {"d", "5"}}),
            (std::vector<std::string>{"c", "d", "a"}));
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
