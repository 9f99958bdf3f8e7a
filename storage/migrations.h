#pragma once
/// Schema versions: what file this is, and the steps from an older version to the newest. Forward only.
/// Errors: DatabaseError for a foreign, unfinished or newer file. Thread-safety: as Database.
#include <cstdint>
#include <span>
#include <string_view>

#include "storage/database.h"

namespace qeval {

/// "qev1" in the file header. Never change it.
inline constexpr std::int64_t application_id = 0x71657631;

/// Takes a file from version − 1 to `version`. Versions ascend; released steps never change.
struct Migration {
  int version;
  std::string_view sql;
  /// What SQL alone cannot do, after it in the same transaction.
  void (*finish)(Database&) = nullptr;
};

std::span<const Migration> all_migrations();

/// 0 for an empty file, else the file's schema version. Refuses a file of another program or of a newer qeval. Writes
/// nothing.
int identify(Database& database, std::span<const Migration> migrations);

/// Brings the file to the newest version, all steps in one transaction; an existing older file is copied to
/// "<db>.v<version>.backup" first (with a number after it where that exists). Nothing to do: nothing is written.
void migrate(Database& database, std::span<const Migration> migrations);

}  // namespace qeval
