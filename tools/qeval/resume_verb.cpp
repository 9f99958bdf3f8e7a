#include <fmt/core.h>

#include "pipeline/errors.h"
#include "storage/queries.h"
#include "tools/qeval/database_path.h"
#include "tools/qeval/job_arguments.h"
#include "tools/qeval/run_job.h"
#include "tools/qeval/verb.h"

namespace qeval {
namespace {

/// The newest run that is not finished.
RunRecord latest_unfinished(Queries& queries) {
  for (const RunRecord& run : queries.runs())
    if (run.state == "interrupted" || run.state == "failed" || run.state == "running") return run;
  throw UsageError("nothing to resume: every run is finished");
}

}  // namespace

int resume_verb(const std::vector<std::string>& arguments) {
  Options options("resume [RUN] [options]");
  options.positional("run", 1);
  declare_output_options(options);
  if (!options.parse(arguments)) return 0;

  RunJobOptions run_options;
  run_options.database = database_path(options.text("db"));
  run_options.progress = progress_mode(options);
  RunRecord run;
  {
    const auto queries = Queries::open(run_options.database);
    run = options.given("run") ? queries->run(options.list("run").front()) : latest_unfinished(*queries);
  }
  const JobArguments job_args = JobArguments::from_json(run.overrides_json);
  run_options.limit = job_args.limit;
  run_options.overrides_json = run.overrides_json;
  // The resolved job is a job file itself, with variables expanded: the environment of the first attempt is not needed.
  const JobSpec job = parse_job_text(run.resolved_json, run.job_path);
  run_options.resumed = run;
  fmt::print(stderr, "{} ({}): {} done, {} left\n", run.name, run.variant, run.n_done, run.n_total - run.n_done);
  const JobResult result = run_job(job, run_options);
  print_job_result(result);
  return result.exit_code;
}

}  // namespace qeval
