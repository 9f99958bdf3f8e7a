#pragma once
/// Where a job's values were written: for complaints that only whoever uses a value can make.
/// Ownership: holds copies. Thread-safety: immutable.
#include <string>
#include <string_view>

#include "jobs/language/diagnostics.h"
#include "jobs/language/yaml_node.h"

namespace qeval {

class JobLocator {
 public:
  /// `root`: the whole file, --set applied, variables expanded. `diagnostics`: of its parse.
  JobLocator(const Diagnostics& diagnostics, const YamlNode& root) : diagnostics_(diagnostics), root_(root) {}

  /// What the parser said; nothing of a job without errors. To go on from, with spans of this class.
  const Diagnostics& diagnostics() const { return diagnostics_; }

  /// Where the variant's value is written that `path` names ("model.weights", "quantization.disable[1]"): in the file,
  /// its own part or the top level's, behind an alias, or in a --set argument. A map or a list is shown by its key; a
  /// value that nobody wrote by the nearest section around it.
  SourceSpan value_span(const std::string& variant, std::string_view path) const;
  /// The same for the key.
  SourceSpan key_span(const std::string& variant, std::string_view path) const;
  /// False where a default stands for it.
  bool is_written(const std::string& variant, std::string_view path) const;

 private:
  Diagnostics diagnostics_;
  YamlNode root_;
};

}  // namespace qeval
