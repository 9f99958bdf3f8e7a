// schema, list and version: one line of output each, nothing to compute.
#include <fmt/core.h>

#include "jobs/job_documents.h"
#include "pipeline/errors.h"
#include "stages/model/arch.h"
#include "tools/qeval/options.h"
#include "tools/qeval/verb.h"
#include "tools/qeval/version.h"

namespace qeval {

int schema_verb(const std::vector<std::string>& arguments) {
  Options options("schema");
  if (!options.parse(arguments)) return 0;
  fmt::print("{}", job_schema());
  return 0;
}

int list_verb(const std::vector<std::string>& arguments) {
  Options options("list archs");
  options.positional("what", 1);
  if (!options.parse(arguments)) return 0;
  if (options.list("what") != std::vector<std::string>{"archs"}) throw UsageError("usage: qeval list archs");
  for (const std::string& name : arch_names()) fmt::print("{}\n", name);
  return 0;
}

int version_verb(const std::vector<std::string>& arguments) {
  Options options("version");
  if (!options.parse(arguments)) return 0;
  fmt::print("qeval {}\n", k_version);
  return 0;
}

}  // namespace qeval
