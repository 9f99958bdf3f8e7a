#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "jobs/compare/stored_baseline.h"
#include "jobs/run/stored_content.h"
#include "pipeline/base/errors.h"
#include "storage/queries.h"
#include "storage/wilson.h"
#include "tools/qeval/commands/database_path.h"
#include "tools/qeval/commands/options.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/comparison_text.h"
#include "tools/qeval/text/encodings_table.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/text/text_table.h"

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
  out("ties       {} images have several best classes, {} of them count as right: torch.topk's order chose\n",
      ties.images, ties.right);
}

void print_not_finite(const NotFiniteRows& rows) {
  if (rows.images > 0) out("not finite {} images: {}\n", rows.images, rows.explanation);
}

/// Of a run that has a baseline among the stored ones.
void print_drop(Queries& queries, const RunRecord& run) {
  const auto baseline = stored_baseline(queries.runs(), run);
  if (!baseline) return;
  const Comparison comparison = compare(queries.paired_rows(baseline->id, run.id));
  write_out(drop_text("drop       " + run.variant, fmt::format("{} ({})", baseline->variant, baseline->name),
                      comparison, usual_alpha));
}

void print_summary(Queries& queries, const RunRecord& run) {
  out("run        {} ({}), {}\njob        {}, {}\nmodel      {}, {}{}\n"
      "data       {}, {} of {} images, batch {}\n",
      run.name, run.variant, run.state, run.job_name, run.job_path, run.arch, run.precision,
      run.mode.empty() ? "" : ", " + run.mode + " numerics", run.dataset, run.n_done, run.n_total, run.batch_size);
  if (const auto changes = run.key_components.find("changes"); changes != run.key_components.end())
    out("network    {}\n", changes->second);
  if (run.repeats != 0) out("repeats    {}\n", run.repeats_name);
  out("executor   {} on {}\ntop-1      {}\ntop-5      {}\n", run.executor, run.device,
      accuracy_text(run.n_correct1, run), accuracy_text(run.n_correct5, run));
  print_drop(queries, run);
  print_ties(queries.ties(run.id));
  out("failed     {}\n", run.n_failed);
  print_not_finite(queries.not_finite(run.id));
  out("time       {:.1f} s over all attempts{}, created {}, finished {}\n", run.active_s, partial_text(run),
      run.created_at, run.finished_at.empty() ? "-" : run.finished_at);
  if (!run.error.empty()) write_out("error      " + run.error + "\n");
  out("eval key   {}\ncontent    {}\n", run.eval_key, queries.content_hash(run.id));
}

void print_sections(Queries& queries, const RunRecord& run) {
  write_out("\nattempts\n" + format_table(queries.attempts(run.id), TableFormat::text));
  Table keys{{"component", "value"}, {}};
  for (const auto& [name, value] : run.key_components) keys.rows.push_back({name, value});
  write_out("\nkey components\n" + format_table(keys, TableFormat::text));
  const Table failed = queries.failed_images(run.id);
  if (!failed.rows.empty()) write_out("\nfailed images\n" + format_table(failed, TableFormat::text));
}

Table predictions_table(Queries& queries, const RunRecord& run) {
  Table table;
  table.columns = {"ordinal", "label", "top1", "top2", "top3", "top4", "top5", "probability", "margin", "status"};
  for (const PredictionRecord& p : queries.predictions(run.id)) {
    std::vector<Cell> row{p.ordinal, p.label};
    for (const int top : p.top) row.push_back(top < 0 ? Cell() : Cell(top));
    const bool failed = p.status != "ok";
    row.push_back(failed ? Cell() : Cell(p.probability));
    row.push_back(failed ? Cell() : Cell(p.margin));
    row.push_back(p.status);
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

int show_verb(const std::vector<std::string>& arguments) {
  Options options("show RUN [options]   (RUN: a name, a unique prefix of one, @last, @2 …)");
  options.positional("run", 1);
  options.flag("encodings", "print the run's encodings instead")
      .flag("predictions", "print one row per image instead")
      .flag("job", "print the job as it was resolved")
      .value("format", "F", "of tables: table, csv, json, jsonl or md")
      .value("db", "FILE", "results database");
  if (!options.parse(arguments)) return 0;
  if (!options.given("run")) throw UsageError("show: which run? `qeval history` lists them, @last is the newest");

  const TableFormat format = parse_table_format(options.text("format", "table"));
  const auto queries = Queries::open(database_path(options.text("db")));
  queries->hold();
  const RunRecord run = queries->run(options.list("run").front());
  require_whole_key(queries->file(), "run " + run.name, run.eval_key, run.key_components);
  if (options.given("encodings")) {
    write_out(format_table(encodings_table(queries->encodings(run.id)), format));
  } else if (options.given("predictions")) {
    write_out(format_table(predictions_table(*queries, run), format));
  } else if (options.given("job")) {
    write_out(nlohmann::ordered_json::parse(run.resolved_json).dump(2, ' ', true) + "\n");
  } else {
    print_summary(*queries, run);
    print_sections(*queries, run);
  }
  return 0;
}

}  // namespace qeval
