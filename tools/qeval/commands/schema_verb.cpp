#include "jobs/language/job_documents.h"
#include "tools/qeval/commands/options.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {

int schema_verb(const std::vector<std::string>& arguments) {
  Options options("schema");
  if (!options.parse(arguments)) return 0;
  write_data(job_schema());
  return 0;
}

}  // namespace qeval
