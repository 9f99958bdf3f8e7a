#pragma once
/// What is running, in words and as a table. Names of columns are read by scripts: never rename.
/// Thread-safety: free functions.
#include <optional>
#include <string>
#include <vector>

#include "jobs/run/run_progress.h"
#include "storage/queries.h"
#include "tools/qeval/text/progress_line.h"

namespace qeval {

struct RunStatus {
  RunRecord run;
  RunProgress progress;
};

/// All of a database at one moment.
struct Status {
  std::optional<RunStatus> running;
  std::vector<RunStatus> unfinished;  ///< that nobody works on, newest first
  std::string writer;                 ///< who holds the writer lock; empty: nobody
};

/// "tuning", "calibration" or "evaluation".
const char* phase_name(RunProgress::Phase phase);

/// Seconds at the present pace; nothing where that is not known.
std::optional<double> seconds_left(const RunProgress& progress);

/// As the run's own progress line has them.
ProgressFigures status_figures(const RunStatus& status);

std::string status_text(const Status& status);

/// The running one first, then those that nobody works on.
Table status_table(const Status& status);

}  // namespace qeval
