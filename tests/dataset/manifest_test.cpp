#include "stages/dataset/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dataset/sample_files.h"
#include "tests/support/temp_dir.h"

namespace qeval::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

Manifest sample() {
  return {"/data", {{"a/1", 0, 10}, {"a/2", 0, 20}, {"a/3", 0, 30}, {"b/1", 1, 40}, {"b/2", 1, 50}}, {"a", "b"}};
}

TEST(Manifest, KeepsTheFirstEntries) {
  EXPECT_THAT(names_of(keep_first(sample(), 2)), ElementsAre("a/1", "a/2"));
  EXPECT_EQ(keep_first(sample(), 99).entries.size(), 5u);
  EXPECT_THAT(keep_first(sample(), 2).classes, ElementsAre("a", "b"));
}

TEST(Manifest, KeepsTheFirstEntriesOfEachClass) {
  EXPECT_THAT(names_of(keep_per_class(sample(), 2)), ElementsAre("a/1", "a/2", "b/1", "b/2"));
  EXPECT_THAT(names_of(keep_per_class(sample(), 1)), ElementsAre("a/1", "b/1"));
}

TEST(Manifest, KeepsListedEntriesInTheListsOrder) {
  const TempDir dir;
  write_file(dir.path() / "names.txt", "b/2\n\na/1\nb/2\n");
  EXPECT_THAT(names_of(keep_listed(sample(), dir.path() / "names.txt")), ElementsAre("b/2", "a/1", "b/2"));
  write_file(dir.path() / "wrong.txt", "b/2\nc/9\n");
  EXPECT_THAT(input_error_of([&] { keep_listed(sample(), dir.path() / "wrong.txt"); }),
              AllOf(HasSubstr("wrong.txt:2: "), HasSubstr("\"c/9\"")));
  write_file(dir.path() / "empty.txt", "\n");
  EXPECT_THAT(input_error_of([&] { keep_listed(sample(), dir.path() / "empty.txt"); }), HasSubstr("no image"));
}

TEST(Manifest, FingerprintIsTheSha256OfNamesLabelsAndSizes) {
  // printf 'a/1\0000 10\n' | sha256sum
  EXPECT_EQ(keep_first(sample(), 1).fingerprint(), "5f35cf6dac230060391ce358729e1d4b0f490bef73ce4d857a0e7a70e05ba61c");
  EXPECT_EQ(Manifest{}.fingerprint(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Manifest, FingerprintDependsOnOrderNamesLabelsAndSizesButNotOnTheRoot) {
  const std::string original = sample().fingerprint();
  Manifest changed = sample();
  changed.root = "/elsewhere";
  EXPECT_EQ(changed.fingerprint(), original);
  std::swap(changed.entries[0], changed.entries[1]);
  EXPECT_NE(changed.fingerprint(), original);
  changed = sample();
  changed.entries[4].label = 0;
  EXPECT_NE(changed.fingerprint(), original);
  changed = sample();
  changed.entries[4].bytes += 1;
  EXPECT_NE(changed.fingerprint(), original);
  changed = sample();
  changed.entries[4].name = "b/3";
  EXPECT_NE(changed.fingerprint(), original);
}

}  // namespace
}  // namespace qeval::test
