#pragma once
/// The history view: filtered and sorted. Errors: UsageError naming the columns for a bad condition or sort order;
/// else as Database.
#include "storage/database.h"
#include "storage/queries.h"

namespace qeval {

/// All rows of a statement.
Table read_table(Statement statement);

/// `writer_is_gone`: nobody writes, so "running" is reported, and can be searched for, as "interrupted".
Table read_history(Database& database, const HistoryFilter& filter, bool writer_is_gone);

}  // namespace qeval
