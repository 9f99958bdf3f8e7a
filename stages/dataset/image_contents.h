#pragma once
/// Finds out what is in the images of a manifest. What an earlier process has read is taken from its memory while the
/// file's state is the same, so that an unchanged folder is listed and not read. Thread-safety: one thread per
/// manifest. Errors: InputError for a file that changes meanwhile.
#include <cstddef>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "stages/dataset/manifest.h"

namespace qeval {

struct KnownFile {
  FileState file;
  Sha256Digest sha256{};
};

/// By entry name.
using KnownFiles = std::unordered_map<std::string, KnownFile>;

/// Takes over what is known and has not changed. Returns the positions of the entries that are left to be read.
std::vector<std::size_t> take_known_contents(Manifest& manifest, const KnownFiles& known);

/// Reads the entries at `positions`, on `threads` threads. A file that cannot be read becomes ImageContent::unreadable.
void read_contents(Manifest& manifest, std::span<const std::size_t> positions, int threads);

}  // namespace qeval
