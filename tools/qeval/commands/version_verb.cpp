#include "jobs/run/version.h"
#include "tools/qeval/commands/options.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {

int version_verb(const std::vector<std::string>& arguments) {
  Options options("version");
  if (!options.parse(arguments)) return 0;
  out("qeval {}\n", tool_version);
  return 0;
}

}  // namespace qeval
