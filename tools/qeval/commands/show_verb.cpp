#include <fmt/core.h>

#include "jobs/compare/stored_baseline.h"
#include "pipeline/base/errors.h"
#include "storage/queries.h"
#include "storage/wilson.h"
#include "tools/qeval/commands/database_path.h"
#include "tools/qeval/commands/options.h"
#include "tools/qeval/commands/stored_job_text.h"
#include "tools/qeval/commands/stored_runs.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/comparison_text.h"
#include "tools/qeval/text/encodings_table.h"
#include "tools/qeval/text/identity_text.h"
#include "tools/qeval/text/run_tables.h"
#include "tools/qeval/text/table_output.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/text/time_text.h"
#include "tools/qeval/text/wrapped_text.h"

namespace qeval {
namespace {

/// Behind figures of a run that is not through.
const char* partial_text(const RunRecord& run) { return run.n_done < run.n_total ? ", so far" : ""; }

std::string accuracy_text(std::int64_t correct, const RunRecord& run) {
  if (run.n_done == 0) return "-";
  const auto [low, high] = wilson_interval(correct, run.n_done);
  return fmt::format("{:.3f} % ({:.2f}–{:.2f}), {} of {}{}",
                     100.0 * static_cast<double>(correct) / static_cast<double>(run.n_done), 100 * low, 100 * high,
                     correct, run.n_done, partial_text(run));
}

/// Codes of 8 bits often share the largest value between classes.
void print_ties(const Ties& ties) {
  if (ties.images == 0) return;
  write_out(wrapped(fmt::format("ties       {} images have several best classes, {} of them count as right: "
                                "torch.topk's order chose",
                                ties.images, ties.right),
                    11));
}

void print_not_finite(const NotFiniteRows& rows) {
  if (rows.images > 0) out("not finite {} images: {}\n", rows.images, rows.explanation);
}

/// Of a run that has a baseline among the stored ones.
void print_drop(Queries& queries, const RunRecord& run, const RunOutcomes& outcomes) {
  const auto baseline = stored_baseline(queries.runs(), run);
  if (!baseline) return;
  const Comparison comparison = compare(queries.paired_rows(queries.outcomes(baseline->id), outcomes));
  const std::string other = fmt::format("{} ({})", baseline->variant, baseline->name);
  write_out(wrapped("drop       " + drop_sentence(run.variant, other, comparison, usual_alpha), 11));
}

void print_summary(Queries& queries, const RunRecord& run) {
  const RunContent content = queries.content(run.id);
  out("run        {} ({}), {}\njob        {}, {}\nmodel      {}, {}{}\n"
      "data       {}, {} of {} images, batch {}\n",
      run.name, run.variant, run_state_word(run.state), run.job_name, run.job_path, run.arch, run.precision,
      run.mode.empty() ? "" : ", as " + run.mode, run.dataset, run.n_done, run.n_total, run.batch_size);
  if (const auto changes = run.key_components.find("changes"); changes != run.key_components.end())
    out("network    {}\n", changes->second);
  if (run.repeats != 0) out("repeats    {}\n", run.repeats_name);
  out("executor   {} on {}\ntop-1      {}\ntop-5      {}\n", run.executor, run.device,
      accuracy_text(run.n_correct1, run), accuracy_text(run.n_correct5, run));
  print_drop(queries, run, content.outcomes);
  print_ties(ties_of(content.outcomes));
  out("failed     {}\n", run.n_failed);
  print_not_finite(queries.not_finite(run.id));
  out("time       {:.1f} s over all attempts{}\ncreated    {}\nfinished   {}\n", run.active_s, partial_text(run),
      local_time_text(run.created_at), run.finished_at.empty() ? "-" : local_time_text(run.finished_at));
  if (!run.error.empty()) write_out("error      " + run.error + "\n");
  out("key        {}\ncontent    {}\n", run.eval_key, content.hash);
}

/// Of the columns whose names say that they hold times.
Table with_local_times(Table table) {
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (!table.columns[c].ends_with("_at")) continue;
    for (auto& row : table.rows)
      if (!row[c].is_null()) row[c] = local_time_text(row[c].text());
  }
  return table;
}

void print_sections(Queries& queries, const RunRecord& run) {
  write_out("\nattempts\n");
  print_table(with_local_times(queries.attempts(run.id)), TableFormat::text,
              {"argv", "device", "pid", "host", "ended_at"});
  Table keys{{"component", "value"}, {}};
  for (const auto& [name, value] : run.key_components) keys.rows.push_back({name, breakable_text(value)});
  write_out("\nkey components\n");
  print_table(keys, TableFormat::text);
  const Table failed = queries.failed_images(run.id);
  if (failed.rows.empty()) return;
  write_out("\nfailed images\n");
  print_table(failed, TableFormat::text);
}

void print_calibration(Queries& queries, const RunRecord& run, TableFormat format) {
  const Identity identity = stored_identity(stored_inputs(queries), run);
  if (!identity.calibration) err("note: {} has no encodings that were computed from images\n", run.name);
  print_table(images_table(identity.calibration ? identity.calibration() : std::vector<SampleRecord>()), format);
}

RunRows rows_of(Queries& queries, const RunRecord& run) {
  return {queries.predictions(run.id), queries.images(run.id), queries.class_names(run.id)};
}

/// The part of a run that an option names, and how it is printed.
struct Section {
  const char* option;
  const char* help;
  void (*print)(Queries& queries, const RunRecord& run, TableFormat format);
};

const std::vector<Section>& sections() {
  static const std::vector<Section> all{
      {"predictions", "one row per image, with file and classes",
       [](Queries& q, const RunRecord& r, TableFormat f) { print_table(predictions_table(rows_of(q, r), f), f); }},
      {"classes", "one row per class, with its scores",
       [](Queries& q, const RunRecord& r, TableFormat f) { print_table(class_scores_table(rows_of(q, r), f), f); }},
      {"layers", "one row per quantizer: layer, bits, range, scale",
       [](Queries& q, const RunRecord& r, TableFormat f) {
         print_table(layers_table(q.encodings(r.id), f), f, {"encodings", "scale"});
       }},
      {"encodings", "every encoding in full",
       [](Queries& q, const RunRecord& r, TableFormat f) { print_table(encodings_table(q.encodings(r.id)), f); }},
      {"calibration", "the images that its encodings were computed from", print_calibration},
      {"env", "program, device, versions of libraries, processor, hosts",
       [](Queries& q, const RunRecord& r, TableFormat f) { print_table(environment_table(r, q.attempts(r.id)), f); }},
      {"job", "the job with all it implied, as YAML that can be run again (or --format json)",
       [](Queries&, const RunRecord& r, TableFormat f) {
         write_data(f == TableFormat::json ? stored_job_json(r) : stored_job_yaml(r));
       }},
  };
  return all;
}

/// The one that was asked for; null if none was.
const Section* chosen_section(const Options& options) {
  const Section* chosen = nullptr;
  for (const Section& section : sections()) {
    if (!options.given(section.option)) continue;
    if (chosen) throw UsageError(fmt::format("show: --{} or --{}? ask for one", chosen->option, section.option));
    chosen = &section;
  }
  return chosen;
}

}  // namespace

int show_verb(const std::vector<std::string>& arguments) {
  Options options("show RUN [options]   (RUN: a name, its first letters, @last, @2)");
  options.positional("run", 1);
  for (const Section& section : sections()) options.flag(section.option, section.help);
  options.value("format", "F", "of tables: table, csv, json, jsonl or md").value("db", "FILE", "results database");
  if (!options.parse(arguments)) return 0;
  if (!options.given("run")) throw UsageError("show: which run? `qeval history` lists them, @last is the newest");

  const Section* section = chosen_section(options);
  const TableFormat format = parse_table_format(options.text("format", "table"));
  const auto queries = Queries::open(database_path(options.text("db")));
  queries->hold();
  const std::string reference = options.list("run").front();
  const RunRecord run = section ? whole_run(*queries, reference) : named_run(*queries, reference);
  if (section) {
    section->print(*queries, run, format);
  } else {
    print_summary(*queries, run);
    print_sections(*queries, run);
  }
  return 0;
}

}  // namespace qeval
