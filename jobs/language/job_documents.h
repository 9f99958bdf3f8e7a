#pragma once
/// Texts generated from the field table. Thread-safety: free functions.
#include <map>
#include <string>
#include <vector>

namespace qeval {

/// What `model.arch` may be, which the language itself does not know.
struct DocumentedArch {
  std::string name;
  std::map<std::string, std::string> defaults;  ///< of every parameter
};

/// The reference of the job language, Markdown; jobs/README.md is a copy of it.
std::string job_reference(const std::vector<DocumentedArch>& architectures);

/// JSON Schema draft-07 for editors; jobs/job.schema.json is a copy of it. It says what one file can tell by itself:
/// rules that need the merged variants (something missing, the order of steps) are the parser's alone.
std::string job_schema();

}  // namespace qeval
