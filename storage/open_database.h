#pragma once
/// Opens the results file for the one writer, or for a reader. Errors: DatabaseError, RunError (see database.h).
#include <filesystem>
#include <memory>
#include <string>

#include "storage/database.h"

namespace qeval {

enum class JournalPolicy {
  wal,               ///< local disks: readers work while a run writes
  exclusive_rollback ///< network file systems, where WAL's shared memory does not work: no reader while a run writes
};

JournalPolicy journal_policy_for(const std::filesystem::path& file);

/// The file that `file` names after links, so that two names of one database share one lock. Creates its folder.
std::filesystem::path prepare_location(const std::filesystem::path& file);

/// Opens, checks and migrates. The caller holds the writer lock. synchronous=FULL under both policies.
std::unique_ptr<Database> open_for_writing(const std::filesystem::path& file, JournalPolicy policy);

/// Opens an existing results database; works in a folder that cannot be written to, too.
std::unique_ptr<Database> open_for_reading(const std::filesystem::path& file);

}  // namespace qeval
