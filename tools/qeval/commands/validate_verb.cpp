#include "jobs/prepare/job_check.h"
#include "tools/qeval/commands/job_arguments.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/left_out_text.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {
namespace {

constexpr const char* more_help =
    "\nChecks job files and all that they name but images; every complaint with its\n"
    "place, all at once. Exit codes: 0 all are right, 2 a job file is wrong (whatever\n"
    "else is), 3 only inputs are missing, unreadable or do not fit.\n";

/// A wrong job file counts more than a missing input, whichever file of several it is.
int worse_of(int before, ExitCode now) {
  return before == static_cast<int>(ExitCode::usage) ? before : static_cast<int>(now);
}

}  // namespace

int validate_verb(const std::vector<std::string>& arguments) {
  Options options("validate JOB…");
  options.positional("job", -1);
  options.values("set", "PATH=VALUE", "change a field of the job first (repeatable)");
  if (!options.parse(arguments)) {
    write_out(more_help);
    return 0;
  }
  if (!options.given("job")) throw UsageError("validate: which job files? (usage: qeval validate JOB…)");

  int code = 0;
  JobOverrides overrides;
  for (const std::string& text : options.list("set")) overrides.set.push_back(split_assignment(text));
  for (const std::string& file : options.list("job")) {
    try {
      const JobSpec job = read_job(file, overrides);
      check_variants(job);
      out("{}: ok, {} variant{}\n", file, job.variants.size(), job.variants.size() == 1 ? "" : "s");
      write_out(left_out_text(job));
    } catch (const Error& error) {
      if (error.code() != ExitCode::usage && error.code() != ExitCode::input) throw;
      write_err(std::string(error.what()) + "\n");
      code = worse_of(code, error.code());
    }
  }
  return code;
}

}  // namespace qeval
