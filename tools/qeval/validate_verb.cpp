#include "tools/qeval/job_arguments.h"
#include "tools/qeval/read_job.h"
#include "tools/qeval/terminal.h"
#include "tools/qeval/verb.h"

namespace qeval {

int validate_verb(const std::vector<std::string>& arguments) {
  Options options("validate JOB…");
  options.positional("job", -1);
  options.values("set", "PATH=VALUE", "change a field of the job first (repeatable)");
  if (!options.parse(arguments)) return 0;
  if (!options.given("job")) throw UsageError("validate: which job files? (usage: qeval validate JOB…)");

  int code = 0;
  JobOverrides overrides;
  for (const std::string& text : options.list("set")) overrides.set.push_back(split_assignment(text));
  for (const std::string& file : options.list("job")) {
    try {
      const JobSpec job = read_job(file, overrides);
      out("{}: ok, {} variant{}\n", file, job.variants.size(), job.variants.size() == 1 ? "" : "s");
    } catch (const UsageError& error) {
      write_err(std::string(error.what()) + "\n");
      code = static_cast<int>(ExitCode::usage);
    }
  }
  return code;
}

}  // namespace qeval
