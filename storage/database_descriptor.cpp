#include "storage/database_descriptor.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <mutex>
#include <system_error>
#include <vector>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"

namespace qeval {

namespace {

struct OpenFile {
  int users = 0;
  std::vector<int> to_close;
};

std::mutex mutex;

std::map<FileIdentity, OpenFile>& open_files() {
  static std::map<FileIdentity, OpenFile> files;
  return files;
}

int open_file(const std::filesystem::path& database, DatabaseDescriptor::Missing missing) {
  const int create = missing == DatabaseDescriptor::Missing::create ? O_CREAT : 0;
  const int descriptor = open(database.c_str(), O_RDONLY | O_CLOEXEC | create, 0644);
  if (descriptor >= 0) return descriptor;
  if (create) throw_cannot_create(database, errno);
  throw DatabaseError("cannot read database " + visible_name(database.string()) + ": " +
                      std::generic_category().message(errno));
}

}  // namespace

DatabaseDescriptor::DatabaseDescriptor(const std::filesystem::path& database, Missing missing)
    : descriptor_(open_file(database, missing)), identity_(identity_of(descriptor_)) {
  const std::lock_guard lock(mutex);
  ++open_files()[identity_].users;
}

DatabaseDescriptor::~DatabaseDescriptor() {
  flock(descriptor_, LOCK_UN);  // closing, which would do it, may come later
  const std::lock_guard lock(mutex);
  OpenFile& file = open_files()[identity_];
  file.to_close.push_back(descriptor_);
  if (--file.users > 0) return;
  for (const int descriptor : file.to_close) close(descriptor);
  open_files().erase(identity_);
}

void throw_cannot_create(const std::filesystem::path& path, int error) {
  const std::string message =
      "cannot create " + visible_name(path.string()) + ": " + std::generic_category().message(error);
  if (error == ENOSPC || error == EDQUOT) throw RunError(message + "; free space, then `qeval resume`");
  throw DatabaseError(message + "; the database's folder must be writable, or use --db");
}

}  // namespace qeval
