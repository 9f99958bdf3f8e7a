#include "storage/file_place.h"

#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "storage/file_system.h"
#include "storage/migrations.h"
#include "storage/written_name.h"

namespace qeval {

namespace {

/// As SQLite's files do, with the number of this program behind. Through a descriptor that stays open: closing another
/// one would cost this process SQLite's locks.
bool begins_as_ours(const DatabaseDescriptor& file) {
  std::array<char, 100> header{};
  if (pread(file.get(), header.data(), header.size(), 0) < 0) return false;
  std::int64_t id = 0;
  for (std::size_t at = 68; at < 72; ++at) id = id << 8 | static_cast<unsigned char>(header[at]);
  return std::string_view(header.data(), 16) == std::string_view("SQLite format 3\0", 16) && id == application_id;
}

}  // namespace

FilePlace::FilePlace(const std::filesystem::path& database, FileIds ids)
    : database_(database),
      ids_(std::move(ids)),
      held_(database, DatabaseDescriptor::Missing::refuse),
      numbers_stay_(!is_on_network_file_system(database)),
      look_(look_of(database)) {}

bool FilePlace::holds() const {
  const auto now = identity_of(database_);
  if (!now || (numbers_stay_ && now != held_.identity())) return false;
  if (look_of(database_) == look_) return true;
  // Another program may have moved commits into the main file; or it has written something else there.
  if (const auto id = stored_file_id(database_)) return ids_.include(*id);
  return now == identity_of(held_.get()) && begins_as_ours(held_);
}

void FilePlace::accept_own_write() {
  // First the look, then the id: what somebody writes after the look is seen the next time.
  const auto now = look_of(database_);
  if (now == look_) return;
  const auto id = stored_file_id(database_);
  if (id ? !ids_.include(*id) : !holds()) refuse();
  // An id that could not be read just now is asked for again before the next commit.
  if (id) look_ = now;
}

void FilePlace::require() const {
  if (!holds()) refuse();
}

void FilePlace::refuse() const {
  const std::string name = visible_name(database_.string());
  if (identity_of(database_))
    throw DatabaseError("database " + name +
                        " was replaced by another file while it was written: this run's results are " +
                        "not in that file. Put the old file back and `qeval resume`, or run the job again");
  throw DatabaseError("database " + name +
                      " was deleted or moved while it was written: this run's results are gone with " +
                      "it. Put it back with its -wal file and `qeval resume`, or run the job again");
}

}  // namespace qeval
