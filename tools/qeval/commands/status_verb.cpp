#include <chrono>
#include <thread>

#include <fmt/core.h>

#include "pipeline/base/errors.h"
#include "tools/qeval/commands/database_path.h"
#include "tools/qeval/commands/options.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/progress_output.h"
#include "tools/qeval/text/status_text.h"
#include "tools/qeval/text/table_output.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {
namespace {

bool is_unfinished(const RunRecord& run) { return run.state == RunState::interrupted || run.state == RunState::failed; }

/// Opened anew each time: what a run commits can be moved into the main file in between.
Status status_of(const std::filesystem::path& database) {
  const auto queries = Queries::open(database);
  Status status;
  status.writer = queries->writer();
  for (const RunRecord& run : queries->runs()) {
    if (run.state == RunState::running && !status.running) status.running = RunStatus{run, run_progress(*queries, run)};
    if (is_unfinished(run)) status.unfinished.push_back({run, run_progress(*queries, run)});
  }
  return status;
}

/// Follows whoever writes until nobody does: on a terminal one line that is written over, elsewhere a line for each
/// change.
class Watch {
 public:
  void show(const Status& status) {
    const std::string line = line_of(status);
    if (line == shown_) return;
    shown_ = line;
    if (output_.rewritable)
      output_.write("\r" + line + "\033[K");
    else
      write_out(line + "\n");
  }

  void finish() {
    if (output_.rewritable && !shown_.empty()) output_.write("\r\033[K");
  }

 private:
  std::string line_of(const Status& status) const {
    if (!status.running) return "waiting for " + status.writer;
    const ProgressFigures figures = status_figures(*status.running);
    return output_.rewritable ? bar_line(figures, {output_.columns() - 1, output_.utf8, output_.color})
                              : plain_line(figures);
  }

  ProgressOutput output_ = stderr_output();
  std::string shown_;
};

void watch(const std::filesystem::path& database, std::chrono::seconds interval) {
  Watch display;
  for (Status status = status_of(database);; status = status_of(database)) {
    if (!status.running && status.writer.empty()) {
      display.finish();
      return write_out(status_text(status));
    }
    display.show(status);
    std::this_thread::sleep_for(interval);
  }
}

}  // namespace

int status_verb(const std::vector<std::string>& arguments) {
  Options options("status [--watch] [options]");
  options.flag("watch", "follow what is running to its end")
      .value("interval", "S", "of --watch, in seconds (default 1)")
      .value("format", "F", "table, csv, json, jsonl or md")
      .value("db", "FILE", "results database");
  if (!options.parse(arguments)) return 0;
  const TableFormat format = parse_table_format(options.text("format", "table"));
  const std::chrono::seconds interval(options.integer("interval", 1, 3600).value_or(1));
  const auto database = database_path(options.text("db"));
  if (options.given("watch")) {
    if (format != TableFormat::text) throw UsageError("status: --watch is for people; leave out --format");
    watch(database, interval);
    return 0;
  }
  const Status status = status_of(database);
  if (format == TableFormat::text)
    write_out(status_text(status));
  else
    print_table(status_table(status), format);
  return 0;
}

}  // namespace qeval
