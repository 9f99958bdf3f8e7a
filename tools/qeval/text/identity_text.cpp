#include "tools/qeval/text/identity_text.h"

#include <cctype>

#include <fmt/core.h>

#include "pipeline/base/visible_text.h"
#include "tools/qeval/text/wrapped_text.h"

namespace qeval {
namespace {

void add_components(const char* part, const KeyComponents& components, Table& table) {
  for (const auto& [name, value] : components) table.rows.push_back({part, name, value});
}

constexpr std::size_t hash_digits = 64, digits_shown = 12;

/// With its hashes cut short.
std::string shortened(const std::string& value) {
  std::string text, digits;
  const auto put_digits = [&] {
    text += digits.size() == hash_digits ? digits.substr(0, digits_shown) + "…" : digits;
    digits.clear();
  };
  for (const char c : value) {
    if (std::isxdigit(static_cast<unsigned char>(c))) {
      digits += c;
      continue;
    }
    put_digits();
    text += c;
  }
  put_digits();
  return text;
}

/// Those that `known` has, too, are left out.
std::string part_text(const char* title, const KeyComponents& components, const KeyComponents& known) {
  constexpr int name_width = 24;
  std::string text;
  for (const auto& [name, value] : components) {
    const auto found = known.find(name);
    if (found != known.end() && found->second == value) continue;
    text +=
        wrapped(fmt::format("  {:<{}}{}", input_name(name), name_width, visible_name(breakable_text(shortened(value)))),
                name_width + 2);
  }
  return text.empty() ? "" : title + text;
}

}  // namespace

StoredInputs stored_inputs(Queries& queries) {
  return {[&queries](const std::string& key) { return queries.key_components(key); },
          [&queries](const std::string& fingerprint) { return queries.samples(fingerprint); }};
}

std::string breakable_text(const std::string& value) {
  std::string text;
  for (const char c : value) {
    if (c != ' ' && (text.ends_with(',') || text.ends_with(';'))) text += ' ';
    text += c;
  }
  return text;
}

std::string components_text(const Identity& identity) {
  return part_text("is the SHA-256 of\n", identity.evaluation, {}) +
         part_text("with encodings that depend on the same, and on\n", identity.encodings, identity.evaluation) +
         part_text("of a network that was changed with the same, and\n", identity.tuning, identity.encodings);
}

Table components_table(const Identity& identity) {
  Table table{{"part", "component", "value"}, {}};
  add_components("run", identity.evaluation, table);
  add_components("encodings", identity.encodings, table);
  add_components("tuning", identity.tuning, table);
  return table;
}

Table changes_table(const std::vector<InputChange>& changes) {
  Table table{{"input", "before", "after", "detail"}, {}};
  for (const InputChange& change : changes)
    table.rows.push_back({change.input, change.before, change.after, change.detail.empty() ? Cell() : change.detail});
  return table;
}

std::string changes_text(const std::vector<InputChange>& changes) {
  if (changes.empty()) return "  nothing\n";
  std::string text;
  for (const InputChange& change : changes) text += wrapped("  " + change_text(change), 4);
  return text;
}

}  // namespace qeval
