#pragma once
/// A verb of the command line. One file per verb, one line in verbs.cpp.
#include <string>
#include <vector>

namespace qeval {

struct Verb {
  const char* name;
  const char* synopsis;  ///< arguments, e.g. "JOB [--variant V]…"
  const char* summary;   ///< one line
  /// `arguments` without the verb. Returns the exit code; throws Error for everything a user can mend.
  int (*run)(const std::vector<std::string>& arguments);
};

/// All verbs, in the order `qeval help` shows them.
const std::vector<Verb>& verbs();

int run_verb(const std::vector<std::string>& arguments);
int resume_verb(const std::vector<std::string>& arguments);
int plan_verb(const std::vector<std::string>& arguments);
int validate_verb(const std::vector<std::string>& arguments);
int status_verb(const std::vector<std::string>& arguments);
int history_verb(const std::vector<std::string>& arguments);
int show_verb(const std::vector<std::string>& arguments);
int explain_verb(const std::vector<std::string>& arguments);
int compare_verb(const std::vector<std::string>& arguments);
int report_verb(const std::vector<std::string>& arguments);
int import_verb(const std::vector<std::string>& arguments);
int export_verb(const std::vector<std::string>& arguments);
int zoo_verb(const std::vector<std::string>& arguments);
int make_weights_verb(const std::vector<std::string>& arguments);
int schema_verb(const std::vector<std::string>& arguments);
int encodings_verb(const std::vector<std::string>& arguments);
int sensitivity_verb(const std::vector<std::string>& arguments);
int list_verb(const std::vector<std::string>& arguments);
int version_verb(const std::vector<std::string>& arguments);

}  // namespace qeval
