#include "jobs/prepare/job_check.h"
#include "jobs/run/sensitivity_prediction.h"
#include "pipeline/base/errors.h"
#include "tools/qeval/commands/job_arguments.h"
#include "tools/qeval/commands/job_session.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/left_out_text.h"
#include "tools/qeval/text/sensitivity_table.h"
#include "tools/qeval/text/table_output.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/text/text_table.h"

namespace qeval {

int sensitivity_verb(const std::vector<std::string>& arguments) {
  Options options("sensitivity JOB [options]");
  options.positional("job", 1);
  declare_job_options(options);
  declare_output_options(options);
  options.value("mode", "M", "only-one-on (default): each layer's quantizers alone; all-but-one: all others")
      .value("format", "F", "table, csv, json, jsonl or md");
  if (!options.parse(arguments)) return 0;
  if (!options.given("job")) throw UsageError("sensitivity: which job file? (usage: qeval sensitivity JOB [options])");

  const SensitivityMode mode = parse_sensitivity_mode(options.text("mode", "only-one-on"));
  const TableFormat format = parse_table_format(options.text("format", "table"));
  const Telling telling = telling_of(options);
  const JobArguments job_args = job_arguments(options);
  const JobSpec job = read_job(options.list("job").front(), job_args.overrides);
  write_err(left_out_text(job));
  const RunJobOptions run_options = run_job_options(options, job_args);
  const JobSession session(run_options.database, telling);
  const SensitivityResult result = measure_sensitivity(job, run_options, mode, session.context());
  if (result.exit_code != 0) return result.exit_code;
  print_table(sensitivity_table(result, format), format);
  if (const auto worst = predict_without_worst(result, worst_modules))
    err("to try what is predicted without the worst: quantization.disable: [{}]\n", visible_names(worst->modules));
  return 0;
}

}  // namespace qeval
