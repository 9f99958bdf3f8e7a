#include "storage/run_reference.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "pipeline/base/did_you_mean.h"
#include "pipeline/base/visible_text.h"

namespace qeval {

namespace {

/// The N of "@N", 1 for "@last"; nothing if the reference has another form.
std::optional<std::int64_t> newest_rank(const std::string& reference) {
  if (reference == "@last") return 1;
  if (reference.empty() || reference[0] != '@') return std::nullopt;
  std::int64_t rank = 0;
  const char* end = reference.data() + reference.size();
  const auto [stopped, error] = std::from_chars(reference.data() + 1, end, rank);
  return error == std::errc() && stopped == end && rank > 0 ? std::optional(rank) : std::nullopt;
}

std::optional<std::int64_t> first_id(Statement statement) {
  return statement.step() ? std::optional(statement.integer(0)) : std::nullopt;
}

std::vector<std::pair<std::int64_t, std::string>> runs_starting_with(Database& database, const std::string& prefix) {
  std::vector<std::pair<std::int64_t, std::string>> found;
  Statement statement = database.query(
      "SELECT id, name FROM run WHERE substr(name, 1, length(?1)) = ?1 ORDER BY id DESC LIMIT 6", prefix);
  while (statement.step()) found.emplace_back(statement.integer(0), statement.required_text(1));
  return found;
}

[[noreturn]] void throw_ambiguous(const std::string& reference,
                                  const std::vector<std::pair<std::int64_t, std::string>>& found) {
  std::string names;
  for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 5); ++i) names += (i ? ", " : "") + found[i].second;
  if (found.size() > 5) names += ", …";
  throw UsageError("\"" + visible_name(reference) + "\" is the start of several runs: " + names +
                   "; type more of the name");
}

std::vector<std::string> run_names(Database& database) {
  std::vector<std::string> names;
  Statement statement = database.query("SELECT name FROM run ORDER BY id DESC");
  while (statement.step()) names.push_back(statement.required_text(0));
  return names;
}

std::optional<std::int64_t> matching_run_id(Database& database, const std::string& reference) {
  if (const auto rank = newest_rank(reference)) {
    return first_id(database.query("SELECT id FROM run ORDER BY id DESC LIMIT 1 OFFSET ?1", *rank - 1));
  }
  if (reference.empty()) return std::nullopt;
  if (const auto exact = first_id(database.query("SELECT id FROM run WHERE name = ?1", reference))) return exact;
  const auto found = runs_starting_with(database, reference);
  if (found.size() > 1) throw_ambiguous(reference, found);
  return found.empty() ? std::nullopt : std::optional(found.front().first);
}

}  // namespace

std::int64_t find_run_id(Database& database, const std::string& reference) {
  if (const auto id = matching_run_id(database, reference)) return *id;
  const std::int64_t count = database.integer("SELECT count(*) FROM run");
  std::string message = "no run \"" + visible_name(reference) + "\"";
  if (count == 0) {
    message += ": the database " + visible_name(database.file().string()) + " has no runs yet";
  } else if (newest_rank(reference)) {
    message += ": there are only " + std::to_string(count);
  } else {
    const std::string hint = did_you_mean(reference, run_names(database));
    message += hint.empty() ? "; `qeval history` lists them" : hint;
  }
  throw UsageError(message);
}

}  // namespace qeval
