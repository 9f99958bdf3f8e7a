#include "tools/qeval/commands/whole_run.h"

#include "jobs/run/stored_content.h"

namespace qeval {

RunRecord whole_run(Queries& queries, const std::string& reference) {
  RunRecord run = queries.run(reference);
  require_whole_key(queries.file(), "run " + run.name, run.eval_key, run.key_components);
  return run;
}

}  // namespace qeval
