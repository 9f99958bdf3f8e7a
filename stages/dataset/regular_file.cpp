#include "stages/dataset/regular_file.h"

#include <sys/stat.h>

namespace qeval {

std::optional<std::int64_t> regular_file_size(const std::filesystem::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return status.st_size;
}

}  // namespace qeval
