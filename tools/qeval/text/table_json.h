#pragma once
/// Result tables as JSON. Thread-safety: free functions.
#include <vector>

#include <nlohmann/json.hpp>

#include "storage/queries.h"

namespace qeval {

/// Null, a number, or text; what JSON has no word for, infinity and bytes that are not UTF-8, as text that shows it.
nlohmann::ordered_json json_value(const Cell& cell);

/// A row by its columns' names.
nlohmann::ordered_json json_object(const Table& table, const std::vector<Cell>& row);

/// {"columns": […], "rows": [[…], …]}: long tables without a name at every cell.
nlohmann::ordered_json json_columns(const Table& table);

}  // namespace qeval
