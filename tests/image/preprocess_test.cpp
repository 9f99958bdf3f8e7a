#include "stages/image/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "pipeline/base/errors.h"
#include "stages/image/crop.h"
#include "tests/image/test_pixels.h"

namespace qeval::test {
namespace {

using Steps = std::vector<PreprocessStep>;

Preprocessor with_steps(Steps steps) {
  steps.push_back(Normalize{});
  return Preprocessor({{}, std::move(steps)});
}

std::string usage_error_of(const Steps& steps) {
  try {
    Preprocessor({{}, steps});
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

std::array<std::uint8_t, 3> pixel(const Image& image, int x, int y) {
  const std::uint8_t* at = image.row(y) + x * 3;
  return {at[0], at[1], at[2]};
}

constexpr std::array<std::uint8_t, 3> black{0, 0, 0};

TEST(Preprocess, CenterCropRoundsHalfOffsetsToEven) {
  const Preprocessor crop = with_steps({CenterCrop{224}});
  // 341 − 224 = 117: 58.5 becomes 58. 343 − 224 = 119: 59.5 becomes 60. 256 − 224 = 32: 16.
  const Image narrow = hashed_picture(341, 256), wide = hashed_picture(343, 256);
  EXPECT_EQ(pixel(crop.geometry(narrow), 0, 0), pixel(narrow, 58, 16));
  EXPECT_EQ(pixel(crop.geometry(wide), 0, 0), pixel(wide, 60, 16));
}

TEST(Preprocess, CenterCropPadsSmallPicturesWithZeros) {
  const Image small = hashed_picture(5, 12);
  const Image padded = with_steps({CenterCrop{8}}).geometry(small);
  ASSERT_EQ(padded.width, 8);
  ASSERT_EQ(padded.height, 8);
  // 3 columns missing: 1 on the left, 2 on the right. 4 rows too many: 2 go at the top.
  EXPECT_EQ(pixel(padded, 0, 0), black);
  EXPECT_EQ(pixel(padded, 1, 0), pixel(small, 0, 2));
  EXPECT_EQ(pixel(padded, 5, 7), pixel(small, 4, 9));
  EXPECT_EQ(pixel(padded, 6, 7), black);
  EXPECT_EQ(pixel(padded, 7, 7), black);
}

TEST(Preprocess, ShortSideResizeTruncatesTheLongSide) {
  // 256 · 500 / 375 = 341.33 and 256 · 376 / 263 = 365.99; a crop of the whole height shows the width's centre.
  for (const auto& [width, height, long_side] : {std::tuple{500, 375, 341}, {376, 263, 365}}) {
    const Image input = hashed_picture(width, height);
    const Image whole = resize(input, long_side, 256, ResizeFilter::bilinear, PillowOrder::pillow_13);
    const Image cropped = with_steps({ResizeShortSide{256}, CenterCrop{256}}).geometry(input);
    EXPECT_EQ(cropped.rgb, crop(whole, center_crop_box(long_side, 256, 256)).rgb) << width << "x" << height;
  }
}

TEST(Preprocess, ShortSideIsTheWidthOfUprightPictures) {
  const Image input = hashed_picture(100, 300);
  const Image whole = resize(input, 50, 150, ResizeFilter::bicubic, PillowOrder::pillow_12_1);
  const Image cropped =
      with_steps({ResizeShortSide{50, ResizeFilter::bicubic, PillowOrder::pillow_12_1}, CenterCrop{50}})
          .geometry(input);
  EXPECT_EQ(cropped.rgb, crop(whole, {0, 50, 50, 50}).rgb);
}

TEST(Preprocess, CropLargerThanTheResizedPictureIsPadded) {
  const Image out = with_steps({ResizeExact{6, 6}, CenterCrop{10}}).geometry(hashed_picture(20, 30));
  ASSERT_EQ(out.width, 10);
  EXPECT_EQ(pixel(out, 1, 5), black);
  EXPECT_EQ(pixel(out, 2, 2),
            pixel(resize(hashed_picture(20, 30), 6, 6, ResizeFilter::bilinear, PillowOrder::pillow_13), 0, 0));
}

TEST(Preprocess, FractionCropKeepsTheMiddleOfEachSide) {
  const Image input = hashed_picture(80, 41);
  // 80 · 0.875 = 70, offset 5; 41 · 0.875 = 35.875, rounded 36, offset 2.
  const Image expected = resize(crop(input, {5, 2, 70, 36}), 32, 32, ResizeFilter::bilinear, PillowOrder::pillow_13);
  EXPECT_EQ(with_steps({CenterCropFraction{0.875}, ResizeExact{32, 32}}).geometry(input).rgb, expected.rgb);
}

TEST(Preprocess, PaddedCropOfASinglePixelIsBlackAsInPillow) {
  const Preprocessor recipe = with_steps({CenterCropPadded{224, 32}, ResizeExact{224, 224}});
  EXPECT_EQ(recipe.geometry(hashed_picture(1, 1)).rgb, std::vector<std::uint8_t>(224 * 224 * 3, 0));
}

TEST(Preprocess, NormalizesUnitRangeLikeToTensorAndNormalize) {
  const Normalize step{Normalize::Range::unit, {0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}};
  const Preprocessor recipe({{}, {ResizeExact{1, 2}, step}});
  std::vector<float> chw(6);
  recipe.normalize(Image{2, 1, {0, 0, 0, 255, 255, 255}}, chw);
  // torchvision's well-known extremes for the ImageNet statistics, channel by channel.
  const float expected[] = {-2.117904f, 2.248908f, -2.035714f, 2.428571f, -1.804444f, 2.64f};
  for (int i = 0; i < 6; ++i) EXPECT_NEAR(chw[i], expected[i], 1e-6f) << i;
}

TEST(Preprocess, NormalizesByteRangeExactly) {
  const Normalize step{Normalize::Range::bytes, {127, 127, 127}, {128, 128, 128}};
  const Preprocessor recipe({{}, {ResizeExact{1, 2}, step}});
  std::vector<float> chw(6);
  recipe.normalize(Image{2, 1, {0, 127, 255, 1, 2, 3}}, chw);
  EXPECT_EQ(chw, (std::vector<float>{-127 / 128.f, -126 / 128.f, 0, -125 / 128.f, 1, -124 / 128.f}));
}

TEST(Preprocess, GivesChannelsInTheOrderOfTheNetwork) {
  const Normalize step{Normalize::Range::bytes, {1, 2, 3}, {1, 1, 2}, Normalize::Channels::bgr};
  std::vector<float> chw(6);
  Preprocessor({{}, {ResizeExact{1, 2}, step}}).normalize(Image{2, 1, {10, 20, 30, 40, 50, 61}}, chw);
  EXPECT_EQ(chw, (std::vector<float>{29, 60, 18, 48, 3.5f, 18.5f}));
}

TEST(Preprocess, KnowsItsOutputSize) {
  const Preprocessor recipe = with_steps({ResizeShortSide{256}, CenterCrop{224}});
  EXPECT_EQ(recipe.out_height(), 224);
  EXPECT_EQ(recipe.out_width(), 224);
  const Preprocessor exact = with_steps({ResizeExact{100, 200}});
  EXPECT_EQ(exact.out_height(), 100);
  EXPECT_EQ(exact.out_width(), 200);
  EXPECT_EQ(with_steps({ResizeExact{100, 200}, CenterCropFraction{0.5}}).out_height(), 50);
}

TEST(Preprocess, RefusesImpossibleSteps) {
  using testing::HasSubstr;
  EXPECT_THAT(usage_error_of({}), HasSubstr("no steps"));
  EXPECT_THAT(usage_error_of({CenterCrop{224}}), HasSubstr("normalize"));
  EXPECT_THAT(usage_error_of({Normalize{}, CenterCrop{224}}), HasSubstr("last step"));
  EXPECT_THAT(usage_error_of({ResizeShortSide{256}, Normalize{}}), HasSubstr("different sizes"));
  EXPECT_THAT(usage_error_of({CenterCropPadded{}, Normalize{}}), HasSubstr("different sizes"));
  EXPECT_THAT(usage_error_of({CenterCrop{0}, Normalize{}}), HasSubstr("size 0"));
  EXPECT_THAT(usage_error_of({ResizeExact{224, -1}, Normalize{}}), HasSubstr("size -1"));
  EXPECT_THAT(usage_error_of({CenterCropFraction{1.5}, CenterCrop{8}, Normalize{}}), HasSubstr("fraction"));
  EXPECT_THAT(usage_error_of({CenterCrop{8}, Normalize{Normalize::Range::unit, {0, 0, 0}, {1, 0, 1}}}),
              HasSubstr("std above 0"));
}

TEST(Preprocess, RefusesAPictureWhoseResizeWouldBeHuge) {
  const Image sliver = hashed_picture(2, 60000);
  try {
    with_steps({ResizeShortSide{256}, CenterCropFraction{0.9}, ResizeExact{8, 8}}).geometry(sliver);
    FAIL() << "256x7680000 pixels were accepted";
  } catch (const ItemError& error) {
    EXPECT_EQ(error.kind(), "too_large");
  }
  EXPECT_EQ(with_steps({ResizeShortSide{256}, CenterCrop{224}}).geometry(sliver).height, 224)
      << "a crop needs only a window of it";
}

TEST(Preprocess, IdentityNamesEverythingThatChangesABit) {
  const std::vector<Steps> recipes{
      {ResizeShortSide{256}, CenterCrop{224}},
      {ResizeShortSide{248}, CenterCrop{224}},
      {ResizeShortSide{256, ResizeFilter::bicubic}, CenterCrop{224}},
      {ResizeShortSide{256, ResizeFilter::bilinear, PillowOrder::pillow_12_1}, CenterCrop{224}},
      {ResizeShortSide{256, ResizeFilter::bilinear, PillowOrder::pillow_12_2}, CenterCrop{224}},
      {ResizeExact{256, 256}, CenterCrop{224}},
      {CenterCropFraction{0.875}, ResizeExact{224, 224}},
      {CenterCropPadded{224, 32}, ResizeExact{224, 224}},
  };
  std::set<std::string> identities;
  for (const Steps& steps : recipes) identities.insert(with_steps(steps).identity());
  identities.insert(Preprocessor({{}, {CenterCrop{224}, Normalize{Normalize::Range::bytes}}}).identity());
  const Normalize bgr{.channels = Normalize::Channels::bgr};
  identities.insert(Preprocessor({{}, {CenterCrop{224}, bgr}}).identity());
  identities.insert(Preprocessor({{}, {CenterCrop{224}, Normalize{}}}).identity());
  EXPECT_EQ(identities.size(), recipes.size() + 3);
  EXPECT_THAT(*identities.begin(), testing::HasSubstr("libjpeg-turbo"));
}

}  // namespace
}  // namespace qeval::test
