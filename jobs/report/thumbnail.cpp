#include "jobs/report/thumbnail.h"

#include <algorithm>

#include "pipeline/base/errors.h"
#include "pipeline/base/regular_file.h"
#include "pipeline/base/sha256.h"
#include "stages/dataset/manifest.h"
#include "stages/image/jpeg_decode.h"
#include "stages/image/jpeg_encode.h"
#include "stages/image/pil_resize.h"

namespace qeval {
namespace {

constexpr int thumbnail_quality = 70;

bool holds(const FileContent& content, const SampleRecord& sample) {
  const Sha256Digest found = sha256_of(content.bytes);
  return std::equal(found.begin(), found.end(), sample.sha256.begin(), sample.sha256.end());
}

Image small_image(const Image& image) {
  const int longer = std::max(image.width, image.height);
  if (longer <= thumbnail_size) return image;
  const auto scaled = [&](int side) {
    return std::max(1, static_cast<int>(std::int64_t{side} * thumbnail_size / longer));
  };
  return resize(image, scaled(image.width), scaled(image.height), ResizeFilter::bilinear, PillowOrder::pillow_13);
}

}  // namespace

std::vector<std::uint8_t> thumbnail_of(const std::filesystem::path& file, const SampleRecord& sample) {
  const auto state = regular_file_state(file);
  if (!state || state->bytes != sample.bytes || sample.sha256.empty()) return {};
  try {
    const FileContent content = read_regular_file(file);
    if (!holds(content, sample)) return {};
    return encode_jpeg(small_image(decode_jpeg(content.bytes).image), thumbnail_quality);
  } catch (const UnreadableFile&) {
    return {};
  } catch (const ItemError&) {
    return {};
  }
}

}  // namespace qeval
