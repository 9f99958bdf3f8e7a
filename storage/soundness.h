#pragma once
/// Whether a file still holds what qeval wrote: SQLite finds damaged pages, this finds damaged rows. Every finding is a
/// DatabaseError with the advice what to do. Thread-safety and errors: as Database.
#include <cstdint>
#include <functional>

#include "storage/database.h"
#include "storage/records.h"

namespace qeval {

/// The pages of the whole file; takes time in proportion to its size.
void require_sound_pages(Database& database);

/// The small tables that tell what there is: their pages and indexes, the types and constraints of their cells, and
/// that the rows they refer to are there. Milliseconds.
void require_sound_directory(Database& database);

/// That an existing run has the images and batches that its row counts, with the content that was committed. `visit`
/// is given every row on the way, by ordinal; what it makes of them is sound once this returns.
void require_sound_run(Database& database, std::int64_t run_id,
                       const std::function<void(const PredictionRecord&)>& visit = {});

}  // namespace qeval
