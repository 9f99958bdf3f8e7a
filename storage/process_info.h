#pragma once
/// Who this process is and what time it is, as the database records them. Thread-safety: free functions.
#include <string>

namespace qeval {

struct ProcessInfo {
  std::string host;
  long pid = 0;
  std::string command;  ///< argv, separated by spaces
};

ProcessInfo this_process();

/// UTC, ISO-8601 with milliseconds: "2025-06-01T09:30:00.125Z". Sorts as text; julianday() reads it.
std::string utc_now();

}  // namespace qeval
