#pragma once
/// A resolved job as JSON text: itself a job file that needs no defaults, variables or merging.
/// Thread-safety: free function.
#include <string>
#include <utility>
#include <vector>

#include "jobs/yaml_node.h"

namespace qeval {

/// The whole job with every variant written out. Each view: merged, defaulted, paths absolute.
std::string resolved_job_json(const std::vector<std::pair<std::string, YamlNode>>& views);

}  // namespace qeval
