#include "stages/dataset/even_subset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/dataset/sample_files.h"

namespace qeval::test {
namespace {

using testing::ElementsAre;

/// "0.0", "0.1" …: class and number in it, ordered by class.
Manifest in_class_order(const std::vector<int>& sizes) {
  Manifest manifest{"/data", {}, {}};
  for (std::size_t label = 0; label < sizes.size(); ++label)
    for (int number = 0; number < sizes[label]; ++number)
      manifest.entries.push_back({std::to_string(label) + "." + std::to_string(number), static_cast<int>(label), {}});
  return manifest;
}

std::map<int, int> per_label(const Manifest& manifest) {
  std::map<int, int> counts;
  for (const ManifestEntry& entry : manifest.entries) ++counts[entry.label];
  return counts;
}

TEST(EvenSubset, EveryNthEntryBeginsWithTheFirst) {
  EXPECT_THAT(names_of(keep_every(in_class_order({3, 3, 1}), 3)), ElementsAre("0.0", "1.0", "2.0"));
  EXPECT_THAT(names_of(keep_every(in_class_order({3, 3, 1}), 100)), ElementsAre("0.0"));
  EXPECT_EQ(keep_every(in_class_order({3, 3, 1}), 1).entries.size(), 7u);
}

TEST(EvenSubset, AThousandOfFiftyThousandHaveEveryClass) {
  const Manifest imagenet = in_class_order(std::vector<int>(1000, 50));
  const Manifest chosen = keep_spread(imagenet, 1000);
  EXPECT_EQ(chosen.entries.size(), 1000u);
  EXPECT_EQ(extent_of(chosen).classes, 1000);
  EXPECT_EQ(chosen.entries.back().name, "999.25") << "the middle of its class";
  for (const auto& [label, count] : per_label(keep_spread(imagenet, 2500)))
    EXPECT_TRUE(count == 2 || count == 3) << count << " of class " << label;
}

TEST(EvenSubset, SmallClassesAreNotPassedOver) {
  const Manifest uneven = in_class_order({1000, 1, 1, 30, 1});
  EXPECT_THAT(per_label(keep_spread(uneven, 5)),
              ElementsAre(std::pair(0, 1), std::pair(1, 1), std::pair(2, 1), std::pair(3, 1), std::pair(4, 1)));
  EXPECT_THAT(per_label(keep_spread(uneven, 108)),
              ElementsAre(std::pair(0, 101), std::pair(1, 1), std::pair(2, 1), std::pair(3, 4), std::pair(4, 1)));
}

TEST(EvenSubset, HasExactlyAsManyAsWereAskedFor) {
  for (const std::vector<int>& sizes : {std::vector<int>{7}, {1, 1, 1}, {5, 1, 9, 2}, {50, 50}}) {
    const Manifest all = in_class_order(sizes);
    for (std::size_t count = 0; count <= all.entries.size(); ++count)
      EXPECT_EQ(keep_spread(all, static_cast<std::int64_t>(count)).entries.size(), count);
    EXPECT_EQ(names_of(keep_spread(all, 1'000'000'000)), names_of(all));
  }
}

TEST(EvenSubset, FewerImagesThanClassesAreSpreadOverTheClasses) {
  EXPECT_THAT(names_of(keep_spread(in_class_order({3, 3, 3, 3, 3, 3}), 2)), ElementsAre("1.1", "4.1"));
}

TEST(EvenSubset, ClassesMayBeMixedAndOrderIsKept) {
  Manifest mixed{"/data", {}, {}};
  for (int i = 0; i < 12; ++i) mixed.entries.push_back({std::to_string(i), i % 2, {}});
  EXPECT_THAT(names_of(keep_spread(mixed, 4)), ElementsAre("2", "3", "8", "9"));
}

TEST(EvenSubset, ExtentCountsImagesAndTheirLabels) {
  EXPECT_EQ(extent_of(in_class_order({2, 0, 3})).images, 5);
  EXPECT_EQ(extent_of(in_class_order({2, 0, 3})).classes, 2) << "a class without an image is none to choose from";
}

}  // namespace
}  // namespace qeval::test
