// How the difference between two looks at a data set is told.
#include "jobs/prepare/changed_images.h"

#include <gtest/gtest.h>

namespace qeval {
namespace {

ManifestEntry entry(const std::string& name, int label, std::uint8_t byte) {
  ManifestEntry made{name, label, {}, ImageContent::read, {}};
  made.sha256.fill(byte);
  return made;
}

SampleRecord sample(const std::string& name, int label, std::uint8_t byte) {
  return {name, label, 3, std::vector<std::uint8_t>(32, byte)};
}

TEST(ChangedImages, AreNamedByWhatHappenedToThem) {
  const std::vector<SampleRecord> before{sample("a", 0, 1), sample("b", 0, 2), sample("c", 1, 3), sample("d", 1, 4)};
  Manifest now;
  now.entries = {entry("a", 0, 9), entry("c", 0, 3), entry("d", 1, 4), entry("e", 1, 5)};
  EXPECT_EQ(changed_images_text(before, now), "1 changed (a), 1 vanished (b), 1 new (e), 1 with another label (c)");
}

TEST(ChangedImages, AreCountedWhereThereAreMany) {
  std::vector<SampleRecord> before;
  Manifest now;
  for (const char* name : {"1", "2", "3", "4"}) {
    before.push_back(sample(name, 0, 1));
    now.entries.push_back(entry(name, 0, 2));
  }
  EXPECT_EQ(changed_images_text(before, now), "4 changed (1, 2, 3, …)");
}

TEST(ChangedImages, AreNoneWhereNothingChangedOrNothingIsKnown) {
  Manifest now;
  now.entries = {entry("a", 0, 1)};
  EXPECT_EQ(changed_images_text({sample("a", 0, 1)}, now), "");
  EXPECT_EQ(changed_images_text({}, now), "");
}

TEST(ChangedImages, ANowUnreadableOneHasChanged) {
  Manifest now;
  now.entries = {entry("a", 0, 1)};
  now.entries[0].content = ImageContent::unreadable;
  EXPECT_EQ(changed_images_text({sample("a", 0, 1)}, now), "1 changed (a)");
}

}  // namespace
}  // namespace qeval
