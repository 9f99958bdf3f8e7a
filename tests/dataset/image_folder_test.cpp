#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "pipeline/base/errors.h"
#include "stages/dataset/manifest.h"
#include "tests/dataset/sample_files.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_dir.h"

namespace qeval::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

std::string error_of(const fs::path& root) {
  return input_error_of([&] { scan_image_folder(root); });
}

TEST(ImageFolder, OrdersClassesFoldersAndFilesAsTorchvisionDoes) {
  const TempDir dir;
  // '-' sorts before '/', so the folder a-b comes between a and a/c; upper case sorts before lower case.
  for (const char* name : {"dog/z.jpg", "dog/a/c/1.jpg", "dog/a-b/1.jpg", "dog/a/1.jpg", "dog/B.jpg", "Cat/10.jpg",
                           "Cat/9.jpg", "ant/x.jpg"}) {
    write_file(dir.path() / name, "12345");
  }
  const Manifest manifest = scan_image_folder(dir.path());
  EXPECT_THAT(manifest.classes, ElementsAre("Cat", "ant", "dog"));
  EXPECT_THAT(names_of(manifest), ElementsAre("Cat/10.jpg", "Cat/9.jpg", "ant/x.jpg", "dog/B.jpg", "dog/z.jpg",
                                              "dog/a/1.jpg", "dog/a-b/1.jpg", "dog/a/c/1.jpg"));
  EXPECT_EQ(manifest.entries[0].label, 0);
  EXPECT_EQ(manifest.entries[2].label, 1);
  EXPECT_EQ(manifest.entries[7].label, 2);
  EXPECT_EQ(manifest.entries[7].file.bytes, 5);
}

TEST(ImageFolder, TakesImageExtensionsInAnyCaseAndSkipsOtherFiles) {
  const TempDir dir;
  for (const char* name : {"c/a.JPEG", "c/b.JpG", "c/c.png", "c/d.webp", "c/e.tiff", "c/f.ppm", "c/g.txt", "c/h",
                           "c/i.jpg.bak", "c/Thumbs.db"}) {
    write_file(dir.path() / name, "x");
  }
  write_file(dir.path() / "labels.txt", "not a class");
  EXPECT_THAT(names_of(scan_image_folder(dir.path())),
              ElementsAre("c/a.JPEG", "c/b.JpG", "c/c.png", "c/d.webp", "c/e.tiff", "c/f.ppm"));
}

TEST(ImageFolder, FollowsLinksToFoldersAndFiles) {
  const TempDir dir, elsewhere;
  write_file(elsewhere.path() / "real/1.jpg", "x");
  write_file(elsewhere.path() / "2.jpg", "xy");
  write_file(dir.path() / "b/0.jpg", "x");
  fs::create_directory_symlink(elsewhere.path() / "real", dir.path() / "a");
  fs::create_directory_symlink(elsewhere.path() / "real", dir.path() / "b/again");
  fs::create_symlink(elsewhere.path() / "2.jpg", dir.path() / "b/2.jpg");
  EXPECT_THAT(names_of(scan_image_folder(dir.path())), ElementsAre("a/1.jpg", "b/0.jpg", "b/2.jpg", "b/again/1.jpg"));
}

TEST(ImageFolder, RefusesALinkBackToAFolderAboveIt) {
  const TempDir dir;
  write_file(dir.path() / "a/deep/1.jpg", "x");
  fs::create_directory_symlink(dir.path() / "a", dir.path() / "a/deep/loop");
  EXPECT_THAT(error_of(dir.path()), testing::AllOf(HasSubstr("a/deep/loop"), HasSubstr("link")));
}

TEST(ImageFolder, RefusesABrokenLinkThatLooksLikeAnImage) {
  const TempDir dir;
  write_file(dir.path() / "a/1.jpg", "x");
  fs::create_symlink(dir.path() / "gone.jpg", dir.path() / "a/2.jpg");
  EXPECT_THAT(error_of(dir.path()), HasSubstr("a/2.jpg"));
}

TEST(ImageFolder, NamesAnEmptyClassFolder) {
  const TempDir dir;
  write_file(dir.path() / "a/1.jpg", "x");
  write_file(dir.path() / "b/readme.txt", "x");
  EXPECT_THAT(error_of(dir.path()),
              testing::AllOf(HasSubstr((dir.path() / "b").string()), HasSubstr("without images")));
}

TEST(ImageFolder, SaysWhatIsWrongWithTheRoot) {
  const TempDir dir;
  EXPECT_THAT(error_of(dir.path() / "missing"), testing::AllOf(HasSubstr("missing"), HasSubstr("no such folder")));
  write_file(dir.path() / "1.jpg", "x");
  EXPECT_THAT(error_of(dir.path()), HasSubstr("no class folders"));
  EXPECT_THAT(error_of(dir.path() / "1.jpg"), HasSubstr("no such folder"));
}

TEST(ImageFolder, FindsTheImageNetSampleComplete) {
  QEVAL_REQUIRE_SHARED("data/imagenet-sample/val");
  const Manifest manifest = scan_image_folder(shared_root() / "data/imagenet-sample/val");
  EXPECT_EQ(manifest.classes.size(), 1000u);
  ASSERT_EQ(manifest.entries.size(), 1000u);
  EXPECT_EQ(manifest.entries[0].name, "n01440764/n01440764_tench.JPEG");
  EXPECT_EQ(manifest.entries[0].file.bytes, 100582);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(manifest.entries[i].label, i);
}

}  // namespace
}  // namespace qeval::test
