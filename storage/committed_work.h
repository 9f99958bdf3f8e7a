#pragma once
/// How fast a run gets on, from its committed rows alone. Thread-safety and errors: as Database.
#include <cstdint>
#include <string>

#include "storage/database.h"

namespace qeval {

/// Of a run's newest attempt.
struct CommittedWork {
  std::int64_t attempt = 0;  ///< its number, from 1; 0 = none has begun
  std::string last_commit;   ///< of images that were evaluated, UTC as utc_now has it; empty: none yet
  /// Evaluated between the attempt's first commit and its last one, and the time between these two.
  std::int64_t images = 0;
  double seconds = 0;

  /// 0 = not known.
  double images_per_second() const { return seconds > 0 ? static_cast<double>(images) / seconds : 0; }
};

CommittedWork read_committed_work(Database& database, std::int64_t run_id);

}  // namespace qeval
