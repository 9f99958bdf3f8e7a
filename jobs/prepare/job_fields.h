#pragma once
/// Fields of resolved jobs, and in which of them two jobs differ. Thread-safety: free functions.
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace qeval {

/// What a resolved job says of a variant, in its order; null where it does not have it, or is no JSON.
nlohmann::ordered_json variant_of_job(const std::string& resolved_json, const std::string& variant);

/// Values by their path in a job, "preprocess.resize.short_side", in its order; nothing is "none".
using JobFields = std::vector<std::pair<std::string, std::string>>;

/// Of what stands at `path`. A list of maps with one key each, as steps are, goes by those keys.
JobFields job_fields(const nlohmann::ordered_json& value, const std::string& path);

struct FieldChange {
  std::string field;          ///< its path: "preprocess.resize.short_side"
  std::string before, after;  ///< "none" where it is not there
};

/// Of one section of two variants, "preprocess" say, in the first one's order. A section that is a map in one of them
/// alone is one change.
std::vector<FieldChange> differing_fields(const nlohmann::ordered_json& before, const nlohmann::ordered_json& after,
                                          const std::string& section);

/// "preprocess.resize.short_side 248 → 256"
std::string change_text(const FieldChange& change);

}  // namespace qeval
