#include "storage/file_identity.h"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace qeval {

std::optional<FileIdentity> identity_of(const std::filesystem::path& file) {
  struct stat info{};
  if (stat(file.c_str(), &info) != 0) return std::nullopt;
  return FileIdentity{info.st_dev, info.st_ino};
}

std::optional<FileLook> look_of(const std::filesystem::path& file) {
  struct stat info{};
  if (stat(file.c_str(), &info) != 0) return std::nullopt;
  return FileLook{info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
}

FileIdentity identity_of(int descriptor) {
  struct stat info{};
  if (fstat(descriptor, &info) != 0) throw std::system_error(errno, std::generic_category(), "fstat");
  return {info.st_dev, info.st_ino};
}

}  // namespace qeval
