#pragma once
/// Collects every error of a job file, and prints them sorted by position, compiler style.
/// Ownership: keeps references to nothing. Thread-safety: one thread.
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jobs/language/source_text.h"
#include "jobs/language/yaml_node.h"

namespace qeval {

class Diagnostics {
 public:
  Diagnostics(const std::filesystem::path& file, std::string_view text) : file_(file.string()), source_(text) {}

  /// Registers a command-line argument, e.g. "--set run.threads=2"; spans refer to it by the number returned.
  int add_argument(std::string text);

  void add(const SourceSpan& span, const std::string& message);
  /// An error of one variant's merged view. The variants are named only where not all of them have it.
  void add_for_variant(const SourceSpan& span, const std::string& message, const std::string& variant);
  void set_variant_count(std::size_t count) { variant_count_ = count; }

  /// An error points to the entry's key, or to something in its value.
  bool complains_within(const YamlEntry& entry) const;
  bool empty() const { return errors_.empty(); }
  const SourceText& source() const { return source_; }
  /// Every error (at most 100 in full), then "N errors; nothing was run." or what else came of them. A message of
  /// several lines goes on below the excerpt.
  std::string render(std::string_view consequence = "nothing was run") const;

 private:
  struct Key {
    int argument;  ///< −1 for the file, which comes first
    SourceSpan span;
    std::string message;
    auto operator<=>(const Key&) const = default;
  };
  std::string render_one(const Key& key, const std::set<std::string>& variants) const;

  std::string file_;
  SourceText source_;
  std::vector<std::string> arguments_;
  std::size_t variant_count_ = 1;
  std::map<Key, std::set<std::string>> errors_;
};

}  // namespace qeval
