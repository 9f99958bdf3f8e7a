#pragma once
/// Opens the results file for the one writer, or for a reader. Errors: DatabaseError, RunError (see database.h).
#include <filesystem>
#include <memory>
#include <string>

#include "storage/database.h"
#include "storage/file_lock.h"

namespace qeval {

enum class JournalPolicy {
  wal,                ///< local disks: readers work while a run writes
  exclusive_rollback  ///< network file systems, where WAL's shared memory does not work: no reader while a run writes
};

JournalPolicy journal_policy_for(const std::filesystem::path& file);

/// The file that `file` names after links, created with its folder if it is not there: only then is it known what a
/// name leads to.
std::filesystem::path prepare_location(const std::filesystem::path& file);

/// Opens, checks and migrates. The caller holds the writer lock. synchronous=FULL under both policies.
std::unique_ptr<Database> open_for_writing(const std::filesystem::path& file, JournalPolicy policy);

struct ReadableDatabase {
  std::unique_ptr<LockProbe> writer;  ///< goes last
  std::unique_ptr<Database> database;
};

/// Opens an existing results database; works in a folder that cannot be written to, too.
ReadableDatabase open_for_reading(const std::filesystem::path& file);

}  // namespace qeval
