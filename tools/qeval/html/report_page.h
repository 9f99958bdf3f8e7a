#pragma once
/// A report as one HTML file that needs nothing else: no network, no font, no library; light and dark, printable, for
/// keyboards and screen readers. The same report gives the same bytes. Thread-safety: free function.
#include <string>
#include <vector>

#include "jobs/report/report.h"
#include "tools/qeval/html/encodings_section.h"

namespace qeval {

std::string report_page(const Report& report, const std::vector<EncodingsComparison>& encodings);

}  // namespace qeval
