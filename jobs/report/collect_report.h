#pragma once
/// Reads all that a report says from stored rows. Thread-safety: free function. Errors: as Queries; nothing of the
/// network or the images is needed: a picture that cannot be read has no thumbnail.
#include <cstddef>
#include <optional>
#include <vector>

#include "jobs/report/report.h"

namespace qeval {

struct ReportRequest {
  std::vector<RunRecord> runs;  ///< the first is what others are compared with; one or more
  double alpha = usual_alpha;
  std::optional<std::size_t>
      rows;  ///< in lists; nothing: what keeps the file small, fewer where many runs are compared
  bool thumbnails = false;
};

/// The rows of one comparison are in memory at a time.
Report collect_report(Queries& queries, const ReportRequest& request);

}  // namespace qeval
