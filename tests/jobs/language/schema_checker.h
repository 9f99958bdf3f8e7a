#pragma once
/// Just enough of JSON Schema draft-07 to check job.schema.json against the parser: the keywords it uses, and an
/// exception for any other, so that nothing is skipped silently.
#include <nlohmann/json.hpp>
#include <string>

namespace qeval::test {

/// "" if `value` is valid, else where it is not and why.
std::string schema_violation(const nlohmann::json& value, const nlohmann::json& schema, const std::string& path = "$");

}  // namespace qeval::test
