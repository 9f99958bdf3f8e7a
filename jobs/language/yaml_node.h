#pragma once
/// A parsed YAML value that knows where it was written. Aliases and merge keys are already resolved: a plain tree.
/// Plain values; thread-safe to read.
#include <string>
#include <string_view>
#include <vector>

#include "jobs/language/source_text.h"

namespace qeval {

struct YamlEntry;

struct YamlNode {
  enum class Kind { null, scalar, sequence, mapping } kind = Kind::null;
  std::string text;             ///< scalar: its text, after variable expansion
  bool quoted = false;          ///< scalar: in quotes or a block scalar, hence always text
  std::string written;          ///< scalar: the text before expansion if it held variables, else empty
  std::string expansion_error;  ///< scalar: why expansion failed; reported only where the value is used
  std::string unset_variable;   ///< scalar: the variable of the environment that is not set, if that is why
  SourceSpan span;
  std::vector<YamlNode> items;     ///< sequence
  std::vector<YamlEntry> entries;  ///< mapping, in the order written

  bool is_mapping() const { return kind == Kind::mapping; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_null() const { return kind == Kind::null; }

  /// The entry of a mapping; nullptr if absent or if this is no mapping. What is found lives in this node: none is
  /// looked for in a node that ends with the statement.
  const YamlEntry* entry(std::string_view key) const&;
  YamlEntry* entry(std::string_view key) &;
  const YamlNode* find(std::string_view key) const&;
  /// "quantization.encodings.import"; nullptr if any part is absent.
  const YamlNode* find_path(std::string_view dotted) const&;
  YamlNode* find_path(std::string_view dotted) &;
  void entry(std::string_view) const&& = delete;
  void find(std::string_view) const&& = delete;
  void find_path(std::string_view) const&& = delete;
  void erase(std::string_view key);

  static YamlNode mapping(const SourceSpan& span);
};

struct YamlEntry {
  std::string key;
  SourceSpan key_span;
  YamlNode value;
};

}  // namespace qeval
