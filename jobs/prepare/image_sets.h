#pragma once
/// The data sets that a job names, as manifests with known contents. A folder or list is listed once however many variants name
/// it; an image is read once by all runs of this user, as long as its file does not change (storage/file_memory.h).
/// Thread-safety: one thread at a time. Errors: InputError for data that is missing or changes meanwhile; Error with the
/// signal's exit code when `stop` was requested while images were read: what was read is remembered.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <tuple>

#include "jobs/language/job_spec.h"
#include "pipeline/stop_token.h"
#include "stages/dataset/image_contents.h"
#include "storage/file_memory.h"

namespace qeval {

class ImageSets {
 public:
  /// `memory` and `stop` may be null and must outlive this object.
  ImageSets(const RunSettings& settings, FileMemory* memory, const StopToken* stop);

  /// All images of a declared set, contents unknown. The result lives as long as this object.
  const Manifest& listed(const DatasetSpec& spec);
  /// Fills in the contents of a part of one.
  void find_contents(Manifest& manifest);

 private:
  KnownFiles& known_below(const std::string& folder);
  void read(Manifest& manifest, const std::vector<std::size_t>& positions, const std::string& folder);
  void remember(std::span<const RememberedFile> files);

  int threads_;
  const StopToken* stop_;
  FileMemory* memory_;  ///< null: nothing can be remembered
  std::map<std::tuple<std::string, std::string, std::string>, Manifest> listed_;  ///< by kind, root, labels; unread
  std::map<std::string, KnownFiles> known_;  ///< by folder: from memory, and read by this process
};

}  // namespace qeval
