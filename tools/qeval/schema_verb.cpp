#include "jobs/language/job_documents.h"
#include "tools/qeval/options.h"
#include "tools/qeval/terminal.h"
#include "tools/qeval/verb.h"

namespace qeval {

int schema_verb(const std::vector<std::string>& arguments) {
  Options options("schema");
  if (!options.parse(arguments)) return 0;
  write_out(job_schema());
  return 0;
}

}  // namespace qeval
