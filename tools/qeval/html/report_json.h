#pragma once
/// A report's figures for programs: in full, shares and not percent. Names are read by scripts: never rename.
/// Thread-safety: free function.
#include <nlohmann/json.hpp>

#include "jobs/report/report.h"

namespace qeval {

/// {"runs": […], "comparisons": […]}: a comparison has the fields of `compare --format json`, and the lists of flips,
/// classes and confusions that the page shows.
nlohmann::ordered_json report_json(const Report& report);

}  // namespace qeval
