#pragma once
/// Two JSON texts about a resolved job: one for people (everything, defaults filled in), one for keys (only what can
/// change a result). Both have sorted keys. Thread-safety: free functions.
#include <string>
#include <utility>
#include <vector>

#include "jobs/job_spec.h"
#include "jobs/yaml_node.h"

namespace qeval {

/// The whole job with every variant written out. Each view: merged, defaulted, paths absolute.
std::string resolved_job_json(const std::vector<std::pair<std::string, YamlNode>>& views);

/// No paths, names, threads or gates; equal settings written differently give equal texts.
std::string canonical_variant_json(const VariantSpec& variant, const RunSettings& run);

}  // namespace qeval
