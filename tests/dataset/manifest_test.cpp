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

ManifestEntry entry(const std::string& name, int label, std::string_view content) {
  return {name, label, {}, ImageContent::read, Sha256().add_bytes(content).digest()};
}

Manifest sample() {
  return {"/data",
          {entry("a/1", 0, "one"), entry("a/2", 0, "two"), entry("a/3", 0, "three"), entry("b/1", 1, "four"),
           entry("b/2", 1, "five")},
          {"a", "b"}};
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

TEST(Manifest, FingerprintIsTheSha256OfNamesLabelsAndContents) {
  // printf "a/1\0000 $(printf one | sha256sum | cut -c -64)\n" | sha256sum
  EXPECT_EQ(keep_first(sample(), 1).fingerprint(), "2680236586c367fda8c4d756d960a5846074f6b109c7bb80de82aa8730916897");
  EXPECT_EQ(Manifest{}.fingerprint(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Manifest, HasNoFingerprintWhileAContentIsUnknown) {
  Manifest listed = sample();
  listed.entries[2].content = ImageContent::unknown;
  EXPECT_THROW(listed.fingerprint(), InternalError);
}

TEST(Manifest, FingerprintDependsOnOrderNamesLabelsAndContentsButOnNoPlaceAndTime) {
  const std::string original = sample().fingerprint();
  Manifest changed = sample();
  changed.root = "/elsewhere";
  changed.entries[0].file = {3, 4, 5, 6, 7};
  EXPECT_EQ(changed.fingerprint(), original);
  std::swap(changed.entries[0], changed.entries[1]);
  EXPECT_NE(changed.fingerprint(), original);
  changed = sample();
  changed.entries[4].label = 0;
  EXPECT_NE(changed.fingerprint(), original);
  changed = sample();
  changed.entries[4].sha256[31] ^= 1;
  EXPECT_NE(changed.fingerprint(), original);
  changed = sample();
  changed.entries[4].content = ImageContent::unreadable;
  EXPECT_NE(changed.fingerprint(), original);
  changed = sample();
  changed.entries[4].name = "b/3";
  EXPECT_NE(changed.fingerprint(), original);
}

}  // namespace
}  // namespace qeval::test
