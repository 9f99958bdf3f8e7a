#include "jobs/language/pattern.h"

#include <regex.h>

#include <map>
#include <mutex>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

class CompiledPattern {
 public:
  explicit CompiledPattern(const std::string& pattern) {
    if (regcomp(&compiled_, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
      throw InternalError("'" + pattern + "' is not a regular expression");
    }
  }
  ~CompiledPattern() { regfree(&compiled_); }
  CompiledPattern(const CompiledPattern&) = delete;
  CompiledPattern& operator=(const CompiledPattern&) = delete;

  bool found_in(const std::string& text) const { return regexec(&compiled_, text.c_str(), 0, nullptr, 0) == 0; }

 private:
  regex_t compiled_;
};

}  // namespace

bool pattern_found(const std::string& pattern, const std::string& text) {
  static std::mutex mutex;
  static std::map<std::string, CompiledPattern> table;
  const std::lock_guard lock(mutex);
  return table.try_emplace(pattern, pattern).first->second.found_in(text);
}

}  // namespace qeval
