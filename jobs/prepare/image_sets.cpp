#include "jobs/prepare/image_sets.h"

#include <algorithm>
#include <chrono>
#include <span>

#include <fmt/core.h>

#include "jobs/prepare/concurrency.h"
#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

/// So many files are read, then remembered: an interruption loses no more.
constexpr std::size_t files_per_step = 1000;

/// A file that changed within this time may change again without its times showing it: clocks of file systems tick
/// slowly, and one on a server may be a little off.
constexpr std::int64_t settling_ns = 2'000'000'000;

std::string absolute_folder(const std::filesystem::path& root) {
  std::string folder = std::filesystem::absolute(root).lexically_normal().string();
  if (folder.ends_with('/')) folder.pop_back();
  return folder;
}

/// Of the entries at `positions`, those that were read and had settled before that.
std::vector<RememberedFile> memorable(const Manifest& manifest, std::span<const std::size_t> positions,
                                      const std::string& folder, std::int64_t began_ns) {
  std::vector<RememberedFile> files;
  for (const std::size_t position : positions) {
    const ManifestEntry& entry = manifest.entries[position];
    const FileState& file = entry.file;
    if (entry.content != ImageContent::read) continue;
    if (std::max(file.modified_ns, file.changed_ns) > began_ns - settling_ns) continue;
    files.push_back({folder + "/" + entry.name, file.bytes, file.device, file.inode, file.modified_ns, file.changed_ns,
                     entry.sha256});
  }
  return files;
}

}  // namespace

std::int64_t ImageSetsSurroundings::system_now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

ImageSets::ImageSets(const RunSettings& settings, const StopToken* stop, ImageSetsSurroundings surroundings)
    : threads_(resolve_concurrency(settings).threads), stop_(stop), surroundings_(std::move(surroundings)) {}

const Manifest& ImageSets::listed(const DatasetSpec& spec) {
  const auto key = std::tuple(spec.kind, spec.root.string(), spec.labels.string());
  const auto found = listed_.find(key);
  if (found != listed_.end()) return found->second;
  Manifest manifest =
      spec.kind == DatasetKind::list ? read_image_list(spec.labels, spec.root) : scan_image_folder(spec.root);
  return listed_.emplace(key, std::move(manifest)).first->second;
}

KnownFiles& ImageSets::known_below(const std::string& folder) {
  const auto [found, is_new] = known_.try_emplace(folder);
  if (!is_new || !surroundings_.memory) return found->second;
  try {
    for (const RememberedFile& file : surroundings_.memory->read_below(folder))
      found->second[file.path.substr(folder.size() + 1)] = {
          {file.bytes, file.device, file.inode, file.modified_ns, file.changed_ns}, file.sha256};
  } catch (const Error& error) {
    give_up_memory(error);
  }
  return found->second;
}

void ImageSets::find_contents(Manifest& manifest) {
  const std::string folder = absolute_folder(manifest.root);
  KnownFiles& known = known_below(folder);
  const std::vector<std::size_t> left = take_known_contents(manifest, known);
  read(manifest, left, folder);
  for (const std::size_t position : left) {
    const ManifestEntry& entry = manifest.entries[position];
    if (entry.content == ImageContent::read) known[entry.name] = {entry.file, entry.sha256};
  }
}

void ImageSets::remember(std::span<const RememberedFile> files) {
  if (!surroundings_.memory || files.empty()) return;
  try {
    surroundings_.memory->remember_read(files);
  } catch (const Error& error) {
    give_up_memory(error);
  }
}

/// It is a help, not a need.
void ImageSets::give_up_memory(const Error& error) {
  surroundings_.memory = nullptr;
  surroundings_.tell(std::string("what files hold is no longer remembered, they are read every time: ") + error.what());
}

void ImageSets::read(Manifest& manifest, const std::vector<std::size_t>& positions, const std::string& folder) {
  for (std::size_t done = 0; done < positions.size(); done += files_per_step) {
    if (stop_ && stop_->requested())
      throw Error(exit_of_signal(stop_->reason()),
                  fmt::format("{}: stopped after reading {} of {} images that are new{}", visible_name(folder), done,
                              positions.size(), surroundings_.memory ? "; they are remembered" : ""));
    const auto step = std::span(positions).subspan(done, std::min(files_per_step, positions.size() - done));
    const std::int64_t began_ns = surroundings_.now_ns();
    read_contents(manifest, step, threads_);
    remember(memorable(manifest, step, folder, began_ns));
  }
}

}  // namespace qeval
