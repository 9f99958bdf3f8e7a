#include "jobs/prepare/job_check.h"
#include "pipeline/base/errors.h"
#include "tools/qeval/commands/database_path.h"
#include "tools/qeval/commands/job_arguments.h"
#include "tools/qeval/commands/planned_variants.h"
#include "tools/qeval/commands/stored_runs.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/identity_text.h"
#include "tools/qeval/text/table_output.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/text/text_table.h"

namespace qeval {
namespace {

constexpr const char* explain_usage = "explain RUN [--against RUN2] [options]";

void print_identity(const RunRecord& run, const Identity& identity) {
  out("{} ({}), {}\nits key {}\n", run.name, run.variant, run_state_word(run.state), run.eval_key);
  write_out(components_text(identity));
}

/// The job file as it is now, with what the command line changed when the run began.
std::vector<InputChange> changes_since(const Identity& before, const RunRecord& run, const std::string& database) {
  JobArguments arguments = JobArguments::from_json(run.overrides_json, database);
  arguments.overrides.only_variants = {run.variant};
  const JobSpec job = read_job(run.job_path, arguments.overrides);
  const std::vector<PreparedVariant> variants = planned_variants(job, arguments.limit);
  return changed_inputs(before, present_identity(job, variants.front()));
}

/// What the run has become in its job's eyes; that this cannot be told is no error of explain.
void print_changes_since(const Identity& before, const RunRecord& run, const std::string& database) {
  if (run.executor == imported_executor) return out("it was imported: no job computes it\n");
  try {
    const std::vector<InputChange> changes = changes_since(before, run, database);
    out("changed since in {}, and in what it names\n", run.job_path);
    write_out(changes_text(changes));
  } catch (const Error& error) {
    write_out("what has changed since is not known: " + std::string(error.what()) + "\n");
  }
}

void print_against(const RunRecord& run, const RunRecord& other, const std::vector<InputChange>& changes) {
  if (changes.empty()) return out("{} and {} have the same key {}\n", run.name, other.name, run.eval_key);
  out("{} ({}) → {} ({})\n", run.name, run.variant, other.name, other.variant);
  write_out(changes_text(changes));
}

}  // namespace

int explain_verb(const std::vector<std::string>& arguments) {
  Options options(explain_usage);
  options.positional("run", 1);
  options.value("against", "RUN2", "in what the identities of the two differ, instead of what RUN's consists of")
      .value("format", "F", "table, csv, json, jsonl or md")
      .value("db", "FILE", "results database");
  if (!options.parse(arguments)) return 0;
  if (!options.given("run")) throw UsageError("explain: which run? `qeval history` lists them, @last is the newest");
  const TableFormat format = parse_table_format(options.text("format", "table"));
  const auto database = database_path(options.text("db"));
  const auto queries = Queries::open(database);
  const RunRecord run = whole_run(*queries, options.list("run").front());
  const StoredInputs stored = stored_inputs(*queries);
  const Identity identity = stored_identity(stored, run);
  if (options.given("against")) {
    const RunRecord other = whole_run(*queries, options.text("against"));
    const auto changes = changed_inputs(identity, stored_identity(stored, other));
    if (format == TableFormat::text) {
      print_against(run, other, changes);
    } else {
      print_table(changes_table(changes), format);
    }
  } else if (format == TableFormat::text) {
    print_identity(run, identity);
    print_changes_since(identity, run, database.string());
  } else {
    print_table(components_table(identity), format);
  }
  return 0;
}

}  // namespace qeval
