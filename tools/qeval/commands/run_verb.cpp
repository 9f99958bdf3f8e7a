#include "jobs/prepare/job_check.h"
#include "jobs/run/run_job.h"
#include "pipeline/base/errors.h"
#include "tools/qeval/commands/job_arguments.h"
#include "tools/qeval/commands/job_session.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/job_result_table.h"
#include "tools/qeval/text/left_out_text.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {

int run_verb(const std::vector<std::string>& arguments) {
  Options options("run JOB [options]");
  options.positional("job", 1);
  declare_job_options(options);
  declare_output_options(options);
  options.flag("again", "compute what is finished once more and compare the content hashes")
      .value("format", "F", "of the result: table, csv, json, jsonl or md, a row per variant, shares and exact counts");
  if (!options.parse(arguments)) return 0;
  if (!options.given("job")) throw UsageError("run: which job file? (usage: qeval run JOB [options])");

  const TableFormat format = parse_table_format(options.text("format", "table"));
  const Telling telling = telling_of(options);
  const JobArguments job_args = job_arguments(options);
  const JobSpec job = read_job(options.list("job").front(), job_args.overrides);
  write_err(left_out_text(job));
  RunJobOptions run_options = run_job_options(options, job_args);
  run_options.again = options.given("again");
  const JobResult result = run_in_session(job, run_options, telling);
  print_job_result(result, format);
  if (format == TableFormat::text) write_out(left_out_text(job));
  return result.exit_code;
}

}  // namespace qeval
