#include "stages/flow/image_stages.h"

#include <xxhash.h>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "stages/flow/image_payload.h"
#include "stages/image/pillow_color.h"

namespace qeval {
namespace {

ImageItem& image_of(Item& item) { return static_cast<ImageItem&>(*item.payload); }

ImageBatch& batch_of(Item& item) { return static_cast<ImageBatch&>(*item.batch->payload); }

ImageFacts& facts_of(Item& item) { return batch_of(item).facts[static_cast<std::size_t>(item.slot)]; }

/// Anything else would mix two data sets under one key.
[[noreturn]] void fail_changed(const std::filesystem::path& file, const std::string& what) {
  throw InputError(visible_name(file.string()) + ": " + what +
                   " since this run looked at it first; restore it and resume, or run the job anew for the images as "
                   "they are now");
}

std::vector<std::uint8_t> read_as_listed(const std::filesystem::path& file, const ManifestEntry& entry) {
  const bool was_readable = entry.content == ImageContent::read;
  try {
    FileContent content = read_regular_file(file);
    if (!was_readable) fail_changed(file, "became readable");
    if (sha256_of(content.bytes) != entry.sha256) fail_changed(file, "its content has changed");
    return std::move(content.bytes);
  } catch (const UnreadableFile& error) {
    if (was_readable) fail_changed(file, std::string("it is no longer readable (") + error.what() + ")");
    throw ItemError("unreadable", visible_name(file.string()) + ": " + error.what());
  }
}

}  // namespace

void ReadStage::process(Item& item) const {
  const ManifestEntry& entry = manifest_.entries[static_cast<std::size_t>(item.index)];
  auto payload = std::make_unique<ImageItem>();
  payload->file = read_as_listed(manifest_.root / entry.name, entry);
  facts_of(item).xxh64 = XXH64(payload->file.data(), payload->file.size(), 0);
  item.payload = std::move(payload);
}

void DecodeStage::process(Item& item) const {
  ImageItem& data = image_of(item);
  DecodedJpeg decoded = decode_jpeg(data.file, limits_);
  data.file = {};
  if (channels_ == 1) make_gray(decoded.image);
  ImageFacts& facts = facts_of(item);
  facts.width = decoded.image.width;
  facts.height = decoded.image.height;
  facts.warnings = decoded.warnings;
  data.image = std::move(decoded.image);
}

void ResizeStage::process(Item& item) const {
  ImageItem& data = image_of(item);
  data.image = preprocessor_.geometry(data.image);
}

void NormalizeStage::process(Item& item) const {
  ImageBatch& batch = batch_of(item);
  const std::size_t values = batch.slab.size() / batch.facts.size();
  preprocessor_.normalize(image_of(item).image,
                          std::span(batch.slab).subspan(values * static_cast<std::size_t>(item.slot), values));
  item.payload.reset();
}

}  // namespace qeval
