#pragma once
/// By how much each class changed, from the most hurt to the one that gained most. Thread-safety: free function.
#include <string>
#include <vector>

#include "jobs/compare/flips.h"
#include "tools/qeval/html/html_writer.h"

namespace qeval {

/// Nothing for no class.
void draw_class_chart(HtmlWriter& html, const std::vector<ClassChange>& changes, const std::string& description);

}  // namespace qeval
