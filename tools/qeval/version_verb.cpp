#include "tools/qeval/options.h"
#include "tools/qeval/terminal.h"
#include "tools/qeval/verb.h"
#include "tools/qeval/version.h"

namespace qeval {

int version_verb(const std::vector<std::string>& arguments) {
  Options options("version");
  if (!options.parse(arguments)) return 0;
  out("qeval {}\n", k_version);
  return 0;
}

}  // namespace qeval
