#include <limits>
#include <optional>

#include <fmt/core.h>

#include "jobs/compare/stored_baseline.h"
#include "jobs/prepare/output_files.h"
#include "jobs/report/collect_report.h"
#include "pipeline/base/atomic_file.h"
#include "pipeline/base/errors.h"
#include "tools/qeval/commands/database_path.h"
#include "tools/qeval/commands/encoding_sets.h"
#include "tools/qeval/commands/encodings_commands.h"
#include "tools/qeval/commands/options.h"
#include "tools/qeval/commands/stored_runs.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/html/report_page.h"
#include "tools/qeval/html/report_words.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/user_memory.h"

namespace qeval {
namespace {

constexpr const char* report_usage = "report RUN… -o FILE [options]   (others are compared with the first)";

/// One run alone is compared with its baseline, where there is one.
std::vector<RunRecord> reported_runs(Queries& queries, const std::vector<std::string>& references, bool common) {
  std::vector<RunRecord> runs;
  for (const std::string& reference : references) runs.push_back(named_run(queries, reference));
  if (runs.size() == 1)
    if (const auto baseline = stored_baseline(queries.runs(), runs.front())) runs.insert(runs.begin(), *baseline);
  for (std::size_t i = 1; i < runs.size(); ++i) check_pictures(queries, runs.front(), runs[i], common);
  return runs;
}

struct NamedEncodings {
  std::string name;
  EncodingsFile content;
};

/// Runs' ranges against those of the option, else against the first run that has some.
std::vector<EncodingsComparison> compared_encodings(Queries& queries, const Report& report, const Options& options) {
  std::vector<EncodingsComparison> comparisons;
  std::optional<NamedEncodings> other;
  if (options.given("encodings"))
    other = {options.text("encodings"), open_encodings(options.text("encodings"), options.text("db"))};
  for (std::size_t run = 0; run < report.runs.size(); ++run) {
    if (!report.runs[run].encodings) continue;
    EncodingsFile own = file_of_set(*report.runs[run].encodings, queries.file());
    if (other)
      comparisons.push_back({run, other->name, diff_encodings(other->content, own)});
    else
      other = {run_label(report.runs[run].run), std::move(own)};
  }
  return comparisons;
}

/// The images that thumbnails were made of.
void add_pictures(Queries& queries, const Report& report, OutputFiles& outputs) {
  const std::filesystem::path root = queries.dataset_root(report.runs.front().run.id);
  for (const ReportedComparison& comparison : report.comparisons)
    for (const ReportedFlip& flip : comparison.flips)
      if (!flip.thumbnail.empty()) outputs.add_input(root / flip.image, "an image of the data set");
}

void write_page(const std::string& page, const std::filesystem::path& output) {
  AtomicFile file(output);
  file.write(page.data(), page.size());
  file.commit();
}

ReportRequest request_of_report(const Options& options, std::vector<RunRecord> runs) {
  if (options.given("thumbnails") && options.given("no-thumbnails"))
    throw UsageError("report: --thumbnails and --no-thumbnails exclude each other");
  ReportRequest request{std::move(runs), options.alpha(), {}, options.given("thumbnails")};
  if (const auto rows = options.integer("limit", 1, std::numeric_limits<std::int32_t>::max()))
    request.rows = static_cast<std::size_t>(*rows);
  return request;
}

void declare_report_options(Options& options) {
  options.positional("runs", -1);
  options.value("output,o", "FILE", "HTML file to write")
      .flag("thumbnails", "small pictures of images that are answered differently, where the files are as evaluated")
      .flag("no-thumbnails", "no pictures: the file may be passed on (default)")
      .value("encodings", "SET", "compare the runs' ranges with this set, run or AIMET file (default: the first run's)")
      .value("alpha", "SHARE", "a difference is real if chance makes it more rarely (default 0.05)")
      .flag("common", "compare the common images of runs that saw other images or preprocessing")
      .value("limit", "N", "rows of each list (default: what keeps the file small)")
      .flag("force", "replace a file that qeval did not write")
      .value("db", "FILE", "results database");
}

}  // namespace

int report_verb(const std::vector<std::string>& arguments) {
  Options options(report_usage);
  declare_report_options(options);
  if (!options.parse(arguments)) return 0;
  const std::vector<std::string> references = options.list("runs");
  if (references.empty() || !options.given("output"))
    throw UsageError(std::string("report: run or output is missing (usage: qeval ") + report_usage + ")");
  const std::filesystem::path database = database_path(options.text("db")), output = options.text("output");
  const auto memory = open_user_memory();
  OutputFiles outputs(options.given("force"), memory.get());
  outputs.add_input(database, "the results database");
  outputs.add_input(options.text("encodings"), "the encodings to compare with");
  outputs.check(output);
  const auto queries = Queries::open(database);
  queries->hold();
  const ReportRequest request =
      request_of_report(options, reported_runs(*queries, references, options.given("common")));
  const Report report = collect_report(*queries, request);
  add_pictures(*queries, report, outputs);
  const std::string page = report_page(report, compared_encodings(*queries, report, options));
  outputs.write(output, [&] { write_page(page, output); });
  if (!is_standard_output(output))
    out("{}: {} runs, {} kB\n", output.string(), report.runs.size(), (page.size() + 500) / 1000);
  return 0;
}

}  // namespace qeval
