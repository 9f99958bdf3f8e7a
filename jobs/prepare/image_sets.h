#pragma once
/// The data sets that a job names, as manifests with known contents. A folder or list is listed once however many
/// variants name it; an image is read once by all runs of this user, as long as its file does not change
/// (storage/file_memory.h). A memory that cannot be used any more is told of once, and images are read. Thread-safety:
/// one thread at a time. Errors: InputError for data that is missing or changes meanwhile; Error with the signal's exit
/// code when `stop` was requested while images were read: what was read is remembered.
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <tuple>

#include "jobs/language/job_spec.h"
#include "pipeline/base/errors.h"
#include "pipeline/stop_token.h"
#include "stages/dataset/image_contents.h"
#include "storage/file_memory.h"

namespace qeval {

/// What image sets work with beside a job.
struct ImageSetsSurroundings {
  FileMemory* memory = nullptr;  ///< null: nothing can be remembered; must outlive the sets
  std::function<void(const std::string&)> tell = [](const std::string&) {};  ///< takes a note, one line
  std::function<std::int64_t()> now_ns = system_now_ns;  ///< since 1970, by the clock that stamps files

  static std::int64_t system_now_ns();
};

class ImageSets {
 public:
  /// `stop` may be null and must outlive this object.
  ImageSets(const RunSettings& settings, const StopToken* stop, ImageSetsSurroundings surroundings);

  /// All images of a declared set, contents unknown. The result lives as long as this object.
  const Manifest& listed(const DatasetSpec& spec);
  /// Fills in the contents of a part of one.
  void find_contents(Manifest& manifest);

 private:
  KnownFiles& known_below(const std::string& folder);
  void read(Manifest& manifest, const std::vector<std::size_t>& positions, const std::string& folder);
  void remember(std::span<const RememberedFile> files);
  void give_up_memory(const Error& error);

  int threads_;
  const StopToken* stop_;
  ImageSetsSurroundings surroundings_;
  std::map<std::tuple<DatasetKind, std::string, std::string>, Manifest> listed_;  ///< by kind, root, labels; unread
  std::map<std::string, KnownFiles> known_;  ///< by folder: from memory, and read by this process
};

}  // namespace qeval
