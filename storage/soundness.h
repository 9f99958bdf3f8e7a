#pragma once
/// Whether a file still holds what qeval wrote: SQLite finds damaged pages, this finds damaged rows. Every finding is a
/// DatabaseError with the advice what to do. Thread-safety and errors: as Database.
#include <cstdint>

#include "storage/database.h"

namespace qeval {

/// The pages of the whole file; takes time in proportion to its size.
void require_sound_pages(Database& database);

/// The small tables that tell what there is: their pages and indexes, the types and constraints of their cells, and
/// that the rows they refer to are there. Milliseconds.
void require_sound_directory(Database& database);

/// That an existing run has the images and batches that its row counts, with the content that was committed.
void require_sound_run(Database& database, std::int64_t run_id);

}  // namespace qeval
