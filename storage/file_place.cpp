#include "storage/file_place.h"

#include "pipeline/errors.h"
#include "storage/file_system.h"

namespace qeval {

FilePlace::FilePlace(std::filesystem::path database) : database_(std::move(database)) {
  if (!is_on_network_file_system(database_)) identity_ = identity_of(database_);
}

bool FilePlace::holds() const {
  const auto now = identity_of(database_);
  return now && (!identity_ || *now == *identity_);
}

void FilePlace::require() const {
  if (holds()) return;
  const std::string name = database_.string();
  if (identity_of(database_))
    throw DatabaseError("database " + name + " was replaced by another file while it was written: this run's results are " +
                        "not in that file. Put the old file back and `qeval resume`, or run the job again");
  throw DatabaseError("database " + name + " was deleted or moved while it was written: this run's results are gone with " +
                      "it. Put it back and `qeval resume`, or run the job again");
}

}  // namespace qeval
