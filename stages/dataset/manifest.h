#pragma once
/// The ordered list of images a run works on. Index in the list is an image's identity within a run.
///
/// Thread-safety: immutable once its contents are known (image_contents.h). Errors: InputError naming folder or line.
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "pipeline/base/regular_file.h"
#include "pipeline/base/sha256.h"

namespace qeval {

enum class ImageContent {
  unknown,    ///< listed only
  read,       ///< `sha256` is of its bytes
  unreadable  ///< listed, but its bytes cannot be had
};

struct ManifestEntry {
  std::string name;  ///< path relative to the root, '/'-separated, bytes as on disk
  int label = -1;    ///< class index
  FileState file{};  ///< when it was listed
  ImageContent content = ImageContent::unknown;
  Sha256Digest sha256{};  ///< meaningful where `content` is `read`
};

struct Manifest {
  std::filesystem::path root;
  std::vector<ManifestEntry> entries;
  std::vector<std::string> classes;  ///< class folder names in index order; empty for list data sets

  /// SHA-256 over names, labels and contents in order: the data set's fingerprint. InternalError while a content is
  /// unknown.
  std::string fingerprint() const;
};

Sha256Digest sha256_of(std::span<const std::uint8_t> bytes);

/// torchvision ImageFolder: classes = sorted sub-folders; inside a class, os.walk order sorted by directory string,
/// then file names sorted; extensions jpg jpeg png ppm bmp pgm tif tiff webp in any case, other files are skipped.
/// Links are followed, out of the root too. An empty class folder, a broken link and a link to a folder above it are
/// errors.
Manifest scan_image_folder(const std::filesystem::path& root);

/// A CSV of `path,label` lines, paths relative to `root`. A first line with a field "path" or "label" is a header; it
/// then says which columns are these, and others are ignored. The same file may be listed more than once.
Manifest read_image_list(const std::filesystem::path& csv, const std::filesystem::path& root);

/// The complaints of the functions above that need no image.
void check_image_folder_root(const std::filesystem::path& root);
void check_image_list_root(const std::filesystem::path& root);
void check_image_list_header(const std::filesystem::path& csv);

/// Subsets; all keep manifest order except keep_listed, which keeps the list's order.

/// At most the first `count` entries.
Manifest keep_first(const Manifest& manifest, std::int64_t count);
/// At most the first `count` entries of each class.
Manifest keep_per_class(const Manifest& manifest, int count);
/// The entries named in the text file (one name per line), in that order. A name that the manifest holds several times
/// means its first entry.
Manifest keep_listed(const Manifest& manifest, const std::filesystem::path& names);

}  // namespace qeval
