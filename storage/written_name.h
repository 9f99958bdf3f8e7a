#pragma once
/// The name under which a database is written. SQLite names the files that hold its newest commits after the database:
/// under another name of the same file – a hard link, a bind mount, a new name without them – it would not find them,
/// and what it wrote would later be mixed with them. So the name is kept in the main file, before anything else is
/// committed under it. Names are absolute, links resolved. Thread-safety: free functions. Errors: as Database.
///
/// Beside the name stands an id of the file, another one for each writer that opens it: so a copy that was made before
/// is told from the file that is written now.
#include <filesystem>
#include <functional>
#include <optional>

#include "storage/database.h"
#include "storage/lock_holder.h"

namespace qeval {

/// The name as the main file alone has it; nothing if it has none, or cannot be read.
std::optional<std::filesystem::path> stored_name(const std::filesystem::path& database);

/// The id of the file, as the main file alone has it: "" if it has none; nothing if the main file cannot be read, which
/// is so for an instant while commits are moved into it.
std::optional<std::string> stored_file_id(const std::filesystem::path& database);

/// DatabaseError that says what to do, if newer commits lie beside another name of this file, or those beside this name
/// are those of a file that was here before. `being_written`: a process holds the writer lock, so that even files which
/// are empty by now will soon hold some.
void require_usable_name(const std::filesystem::path& database, bool being_written);

/// Stores the file's own name, in the main file itself, if another one is stored. The caller holds the writer lock and
/// has called require_usable_name. DatabaseError while readers use the file under its other name.
void take_name(const std::filesystem::path& database);

/// The same for a file that has no name yet, on the writer's own connection.
void store_first_name(Database& database);

/// Gives the file a new id, in the main file itself. Calls `tell` before and after: whoever looks meanwhile, or after a
/// kill, has to take both ids for the file's. A reader of an older state, which keeps commits out of the main file for
/// longer than a connection waits, leaves it the id that it has, and the result has two. The caller holds the writer
/// lock.
FileIds renew_file_id(Database& database, const std::function<void(const FileIds&)>& tell);

}  // namespace qeval
