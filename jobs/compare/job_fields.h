#pragma once
/// A stored job's settings one by one. Thread-safety: free functions.
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace qeval {

/// Values by their path in a job, "preprocess.resize.short_side", in its order.
using JobFields = std::vector<std::pair<std::string, std::string>>;

/// Of what stands at `path`. A list of maps with one key each, as steps are, goes by those keys.
JobFields job_fields(const nlohmann::ordered_json& value, const std::string& path);

}  // namespace qeval
