#include "jobs/run/bad_images.h"

#include <fmt/core.h>

#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

constexpr std::size_t examples = 5;

std::int64_t allowed_images(const RunSettings& settings, std::size_t images) {
  if (settings.max_bad_share) return static_cast<std::int64_t>(*settings.max_bad_share * static_cast<double>(images));
  return settings.max_bad_images;
}

}  // namespace

BadImages::BadImages(const RunSettings& settings, const Manifest& manifest, std::int64_t already_failed,
                     StopToken& stop)
    : manifest_(manifest),
      stop_(stop),
      allowed_(allowed_images(settings, manifest.entries.size())),
      failed_(already_failed) {}

void BadImages::count(const Batch& batch) {
  for (int slot = 0; slot < batch.size; ++slot) {
    const auto& failure = batch.failures[static_cast<std::size_t>(slot)];
    if (!failure) continue;
    ++failed_;
    if (examples_.size() < examples) {
      const auto& entry = manifest_.entries[static_cast<std::size_t>(batch.first_index + slot)];
      examples_.push_back(
          fmt::format("{}: {} ({})", visible_name(entry.name), visible_name(failure->message), failure->kind));
    }
  }
  if (over_limit() && !stop_.requested()) stop_.request(stop_reason);
}

std::string BadImages::explain() const {
  std::string text = fmt::format("{} image{} could not be used, and run.bad_images.max allows {}:", failed_,
                                 failed_ == 1 ? "" : "s", allowed_);
  for (const std::string& example : examples_) text += "\n  " + example;
  if (static_cast<std::size_t>(failed_) > examples_.size()) text += "\n  …";
  return text + "\nmend the files, or allow them: run again with --set run.bad_images.max=N";
}

}  // namespace qeval
