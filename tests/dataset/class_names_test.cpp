#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/dataset/imagenet_synsets.h"
#include "stages/dataset/numbered_classes.h"

namespace qeval::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> imagenet_folders() { return {imagenet_synsets().begin(), imagenet_synsets().end()}; }

TEST(ImagenetSynsets, AreAThousandInTheOrderOfPublishedNetworks) {
  const std::vector<std::string> folders = imagenet_folders();
  ASSERT_EQ(folders.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(folders.begin(), folders.end()));
  EXPECT_EQ(std::adjacent_find(folders.begin(), folders.end()), folders.end());
  EXPECT_EQ(folders[0], "n01440764") << "tench";
  EXPECT_EQ(folders[281], "n02123045") << "tabby";
  EXPECT_EQ(folders[999], "n15075141") << "toilet tissue";
}

TEST(ImagenetSynsets, DifferencesAreNamed) {
  std::vector<std::string> folders = imagenet_folders();
  EXPECT_EQ(difference_to_imagenet(folders), "");
  folders[0] = "n01440000";
  EXPECT_EQ(difference_to_imagenet(folders), "n01440000 is none of ImageNet's 1,000 classes; n01440764 is missing");
  for (std::size_t i = 1; i < 5; ++i) folders[i] = "train" + std::to_string(i);
  EXPECT_EQ(
      difference_to_imagenet(folders),
      "n01440000, train1, train2 and 2 more are none of ImageNet's 1,000 classes; n01440764, n01443537, n01484850 "
      "and 2 more are missing");
}

TEST(ImagenetSynsets, OtherClassesAreNotComparedWithThem) {
  EXPECT_EQ(difference_to_imagenet({"cat", "dog", "n01440764"}), "");
  EXPECT_EQ(difference_to_imagenet({}), "");
}

TEST(NumberedClasses, ThatSortAsTextHaveTheOrderOfTheirNumbers) {
  EXPECT_THAT(order_of_numbers({"1", "10", "2", "9"}), ElementsAre(0, 3, 1, 2));
  EXPECT_THAT(order_of_numbers({"class0", "class10", "class9"}), ElementsAre(0, 2, 1));
}

TEST(NumberedClasses, AreNotFoundElsewhere) {
  EXPECT_THAT(order_of_numbers({"01", "02", "10"}), IsEmpty()) << "text and numbers agree";
  EXPECT_THAT(order_of_numbers({"n02", "n1"}), testing::ElementsAre(1, 0));
  EXPECT_THAT(order_of_numbers({"a10", "b9"}), IsEmpty()) << "other words";
  EXPECT_THAT(order_of_numbers({"cat", "dog"}), IsEmpty());
  EXPECT_THAT(order_of_numbers({"1", "01", "0"}), IsEmpty()) << "one number twice";
  EXPECT_THAT(order_of_numbers({"n01440764", "n10000000"}), IsEmpty());
  EXPECT_THAT(order_of_numbers({}), IsEmpty());
}

TEST(NumberedClasses, SortedAsTextTheTwelfthIsTheSecond) {
  EXPECT_THAT(numbers_sorted_as_text(12, 0), ElementsAre(0, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_THAT(numbers_sorted_as_text(11, 1), ElementsAre(0, 9, 10, 1, 2, 3, 4, 5, 6, 7, 8));
}

}  // namespace
}  // namespace qeval::test
