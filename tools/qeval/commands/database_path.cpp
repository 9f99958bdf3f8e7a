#include "tools/qeval/commands/database_path.h"

#include <cstdlib>

#include "pipeline/base/errors.h"

namespace qeval {
namespace fs = std::filesystem;
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

fs::path nearest_upward(const fs::path& start) {
  for (fs::path folder = start;; folder = folder.parent_path()) {
    if (fs::exists(folder / ".qeval" / "results.db")) return folder / ".qeval" / "results.db";
    if (folder == folder.parent_path()) return {};
  }
}

}  // namespace

fs::path database_path(const std::string& option) {
  if (!option.empty()) return option;
  if (const std::string variable = environment("QEVAL_DB"); !variable.empty()) return variable;
  if (const fs::path nearest = nearest_upward(fs::current_path()); !nearest.empty()) return nearest;
  if (const std::string data = environment("XDG_DATA_HOME"); !data.empty()) return fs::path(data) / "qeval/results.db";
  if (const std::string home = environment("HOME"); !home.empty())
    return fs::path(home) / ".local/share/qeval/results.db";
  throw UsageError("no place for results: HOME is not set; give --db FILE or set QEVAL_DB");
}

}  // namespace qeval
