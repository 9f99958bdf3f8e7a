// What is in the images, and when they are read again.
#include "stages/dataset/image_contents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dataset/sample_files.h"
#include "tests/support/temp_dir.h"

namespace qeval::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ImageContents : public testing::Test {
 protected:
  ImageContents() {
    write_file(folder_.path() / "a" / "1.jpg", "one");
    write_file(folder_.path() / "b" / "2.jpg", "two");
  }

  Manifest scan() const { return scan_image_folder(folder_.path()); }

  static Manifest all_read(Manifest manifest) {
    const auto positions = take_known_contents(manifest, {});
    read_contents(manifest, positions, 2);
    return manifest;
  }

  static KnownFiles known_of(const Manifest& manifest) {
    KnownFiles known;
    for (const ManifestEntry& entry : manifest.entries) known[entry.name] = {entry.file, entry.sha256};
    return known;
  }

  TempDir folder_;
};

TEST_F(ImageContents, AreHashesOfTheBytes) {
  const Manifest manifest = all_read(scan());
  EXPECT_EQ(manifest.entries[0].content, ImageContent::read);
  EXPECT_EQ(hex_text(manifest.entries[0].sha256), "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed")
      << "printf one | sha256sum";
}

TEST_F(ImageContents, AreTakenFromWhatIsKnownWhileTheFilesAreTheSame) {
  const Manifest first = all_read(scan());
  Manifest second = scan();
  EXPECT_THAT(take_known_contents(second, known_of(first)), IsEmpty());
  EXPECT_EQ(second.fingerprint(), first.fingerprint());
}

TEST_F(ImageContents, AreReadAgainWhenAFileWasReplacedByOneOfTheSameSizeAndTime) {
  const Manifest first = all_read(scan());
  const auto file = folder_.path() / "b" / "2.jpg";
  const auto time = std::filesystem::last_write_time(file);
  Manifest second;
  do {  // the clock of a file system ticks slowly
    write_file(file, "TWO");
    std::filesystem::last_write_time(file, time);
    second = scan();
  } while (second.entries[1].file == first.entries[1].file);
  EXPECT_THAT(take_known_contents(second, known_of(first)), ElementsAre(1u))
      << "only the kernel sets the time of change";
  EXPECT_NE(all_read(scan()).fingerprint(), first.fingerprint());
}

TEST_F(ImageContents, OfATouchedFileAreTheSame) {
  const Manifest first = all_read(scan());
  const auto file = folder_.path() / "b" / "2.jpg";
  std::filesystem::last_write_time(file, std::filesystem::last_write_time(file) + std::chrono::hours(1));
  Manifest second = scan();
  EXPECT_THAT(take_known_contents(second, known_of(first)), ElementsAre(1u));
  EXPECT_EQ(all_read(std::move(second)).fingerprint(), first.fingerprint());
}

TEST_F(ImageContents, OfAFileThatChangesBetweenListingAndReadingAreAnError) {
  Manifest listed = scan();
  write_file(folder_.path() / "b" / "2.jpg", "other");
  const std::vector<std::size_t> positions{0, 1};
  EXPECT_THAT(input_error_of([&] { read_contents(listed, positions, 1); }), HasSubstr("b/2.jpg: changed between"));
}

TEST_F(ImageContents, OfAFileThatIsGoneAreUnreadable) {
  Manifest listed = scan();
  std::filesystem::remove(folder_.path() / "b" / "2.jpg");
  const std::vector<std::size_t> positions{0, 1};
  read_contents(listed, positions, 1);
  EXPECT_EQ(listed.entries[1].content, ImageContent::unreadable);
}

}  // namespace
}  // namespace qeval::test
