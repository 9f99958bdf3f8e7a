#include "tools/qeval/text/status_text.h"

#include <fmt/core.h>

#include "pipeline/base/visible_text.h"
#include "tools/qeval/text/number_text.h"
#include "tools/qeval/text/time_text.h"
#include "tools/qeval/text/wrapped_text.h"

namespace qeval {
namespace {

constexpr std::size_t unfinished_shown = 5;

const char* doing_text(RunProgress::Phase phase) {
  switch (phase) {
    case RunProgress::Phase::tuning: return "changing layers on images";
    case RunProgress::Phase::calibration: return "calibrating";
    case RunProgress::Phase::evaluation: break;
  }
  return "evaluating";
}

std::string done_text(const RunProgress& p) {
  if (p.phase == RunProgress::Phase::tuning) return fmt::format("{} layers done", p.done);
  return fmt::format("{} of {} images", with_commas(p.done), with_commas(p.total));
}

std::string repeats_text(const RunRecord& run) {
  return run.repeats == 0 ? "" : wrapped(fmt::format("  computes again what {} had computed", run.repeats_name), 4);
}

std::string running_text(const RunStatus& status) {
  const RunProgress& p = status.progress;
  std::string text =
      fmt::format("{} ({}): {}, {}", status.run.name, status.run.variant, doing_text(p.phase), done_text(p));
  if (p.images_per_second > 0) text += fmt::format(", {} images/s", rate_text(p.images_per_second));
  if (const auto left = seconds_left(p)) text += fmt::format(", {} left", duration_text(*left));
  std::string lines = wrapped(text, 2) + repeats_text(status.run);
  if (status.run.n_done > 0)
    lines += fmt::format("  top-1 {:.2f} % so far\n",
                         100.0 * static_cast<double>(status.run.n_correct1) / static_cast<double>(status.run.n_done));
  if (!p.work.last_commit.empty())
    lines += fmt::format("  last commit {}, attempt {}\n", local_time_text(p.work.last_commit), p.work.attempt);
  return lines;
}

std::string unfinished_text(const std::vector<RunStatus>& runs) {
  std::string text;
  for (std::size_t i = 0; i < runs.size() && i < unfinished_shown; ++i) {
    const RunRecord& run = runs[i].run;
    text += wrapped(fmt::format("{} ({}): {}, {} of {} images; go on with: qeval resume {}", run.name, run.variant,
                                run_state_word(run.state), with_commas(run.n_done), with_commas(run.n_total), run.name),
                    2);
    text += repeats_text(run);
  }
  if (runs.size() > unfinished_shown)
    text += fmt::format("and {} more that are not through\n", runs.size() - unfinished_shown);
  return text;
}

/// What is known of its pace, and of who writes it, is known while it runs.
std::vector<Cell> row_of(const RunStatus& status, const std::string& writer) {
  const auto& [run, p] = status;
  const bool is_running = !writer.empty();
  const auto left = is_running ? seconds_left(p) : std::nullopt;
  return {run.name,
          run.variant,
          run_state_word(run.state),
          phase_name(p.phase),
          p.done,
          p.phase == RunProgress::Phase::tuning ? Cell() : Cell(p.total),
          run.n_done,
          run.n_total,
          is_running && p.images_per_second > 0 ? Cell(p.images_per_second) : Cell(),
          left ? Cell(*left) : Cell(),
          p.work.last_commit.empty() ? Cell() : Cell(p.work.last_commit),
          is_running ? Cell(writer) : Cell(),
          run.repeats == 0 ? Cell() : Cell(run.repeats_name)};
}

}  // namespace

const char* phase_name(RunProgress::Phase phase) {
  switch (phase) {
    case RunProgress::Phase::tuning: return "tuning";
    case RunProgress::Phase::calibration: return "calibration";
    case RunProgress::Phase::evaluation: break;
  }
  return "evaluation";
}

std::optional<double> seconds_left(const RunProgress& progress) {
  if (progress.images_per_second <= 0 || progress.done >= progress.total) return std::nullopt;
  return static_cast<double>(progress.total - progress.done) / progress.images_per_second;
}

ProgressFigures status_figures(const RunStatus& status) {
  const RunProgress& p = status.progress;
  ProgressFigures figures;
  figures.label = visible_name(fmt::format("{} {}", status.run.variant, phase_name(p.phase)));
  figures.done = p.done;
  figures.total = p.total;
  figures.images_per_second = p.images_per_second;
  if (const auto done = static_cast<double>(status.run.n_done); done > 0)
    figures.accuracy = {static_cast<double>(status.run.n_correct1) / done,
                        static_cast<double>(status.run.n_correct5) / done};
  return figures;
}

std::string status_text(const Status& status) {
  std::string text;
  if (status.running)
    text = running_text(*status.running) + wrapped("  written by " + status.writer, 4);
  else if (status.writer.empty())
    text = "nothing is running\n";
  else
    text = wrapped("no run is being computed, but the database is written by " + status.writer, 2);
  return text + unfinished_text(status.unfinished);
}

Table status_table(const Status& status) {
  Table table{{"run", "variant", "state", "phase", "done", "total", "n_done", "n_total", "images_per_s", "seconds_left",
               "last_commit", "written_by", "repeats"},
              {}};
  if (status.running) table.rows.push_back(row_of(*status.running, status.writer));
  for (const RunStatus& run : status.unfinished) table.rows.push_back(row_of(run, ""));
  return table;
}

}  // namespace qeval
