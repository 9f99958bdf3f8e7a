#include <algorithm>

#include "jobs/run/run_job.h"
#include "jobs/run/stored_content.h"
#include "pipeline/base/errors.h"
#include "storage/queries.h"
#include "tools/qeval/commands/database_path.h"
#include "tools/qeval/commands/job_arguments.h"
#include "tools/qeval/commands/job_session.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/job_result_table.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {
namespace {

/// The run that was named, or the latest unfinished one, if there is any. Closes the reader again: a run that goes on
/// may need the file for itself.
std::optional<RunRecord> chosen_run(const Options& options, const std::filesystem::path& database) {
  const auto queries = Queries::open(database);
  return options.given("run") ? queries->run(options.list("run").front()) : queries->latest_unfinished();
}

/// Only who types it may name an output outside the job file's folder, and the stored job no longer tells who did.
bool named_output(const JobOverrides& first) {
  return std::any_of(first.set.begin(), first.set.end(), [](const auto& assignment) {
    return assignment.first == "output" || assignment.first.starts_with("output.");
  });
}

/// The environment and the job file of the first attempt are not needed.
JobSpec stored_job(const RunRecord& run, const JobArguments& first) {
  return parse_stored_job({.resolved_json = run.resolved_json,
                           .file = run.job_path,
                           .shown_as = run.job_path + " as stored with " + run.name,
                           .output_anywhere = named_output(first.overrides)});
}

}  // namespace

int resume_verb(const std::vector<std::string>& arguments) {
  Options options("resume [RUN] [options]");
  options.positional("run", 1);
  declare_output_options(options);
  if (!options.parse(arguments)) return 0;

  const auto database = database_path(options.text("db"));
  const auto chosen = chosen_run(options, database);
  if (!chosen) {
    err("nothing to resume: no run in {} is unfinished\n", database.string());
    return 0;
  }
  const RunRecord& run = *chosen;
  if (run.executor == imported_executor)
    throw UsageError(run.name + " was imported: there is nothing to compute; resume runs that were begun here");
  require_whole_key(database, "run " + run.name, run.eval_key, run.key_components);
  const Telling telling = telling_of(options);
  const JobArguments job_args = JobArguments::from_json(run.overrides_json, database);
  RunJobOptions run_options = run_job_options(options, job_args);
  const JobSpec job = stored_job(run, job_args);
  run_options.resumed = run;
  err("{} ({}): {} done, {} left\n", run.name, run.variant, run.n_done, run.n_total - run.n_done);
  const JobResult result = run_in_session(job, run_options, telling);
  print_job_result(result);
  return result.exit_code;
}

}  // namespace qeval
