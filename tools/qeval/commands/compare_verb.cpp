#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>

#include <fmt/core.h>

#include "pipeline/base/did_you_mean.h"
#include "pipeline/base/errors.h"
#include "storage/queries.h"
#include "tools/qeval/commands/database_path.h"
#include "tools/qeval/commands/options.h"
#include "tools/qeval/commands/stored_runs.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/comparison_tables.h"
#include "tools/qeval/text/comparison_text.h"
#include "tools/qeval/text/identity_text.h"
#include "tools/qeval/text/locale_text.h"
#include "tools/qeval/text/number_text.h"
#include "tools/qeval/text/table_output.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/text/wrapped_text.h"

namespace qeval {
namespace {

constexpr const char* compare_usage = "compare A B [C…] [options]";
constexpr std::int64_t list_rows_shown = 20;
constexpr std::size_t hurt_classes_shown = 5;

struct Request {
  TableFormat format = TableFormat::text;
  double alpha = usual_alpha;
  std::optional<double> max_drop;
  bool common = false;
  std::string flips, by;  ///< empty: not asked for
  std::size_t limit = 0;
};

std::string word_option(const Options& options, const char* name, const std::vector<std::string>& words) {
  const std::string word = options.text(name);
  if (word.empty() || std::find(words.begin(), words.end(), word) != words.end()) return word;
  throw UsageError(
      fmt::format("--{}: '{}' is not one of {}{}", name, word, visible_names(words), did_you_mean(word, words)));
}

Request request_of(const Options& options) {
  Request request;
  request.format = parse_table_format(options.text("format", "table"));
  request.alpha = options.alpha();
  request.max_drop = options.share("max-drop");
  request.common = options.given("common");
  request.flips = word_option(options, "flips", {"all", "broke", "fixed", "moved"});
  request.by = word_option(options, "by", {"class", "confusion"});
  if (!request.flips.empty() && !request.by.empty())
    throw UsageError("compare: --flips and --by are two lists; ask for one");
  const auto all = std::numeric_limits<std::int64_t>::max();
  const std::int64_t usual = request.format == TableFormat::text ? list_rows_shown : all;
  request.limit = static_cast<std::size_t>(options.integer("limit", 1, all).value_or(usual));
  return request;
}

ComparedRun compared(Queries& queries, const RunRecord& baseline, const RunOutcomes& outcomes, const RunRecord& run) {
  ComparedRun result{baseline, run, queries.paired_rows(outcomes, queries.outcomes(run.id)), {}, {}};
  result.comparison = compare(result.paired);
  result.classes = queries.class_names(baseline.id);
  return result;
}

/// All with the first one.
std::vector<ComparedRun> compared_runs(Queries& queries, const std::vector<std::string>& references, bool common) {
  const RunRecord baseline = named_run(queries, references.front());
  std::vector<RunRecord> runs;
  for (std::size_t i = 1; i < references.size(); ++i) {
    runs.push_back(named_run(queries, references[i]));
    check_pictures(queries, baseline, runs.back(), common);
  }
  const RunOutcomes outcomes = queries.outcomes(baseline.id);
  std::vector<ComparedRun> compared_with_first;
  for (const RunRecord& run : runs) compared_with_first.push_back(compared(queries, baseline, outcomes, run));
  return compared_with_first;
}

std::vector<Flip> wanted_flips(const ComparedRun& run, const std::string& wanted) {
  std::vector<Flip> flips = flips_of(run.paired.rows);
  std::erase_if(flips, [&](const Flip& flip) { return wanted != "all" && wanted != flip_name(flip.kind); });
  sort_surest_first(flips);
  return flips;
}

/// The wanted list of one run, cut to the limit; `total` rows without it.
Table wanted_list(Queries& queries, const ComparedRun& run, const Request& request, std::size_t& total) {
  Table table;
  if (!request.flips.empty()) {
    std::vector<Flip> flips = wanted_flips(run, request.flips);
    total = flips.size();
    flips.resize(std::min(total, request.limit), {FlipKind::broke, {}});
    return flips_table(run, flips, [&](std::int64_t sample) { return queries.sample_name(sample); }, request.format);
  }
  table = request.by == "class" ? class_table(run, request.format) : confusion_table(run, request.format);
  total = table.rows.size();
  table.rows.resize(std::min(total, request.limit));
  return table;
}

void print_list(Queries& queries, const ComparedRun& run, const Request& request, const char* title) {
  std::size_t total = 0;
  const Table table = wanted_list(queries, run, request, total);
  out("\n{}", title);
  if (table.rows.size() < total)
    out(", {} of {}; --limit shows more", table.rows.size(), with_commas(static_cast<std::int64_t>(total)));
  out("\n");
  const bool is_narrow = !request.flips.empty() && !fits(table, output_columns());
  print_table(is_narrow ? narrow_flips_table(table) : table, request.format);
}

void print_lists(Queries& queries, const ComparedRun& run, const Request& request) {
  if (!request.flips.empty()) return print_list(queries, run, request, "images, the surest of A first");
  if (request.by.empty()) return;
  if (request.by == "class") print_list(queries, run, request, "classes, the most hurt first");
  Request confusions = request;
  confusions.by = "confusion";
  print_list(queries, run, confusions, "classes taken for another more or less often");
}

std::string run_line(char letter, const RunRecord& run) {
  std::string text = fmt::format("{:<9}{} ({})", letter, run.name, run.variant);
  if (run.n_done < run.n_total)
    text += fmt::format(", not through ({}): {} of {} images", run_state_word(run.state), with_commas(run.n_done),
                        with_commas(run.n_total));
  return wrapped(text, 9);
}

void print_comparison(Queries& queries, const ComparedRun& run, const Request& request) {
  write_out(run_line('A', run.baseline) + run_line('B', run.run) + comparison_text(run.comparison, request.alpha));
  if (const std::string hurt = most_hurt_text(run, hurt_classes_shown); !hurt.empty())
    write_out(locale_text(wrapped("hurt     " + visible_name(hurt), 9)));
  if (run.paired.rows.empty()) return;  // no figures, hence no lists
  out("intervals: {} of the paired difference, 95 %\n", paired_interval_name);
  print_lists(queries, run, request);
}

/// 1 if the drop is real and larger than is allowed.
int judge(const ComparedRun& run, const Request& request) {
  if (!request.max_drop) return 0;
  const AccuracyChange& top1 = run.comparison.top1;
  const bool is_larger = top1.drop() > *request.max_drop, is_missed = is_larger && top1.is_real(request.alpha);
  const char* verdict = is_missed   ? "the drop is larger, and real"
                        : is_larger ? "the drop is larger, but cannot be told from noise"
                                    : "the drop is not larger";
  err("max drop {:.2f} points: {}: {}\n", 100 * *request.max_drop, run.run.name, verdict);
  return is_missed ? static_cast<int>(ExitCode::negative) : 0;
}

void print_tables(Queries& queries, const std::vector<ComparedRun>& runs, const Request& request) {
  if (request.flips.empty() && request.by.empty())
    return print_table(comparison_table(runs, request.alpha), request.format);
  Table all;
  for (const ComparedRun& run : runs) {
    std::size_t total = 0;
    Table one = wanted_list(queries, run, request, total);
    all.columns = one.columns;
    std::move(one.rows.begin(), one.rows.end(), std::back_inserter(all.rows));
  }
  print_table(all, request.format);
}

void declare(Options& options) {
  options.positional("runs", -1);
  options
      .optional_value("flips", "KIND", "all", "images answered differently: all, broke, fixed or moved (--flips=broke)")
      .value("by", "WHAT", "class: the classes that were hurt; confusion: what is taken for what")
      .value("max-drop", "SHARE", "exit code 1 if top-1 drops by more, e.g. 0.01, and the drop is real")
      .value("alpha", "SHARE", "a difference is real if chance makes it more rarely (default 0.05)")
      .flag("common", "compare the common images of runs that saw other images or preprocessing")
      .value("limit", "N", "rows of a list (default 20; all in other formats)")
      .value("format", "F", "table, csv, json, jsonl or md; differences are shares there, not points")
      .value("db", "FILE", "results database");
}

}  // namespace

int compare_verb(const std::vector<std::string>& arguments) {
  Options options(compare_usage);
  declare(options);
  if (!options.parse(arguments)) return 0;
  const std::vector<std::string> references = options.list("runs");
  if (references.size() < 2)
    throw UsageError(fmt::format("compare: two runs or more are needed (usage: qeval {})", compare_usage));
  const Request request = request_of(options);
  const auto queries = Queries::open(database_path(options.text("db")));
  queries->hold();
  const std::vector<ComparedRun> runs = compared_runs(*queries, references, request.common);
  if (request.format != TableFormat::text) print_tables(*queries, runs, request);
  int code = 0;
  for (const ComparedRun& run : runs) {
    if (request.format == TableFormat::text) {
      if (&run != &runs.front()) out("\n");
      print_comparison(*queries, run, request);
    }
    code = std::max(code, judge(run, request));
  }
  return code;
}

}  // namespace qeval
