#include "jobs/prepare/output_files.h"

#include <optional>

#include "pipeline/base/atomic_file.h"
#include "pipeline/base/errors.h"
#include "pipeline/base/regular_file.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

namespace fs = std::filesystem;

/// Two names of one file, by links of either kind or by mounts.
bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code missing;
  return fs::equivalent(a, b, missing) && !missing;
}

std::optional<Sha256Digest> content_of(const fs::path& file) {
  try {
    return sha256_of(read_regular_file(file).bytes);
  } catch (const UnreadableFile&) {
    return std::nullopt;
  }
}

/// The name under which a file is remembered.
std::string place_of(const fs::path& file) {
  std::error_code error;
  const fs::path place = fs::weakly_canonical(fs::absolute(file), error);
  return (error ? fs::absolute(file) : place).string();
}

bool is_image_of(const Manifest& manifest, const fs::path& output, std::int64_t inode) {
  for (const ManifestEntry& entry : manifest.entries)
    if (entry.file.inode == inode && is_same_file(manifest.root / entry.name, output)) return true;
  return false;
}

}  // namespace

void OutputFiles::add_input(const fs::path& file, std::string what) {
  if (!file.empty()) inputs_.emplace_back(file, std::move(what));
}

void OutputFiles::add_images(std::function<const Manifest*()> images) { images_.push_back(std::move(images)); }

/// What is read from the file that `output` names; empty if nothing.
std::string OutputFiles::input_at(const fs::path& output) const {
  for (const auto& [file, what] : inputs_)
    if (is_same_file(file, output)) return what;
  const auto state = regular_file_state(output);
  if (!state) return "";
  for (const auto& images : images_)
    if (const Manifest* manifest = images(); manifest && is_image_of(*manifest, output, state->inode))
      return "an image of the data set";
  return "";
}

void OutputFiles::check(const fs::path& output) const {
  if (!regular_file_state(output)) return;  // nothing there, or nothing that could be replaced
  if (is_standard_output(output)) return;
  if (const std::string what = input_at(output); !what.empty())
    throw UsageError(visible_name(output.string()) + ": is read here (" + what +
                     ") and must not be overwritten; name another output");
  if (!force_ && !is_own(output))
    throw UsageError(visible_name(output.string()) +
                     ": is there already, and not as qeval wrote it; name another "
                     "output, remove the file, or give --force");
}

/// As qeval left it, by the memory of this user's runs.
bool OutputFiles::is_own(const fs::path& file) const {
  if (!memory_) return false;
  try {
    const auto written = memory_->written(place_of(file));
    return written && content_of(file) == written;
  } catch (const Error&) {
    return false;  // a memory that cannot be read remembers nothing
  }
}

void OutputFiles::remember(const fs::path& output) const {
  const auto content = memory_ ? content_of(output) : std::nullopt;
  if (!content) return;
  try {
    memory_->remember_written(place_of(output), *content);
  } catch (const Error&) {
    return;  // the next output in this place will ask for --force
  }
}

}  // namespace qeval
