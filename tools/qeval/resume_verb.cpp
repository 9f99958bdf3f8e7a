#include <fmt/core.h>

#include "pipeline/errors.h"
#include "storage/queries.h"
#include "tools/qeval/database_path.h"
#include "tools/qeval/job_arguments.h"
#include "tools/qeval/run_job.h"
#include "tools/qeval/stored_content.h"
#include "tools/qeval/verb.h"

namespace qeval {
namespace {

RunRecord latest_unfinished(Queries& queries, const std::filesystem::path& database) {
  if (const auto run = queries.latest_unfinished()) return *run;
  throw UsageError("nothing to resume: every run in " + database.string() +
                   " is finished; name a run to look at it again, or --db for another database");
}

/// Closes the reader again: a run that goes on may need the file for itself.
RunRecord chosen_run(const Options& options) {
  const auto database = database_path(options.text("db"));
  const auto queries = Queries::open(database);
  return options.given("run") ? queries->run(options.list("run").front()) : latest_unfinished(*queries, database);
}

/// Only who types it may name an output outside the job file's folder, and the resolved job no longer tells who did.
JobOverrides output_overrides(const JobArguments& first) {
  JobOverrides overrides;
  for (const auto& [path, value] : first.overrides.set)
    if (path == "output" || path.starts_with("output.")) overrides.set.emplace_back(path, value);
  return overrides;
}

}  // namespace

int resume_verb(const std::vector<std::string>& arguments) {
  Options options("resume [RUN] [options]");
  options.positional("run", 1);
  declare_output_options(options);
  if (!options.parse(arguments)) return 0;

  const RunRecord run = chosen_run(options);
  require_whole_key("run " + run.name, run.eval_key, run.key_components);
  const JobArguments job_args = JobArguments::from_json(run.overrides_json);
  RunJobOptions run_options = run_job_options(options, job_args);
  // The resolved job is a job file itself, with variables expanded: the environment of the first attempt is not needed.
  const JobSpec job = parse_job_text(run.resolved_json, run.job_path, output_overrides(job_args));
  run_options.resumed = run;
  fmt::print(stderr, "{} ({}): {} done, {} left\n", run.name, run.variant, run.n_done, run.n_total - run.n_done);
  const JobResult result = run_job(job, run_options);
  print_job_result(result);
  return result.exit_code;
}

}  // namespace qeval
