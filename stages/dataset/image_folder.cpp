#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "pipeline/base/errors.h"
#include "pipeline/base/regular_file.h"
#include "pipeline/base/visible_text.h"
#include "stages/dataset/manifest.h"

namespace qeval {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 9> image_extensions{"jpg", "jpeg", "png",  "ppm", "bmp",
                                                           "pgm", "tif",  "tiff", "webp"};

bool has_image_extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return false;
  std::string extension(name.substr(dot + 1));
  for (char& c : extension) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return std::find(image_extensions.begin(), image_extensions.end(), extension) != image_extensions.end();
}

struct FolderId {
  dev_t device;
  ino_t inode;
  bool operator==(const FolderId&) const = default;
};

FolderId id_of(const fs::path& folder) {
  struct stat status{};
  if (stat(folder.c_str(), &status) != 0) throw InputError(visible_name(folder.string()) + ": cannot be read");
  return {status.st_dev, status.st_ino};
}

/// One folder's children by name, links followed. Bytewise order: Python's order for valid UTF-8.
struct Listing {
  std::vector<std::string> folders, files;
};

Listing list_folder(const fs::path& folder) {
  std::error_code error;
  fs::directory_iterator children(folder, error);
  Listing listing;
  for (; !error && children != fs::directory_iterator(); children.increment(error)) {
    std::error_code broken_link;
    const bool is_folder = children->is_directory(broken_link);
    (is_folder ? listing.folders : listing.files).push_back(children->path().filename().string());
  }
  if (error) throw InputError(visible_name(folder.string()) + ": cannot be listed: " + error.message());
  std::sort(listing.folders.begin(), listing.folders.end());
  std::sort(listing.files.begin(), listing.files.end());
  return listing;
}

/// Collects one class folder as torchvision does: every folder below it, ordered by its path as a string.
class ClassWalker {
 public:
  ClassWalker(const fs::path& root, std::string class_name) : root_(root) { walk(std::move(class_name)); }

  /// Adds the class' images in order.
  void append_to(std::vector<ManifestEntry>& entries, int label) {
    std::sort(found_.begin(), found_.end());
    for (const auto& [folder, files] : found_) {
      for (const std::string& file : files) entries.push_back(make_entry(folder + "/" + file, label));
    }
  }

 private:
  void walk(std::string folder) {
    const fs::path path = root_ / folder;
    const FolderId id = id_of(path);
    if (std::find(open_.begin(), open_.end(), id) != open_.end()) {
      throw InputError(visible_name(path.string()) + ": a link back to a folder above it; remove the link");
    }
    open_.push_back(id);
    Listing listing = list_folder(path);
    for (const std::string& name : listing.folders) walk(folder + "/" + name);
    std::erase_if(listing.files, [](const std::string& name) { return !has_image_extension(name); });
    found_.emplace_back(std::move(folder), std::move(listing.files));
    open_.pop_back();
  }

  ManifestEntry make_entry(std::string name, int label) const {
    const fs::path file = root_ / name;
    const std::optional<FileState> state = regular_file_state(file);
    if (!state) {
      throw InputError(visible_name(file.string()) + ": neither a file nor a link to one; remove it or mend the link");
    }
    return {std::move(name), label, *state};
  }

  fs::path root_;
  std::vector<FolderId> open_;  ///< from the class folder down to the one being listed
  std::vector<std::pair<std::string, std::vector<std::string>>> found_;
};

void append_class(Manifest& manifest, int label) {
  const std::size_t before = manifest.entries.size();
  const std::string& name = manifest.classes[label];
  ClassWalker(manifest.root, name).append_to(manifest.entries, label);
  if (manifest.entries.size() > before) return;
  throw InputError(visible_name((manifest.root / name).string()) +
                   ": class folder without images; remove it or add its images");
}

}  // namespace

void check_image_folder_root(const fs::path& root) {
  std::error_code missing;
  if (!fs::is_directory(root, missing)) {
    throw InputError(visible_name(root.string()) +
                     ": no such folder; set the data set's root to a folder with one sub-folder per class");
  }
}

Manifest scan_image_folder(const fs::path& root) {
  check_image_folder_root(root);
  Manifest manifest{root, {}, list_folder(root).folders};
  if (manifest.classes.empty()) {
    throw InputError(visible_name(root.string()) +
                     ": no class folders; expected one sub-folder per class, each with its images");
  }
  for (std::size_t label = 0; label < manifest.classes.size(); ++label) append_class(manifest, static_cast<int>(label));
  return manifest;
}

}  // namespace qeval
