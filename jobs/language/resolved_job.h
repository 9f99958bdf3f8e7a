#pragma once
/// A resolved job as JSON text: itself a job file that needs no defaults, variables or merging.
/// Thread-safety: free functions.
#include <string>
#include <utility>
#include <vector>

#include "jobs/language/yaml_node.h"

namespace qeval {

/// The whole job with every variant written out. Each view: merged, defaulted, paths absolute.
std::string resolved_job_json(const std::vector<std::pair<std::string, YamlNode>>& views);

/// A stored resolved job in the form of today: earlier versions wrote `reference: null` for a metric without a gate.
/// Text that is no JSON is returned as it is.
std::string mended_resolved_job(const std::string& stored);

}  // namespace qeval
