#pragma once
/// Where this user's memory of files is: $XDG_CACHE_HOME/qeval/files.db, else ~/.cache/qeval/files.db.
/// Thread-safety: free functions. Errors: none; where it cannot be used, files are read every time, and a note says so.
#include <memory>

#include "jobs/prepare/image_sets.h"
#include "storage/file_memory.h"

namespace qeval {

/// Null where there is no such place, or it cannot be used.
std::unique_ptr<FileMemory> open_user_memory();

/// Of image sets outside of a job: notes go to stderr.
ImageSetsSurroundings image_surroundings(FileMemory* memory);

}  // namespace qeval
