// Every byte and every refusal against Pillow 13.0.0 with torchvision 0.29.1, on real and on broken files.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/base/errors.h"
#include "stages/image/jpeg_decode.h"
#include "stages/image/preprocess.h"
#include "tests/image/oracle_rows.h"
#include "tests/image/test_pixels.h"
#include "tests/support/shared_data.h"

namespace qeval::test {
namespace {

double cpu_ms() { return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

Preprocessor resize_then_crop(int size, ResizeFilter filter) {
  return Preprocessor({{}, {ResizeShortSide{size, filter}, CenterCrop{224}, Normalize{}}});
}

Preprocessor efficientnet_crop() {
  return Preprocessor({{}, {CenterCropPadded{224, 32}, ResizeExact{224, 224, ResizeFilter::bicubic}, Normalize{}}});
}

/// The five hashed pictures, and the time spent on each step.
class OracleComparison {
 public:
  void compare(const OracleRow& row, const Image& image) {
    check("rgb", row, image, row.rgb);
    check_recipe("bilinear 256/224", row, image, bilinear_256_, row.bilinear_256);
    check_recipe("bilinear 248/224", row, image, bilinear_248_, row.bilinear_248);
    check_recipe("bicubic 256/224", row, image, bicubic_256_, row.bicubic_256);
    check_recipe("padded bicubic", row, image, padded_bicubic_, row.padded_bicubic);
  }

  std::size_t equal(const std::string& column) const { return equal_.contains(column) ? equal_.at(column) : 0; }

  void print(std::size_t images) const {
    for (const auto& [column, count] : equal_) {
      std::printf("%-18s %zu equal", column.c_str(), count);
      if (spent_ms_.contains(column)) std::printf(", %.3f ms CPU per image", spent_ms_.at(column) / images);
      std::printf("\n");
    }
  }

 private:
  void check_recipe(const char* column, const OracleRow& row, const Image& image, const Preprocessor& recipe,
                    const std::string& expected) {
    if (expected.empty()) return;
    const double start = cpu_ms();
    const Image picture = recipe.geometry(image);
    spent_ms_[column] += cpu_ms() - start;
    check(column, row, picture, expected);
  }

  void check(const char* column, const OracleRow& row, const Image& picture, const std::string& expected) {
    const bool equal = sha256_hex(picture.rgb) == expected;
    EXPECT_TRUE(equal) << column << " differs for " << row.path << " (" << row.width << "x" << row.height << ")";
    equal_[column] += equal;
  }

  const Preprocessor bilinear_256_ = resize_then_crop(256, ResizeFilter::bilinear);
  const Preprocessor bilinear_248_ = resize_then_crop(248, ResizeFilter::bilinear);
  const Preprocessor bicubic_256_ = resize_then_crop(256, ResizeFilter::bicubic);
  const Preprocessor padded_bicubic_ = efficientnet_crop();
  std::map<std::string, std::size_t> equal_;
  std::map<std::string, double> spent_ms_;
};

TEST(PillowOracle, AllPicturesOfTheImageNetSampleAreEqualToTheByte) {
  QEVAL_REQUIRE_SHARED("oracle/pillow/imagenet-sample.csv");
  const auto rows = read_oracle(shared_root() / "oracle/pillow/imagenet-sample.csv");
  ASSERT_EQ(rows.size(), 1000u);
  OracleComparison comparison;
  double decode_ms = 0;
  for (const OracleRow& row : rows) {
    const auto file = read_bytes(shared_root() / "data/imagenet-sample" / row.path);
    const double start = cpu_ms();
    const DecodedJpeg decoded = decode_jpeg(file);
    decode_ms += cpu_ms() - start;
    comparison.compare(row, decoded.image);
  }
  std::printf("decode: %.3f ms CPU per image\n", decode_ms / rows.size());
  comparison.print(rows.size());
  for (const char* column : {"rgb", "bilinear 256/224", "bilinear 248/224", "bicubic 256/224", "padded bicubic"}) {
    EXPECT_EQ(comparison.equal(column), 1000u) << column;
  }
}

/// Files where Pillow 13.0.0's answer is not ours, each for a reason outside this code.
const std::map<std::string, std::string> known_differences{
    {"image-rs+jpeg-decoder/tests/crashtest/images/imagetestsuite/8a9cc8eeed66aeb423a91c44111d9450.jpg",
     "libjpeg-turbo 2.1.5 decodes it, 3.1 and newer refuse it; Pillow 9.4.0 on 2.1.5 gives our bytes"},
    {"image-rs+jpeg-decoder/tests/crashtest/images/imagetestsuite/8e5e74dbf9b68a322fbb9512db837329.jpg",
     "damaged progressive file: block smoothing of missing scans changed in libjpeg-turbo 3; Pillow 9.4.0 on 2.1.5 "
     "gives "
     "our bytes"},
    {"image-rs+jpeg-decoder/tests/crashtest/images/imagetestsuite/f6b4389c3cf0f5997b2e5a4b905aea8d.jpg",
     "damaged progressive file: block smoothing of missing scans changed in libjpeg-turbo 3; Pillow 9.4.0 on 2.1.5 "
     "gives "
     "our bytes"},
    {"image-rs+jpeg-decoder/tests/reftest/images/lossless/1/jpeg_lossless_sel1-8bit.jpg",
     "lossless JPEG: libjpeg-turbo 3 decodes it, 2.1.5 does not; refused as unsupported"},
    {"image-rs+jpeg-decoder/tests/reftest/images/mozilla/jpg-size-6x6.jpg",
     "a PNG named .jpg, which Pillow opens as PNG; refused as unsupported, with a message that says so"},
};

/// The kind of the error that decoding ends with; nothing if it succeeds.
std::optional<std::string> refusal(const std::vector<std::uint8_t>& file, DecodedJpeg& decoded) {
  try {
    decoded = decode_jpeg(file);
    return std::nullopt;
  } catch (const ItemError& error) {
    return error.kind();
  }
}

TEST(PillowOracle, BrokenAndOddFilesGetPillowsAnswerAndBytes) {
  QEVAL_REQUIRE_SHARED("oracle/pillow/jpeg-torture.csv");
  const auto rows = read_oracle(shared_root() / "oracle/pillow/jpeg-torture.csv");
  ASSERT_EQ(rows.size(), 237u);
  OracleComparison comparison;
  std::map<std::string, int> refusals;
  std::size_t accepted = 0, differences = 0;
  double slowest_ms = 0;
  for (const OracleRow& row : rows) {
    const auto file = read_bytes(shared_root() / "data/jpeg-torture" / row.path);
    DecodedJpeg decoded;
    const double start = cpu_ms();
    const std::optional<std::string> kind = refusal(file, decoded);
    slowest_ms = std::max(slowest_ms, cpu_ms() - start);
    const bool same_answer = !kind == (row.status == "ok");
    if (known_differences.contains(row.path)) {
      ++differences;
      EXPECT_FALSE(same_answer && (kind || sha256_hex(decoded.image.rgb) == row.rgb))
          << row.path << " agrees with Pillow now: remove it from the table";
      continue;
    }
    EXPECT_TRUE(same_answer) << row.path << ": Pillow says " << row.status << ", we say " << kind.value_or("ok");
    if (kind) {
      ++refusals[*kind];
    } else {
      ++accepted;
      comparison.compare(row, decoded.image);
    }
  }
  std::printf("%zu accepted, slowest file %.1f ms CPU\n", accepted, slowest_ms);
  for (const auto& [kind, count] : refusals) std::printf("refused as %s: %d\n", kind.c_str(), count);
  comparison.print(rows.size());
  EXPECT_EQ(differences, known_differences.size());
  EXPECT_EQ(comparison.equal("rgb"), accepted);
  EXPECT_EQ(accepted, 126u);
}

}  // namespace
}  // namespace qeval::test
