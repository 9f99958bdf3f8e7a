// From a file on disk to its slot in the network's input.
#include "stages/flow/image_stages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dataset/sample_files.h"
#include "tests/flow/flow_fixture.h"
#include "tests/image/jpeg_writer.h"
#include "tests/support/temp_dir.h"

namespace qeval {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;

class ReadingStage : public ::testing::Test {
 protected:
  /// Reads image 1 of the manifest, which is in slot 1.
  Item read() {
    Item item = test::make_item(batch_, 1);
    ReadStage(manifest_).process(item);
    return item;
  }

  static ManifestEntry entry(const std::string& name, int label, std::string_view content) {
    ManifestEntry made{name, label, {static_cast<std::int64_t>(content.size())}};
    made.content = ImageContent::read;
    made.sha256 = Sha256().add_bytes(content).digest();
    return made;
  }

  /// The run must end, not count a bad image.
  void expect_end_of_run(const std::string& text) {
    EXPECT_THAT(test::input_error_of([&] { read(); }), AllOf(HasSubstr(file_.string()), HasSubstr(text)));
  }

  test::TempDir folder_;
  std::filesystem::path file_ = folder_.path() / "b" / "two.jpg";
  Manifest manifest_{folder_.path(), {entry("a/one.jpg", 0, "123456789"), entry("b/two.jpg", 1, "abc")}, {"a", "b"}};
  Batch batch_ = test::make_batch(0, 2, 2, 1);
};

TEST_F(ReadingStage, KeepsTheBytesOfItsOwnFileAndTheirHash) {
  test::write_file(file_, "abc");
  const Item item = read();
  EXPECT_THAT(static_cast<ImageItem&>(*item.payload).file, ::testing::ElementsAre('a', 'b', 'c'));
  EXPECT_EQ(test::data_of(batch_).facts[1].xxh64, 0x44bc2cf5ad770999u) << "printf abc | xxh64sum";
}

TEST_F(ReadingStage, EndsTheRunWhenAFileVanished) { expect_end_of_run("no longer readable (No such file"); }

TEST_F(ReadingStage, EndsTheRunWhenAFolderIsInTheFilesPlace) {
  std::filesystem::create_directories(file_);
  expect_end_of_run("not a regular file");
}

TEST_F(ReadingStage, EndsTheRunWhenAFileHasGrown) {
  test::write_file(file_, "abcd");
  expect_end_of_run("its content has changed");
}

TEST_F(ReadingStage, EndsTheRunWhenAFileOfTheSameSizeHoldsOtherBytes) {
  test::write_file(file_, "abd");
  expect_end_of_run("its content has changed");
}

TEST_F(ReadingStage, CountsAFileThatCouldNeverBeReadAsABadImage) {
  manifest_.entries[1].content = ImageContent::unreadable;
  try {
    read();
    FAIL() << "expected an ItemError";
  } catch (const ItemError& error) {
    EXPECT_EQ(error.kind(), "unreadable");
    EXPECT_THAT(error.what(), AllOf(HasSubstr(file_.string()), HasSubstr("No such file")));
  }
}

TEST_F(ReadingStage, EndsTheRunWhenAFileBecameReadable) {
  manifest_.entries[1].content = ImageContent::unreadable;
  test::write_file(file_, "abc");
  expect_end_of_run("became readable");
}

TEST(ImageStages, WriteOnePictureNormalizedIntoItsOwnSlot) {
  PreprocessRecipe recipe;
  recipe.steps = {CenterCrop{4}, Normalize{Normalize::Range::bytes, {128, 127, 126}, {1, 2, 4}}};
  const Preprocessor preprocessor(recipe);
  const std::size_t values = 3 * 4 * 4;
  Batch batch = test::make_batch(6, 3, 3, values);
  Item item = test::make_item(batch, 1);
  auto payload = std::make_unique<ImageItem>();
  // Mid-gray has no coefficient but a DC of zero, so every decoder gives 128 back.
  test::JpegSpec gray;
  gray.color = test::JpegSpec::Color::gray;
  gray.width = 16;
  gray.height = 8;
  gray.pixels.assign(16 * 8, 128);
  payload->file = test::write_jpeg(gray);
  item.payload = std::move(payload);

  DecodeStage(recipe.jpeg).process(item);
  EXPECT_TRUE(static_cast<ImageItem&>(*item.payload).file.empty()) << "used up";
  ResizeStage(preprocessor).process(item);
  EXPECT_EQ(static_cast<ImageItem&>(*item.payload).image.width, 4);
  NormalizeStage(preprocessor).process(item);

  EXPECT_EQ(item.payload, nullptr) << "nothing of a finished image stays in memory";
  const ImageBatch& data = test::data_of(batch);
  EXPECT_EQ(data.facts[1].width, 16);
  EXPECT_EQ(data.facts[1].height, 8);
  const auto slot = [&](std::size_t number) { return std::span(data.slab).subspan(number * values, values); };
  EXPECT_THAT(slot(0), Each(0.0f));
  EXPECT_THAT(slot(1).first(16), Each(0.0f)) << "(128 − 128) / 1";
  EXPECT_THAT(slot(1).subspan(16, 16), Each(0.5f)) << "(128 − 127) / 2";
  EXPECT_THAT(slot(1).last(16), Each(0.5f)) << "(128 − 126) / 4";
  EXPECT_THAT(slot(2), Each(0.0f));
}

TEST(ImageStages, ForANetworkOfOneChannelPicturesAreGray) {
  PreprocessRecipe recipe;
  recipe.channels = 1;
  recipe.steps = {CenterCrop{8}, Normalize{Normalize::Range::bytes, {10, 0, 0}, {2, 1, 1}}};
  const Preprocessor preprocessor(recipe);
  ASSERT_EQ(preprocessor.value_count(), 64u);
  test::JpegSpec colour;
  colour.width = colour.height = 8;
  for (int i = 0; i < 64; ++i) colour.pixels.insert(colour.pixels.end(), {200, 100, 40});
  const std::vector<std::uint8_t> file = test::write_jpeg(colour);
  const Image rgb = decode_jpeg(file).image;
  Batch batch = test::make_batch(0, 1, 1, 64);
  Item item = test::make_item(batch, 0);
  auto payload = std::make_unique<ImageItem>();
  payload->file = file;
  item.payload = std::move(payload);

  DecodeStage(recipe.jpeg, recipe.channels).process(item);
  ResizeStage(preprocessor).process(item);
  NormalizeStage(preprocessor).process(item);

  const ImageBatch& data = test::data_of(batch);
  for (std::size_t i = 0; i < 64; ++i) {
    const int luma = (19595 * rgb.rgb[3 * i] + 38470 * rgb.rgb[3 * i + 1] + 7471 * rgb.rgb[3 * i + 2] + 32768) >> 16;
    EXPECT_NEAR(luma, 123, 3);
    EXPECT_EQ(data.slab[i], static_cast<float>(luma - 10) / 2);
  }
}

TEST(ImageStages, DecodingReportsABrokenFileAsTheImagesFailure) {
  Batch batch = test::make_batch(0, 1, 1, 1);
  Item item = test::make_item(batch, 0);
  auto payload = std::make_unique<ImageItem>();
  payload->file = {'G', 'I', 'F', '8'};
  item.payload = std::move(payload);
  EXPECT_THROW(DecodeStage(JpegLimits{}).process(item), ItemError);
}

}  // namespace
}  // namespace qeval
