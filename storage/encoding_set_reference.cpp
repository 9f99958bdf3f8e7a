#include "storage/encoding_set_reference.h"

#include <charconv>
#include <optional>
#include <vector>

#include "pipeline/base/visible_text.h"
#include "storage/run_reference.h"

namespace qeval {
namespace {

std::optional<std::int64_t> as_number(const std::string& reference) {
  std::int64_t number = 0;
  const char* const end = reference.data() + reference.size();
  const auto [stopped, error] = std::from_chars(reference.data(), end, number);
  return error == std::errc() && stopped == end ? std::optional(number) : std::nullopt;
}

std::vector<std::int64_t> ids_of_name(Database& database, const std::string& name) {
  std::vector<std::int64_t> ids;
  Statement statement = database.query("SELECT id FROM encoding_set WHERE name = ?1 ORDER BY id", name);
  while (statement.step()) ids.push_back(statement.integer(0));
  return ids;
}

std::int64_t set_of_run(Database& database, const std::string& reference) {
  std::int64_t run = 0;
  try {
    run = find_run_id(database, reference);
  } catch (const UsageError& error) {
    throw UsageError(std::string("no file and no encoding set '") + visible_name(reference) + "', and " + error.what() +
                     "; `qeval encodings list` lists the sets");
  }
  const std::int64_t set = database.integer("SELECT encoding_set_id FROM run WHERE id = ?1", run);
  if (set == 0) throw UsageError("run '" + visible_name(reference) + "' was computed without encodings");
  return set;
}

}  // namespace

std::int64_t find_named_encoding_set(Database& database, const std::string& reference) {
  const std::vector<std::int64_t> ids = ids_of_name(database, reference);
  if (ids.size() == 1) return ids.front();
  if (ids.size() > 1) {
    std::string numbers;
    for (const std::int64_t id : ids) numbers += (numbers.empty() ? "" : ", ") + std::to_string(id);
    throw UsageError("several encoding sets are named '" + visible_name(reference) + "': " + numbers +
                     "; give the number");
  }
  if (const auto number = as_number(reference)) {
    if (database.integer("SELECT count(*) FROM encoding_set WHERE id = ?1", *number) == 1) return *number;
    throw UsageError("no encoding set " + reference + "; `qeval encodings list` lists them");
  }
  return set_of_run(database, reference);
}

}  // namespace qeval
