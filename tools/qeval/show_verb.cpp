#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "pipeline/errors.h"
#include "storage/queries.h"
#include "storage/wilson.h"
#include "tools/qeval/database_path.h"
#include "tools/qeval/encodings_table.h"
#include "tools/qeval/options.h"
#include "tools/qeval/text_table.h"
#include "tools/qeval/verb.h"

namespace qeval {
namespace {

std::string accuracy_text(std::int64_t correct, std::int64_t total) {
  if (total == 0) return "-";
  const auto [low, high] = wilson_interval(correct, total);
  return fmt::format("{:.3f} % ({:.2f}–{:.2f}), {} of {}",
                     100.0 * static_cast<double>(correct) / static_cast<double>(total), 100 * low, 100 * high, correct,
                     total);
}

/// Codes of 8 bits often share the largest value between classes.
std::string ties_text(const Ties& ties) {
  if (ties.images == 0) return "";
  return fmt::format("ties       {} images have several best classes, {} of them count as right: torch.topk's order "
                     "chose\n",
                     ties.images, ties.right);
}

std::string not_finite_text(const NotFiniteRows& rows) {
  return rows.images == 0 ? "" : fmt::format("not finite {} images: {}\n", rows.images, rows.explanation);
}

void print_summary(Queries& queries, const RunRecord& run) {
  fmt::print("run        {} ({}), {}\njob        {}, {}\nmodel      {}, {}{}\n"
             "data       {}, {} of {} images, batch {}\n",
             run.name, run.variant, run.state, run.job_name, run.job_path, run.arch, run.precision,
             run.mode.empty() ? "" : ", " + run.mode + " numerics", run.dataset, run.n_done, run.n_total,
             run.batch_size);
  if (const auto changes = run.key_components.find("changes"); changes != run.key_components.end())
    fmt::print("network    {}\n", changes->second);
  fmt::print("executor   {} on {}\ntop-1      {}\ntop-5      {}\n{}failed     {}\n", run.executor, run.device,
             accuracy_text(run.n_correct1, run.n_done), accuracy_text(run.n_correct5, run.n_done),
             ties_text(queries.ties(run.id)), run.n_failed);
  fmt::print("{}", not_finite_text(queries.not_finite(run.id)));
  fmt::print("time       {:.1f} s over all attempts, created {}, finished {}\n", run.active_s, run.created_at,
             run.finished_at.empty() ? "-" : run.finished_at);
  if (!run.error.empty()) fmt::print("error      {}\n", run.error);
  fmt::print("eval key   {}\ncontent    {}\n", run.eval_key, queries.content_hash(run.id));
}

void print_sections(Queries& queries, const RunRecord& run) {
  fmt::print("\nattempts\n{}", format_table(queries.attempts(run.id), TableFormat::text));
  Table keys{{"component", "value"}, {}};
  for (const auto& [name, value] : run.key_components) keys.rows.push_back({name, value});
  fmt::print("\nkey components\n{}", format_table(keys, TableFormat::text));
  const Table failed = queries.failed_images(run.id);
  if (!failed.rows.empty()) fmt::print("\nfailed images\n{}", format_table(failed, TableFormat::text));
}

Table predictions_table(Queries& queries, const RunRecord& run) {
  Table table;
  table.columns = {"ordinal", "label", "top1", "top2", "top3", "top4", "top5", "probability", "margin", "status"};
  for (const PredictionRecord& p : queries.predictions(run.id)) {
    std::vector<std::string> row{std::to_string(p.ordinal), std::to_string(p.label)};
    for (const int top : p.top) row.push_back(top < 0 ? "" : std::to_string(top));
    row.push_back(fmt::format("{}", p.probability));
    row.push_back(fmt::format("{}", p.margin));
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
      .value("format", "F", "of tables: table, csv, json or md")
      .value("db", "FILE", "results database");
  if (!options.parse(arguments)) return 0;
  if (!options.given("run")) throw UsageError("show: which run? `qeval history` lists them, @last is the newest");

  const TableFormat format = parse_table_format(options.text("format", "table"));
  const auto database = database_path(options.text("db"));
  if (!std::filesystem::exists(database))
    throw InputError(database.string() + ": no results database there yet; --db names another");
  const auto queries = Queries::open(database);
  const RunRecord run = queries->run(options.list("run").front());
  if (options.given("encodings")) {
    fmt::print("{}", format_table(encodings_table(queries->encodings(run.id)), format));
  } else if (options.given("predictions")) {
    fmt::print("{}", format_table(predictions_table(*queries, run), format));
  } else if (options.given("job")) {
    fmt::print("{}\n", nlohmann::ordered_json::parse(run.resolved_json).dump(2));
  } else {
    print_summary(*queries, run);
    print_sections(*queries, run);
  }
  return 0;
}

}  // namespace qeval
