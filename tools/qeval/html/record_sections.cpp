#include "tools/qeval/html/record_sections.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/core.h>

#include "tools/qeval/html/html_table.h"
#include "tools/qeval/html/report_words.h"

namespace qeval {
namespace {

double number_of(const Cell& cell) {
  double value = 0;
  std::from_chars(cell.text().data(), cell.text().data() + cell.text().size(), value);
  return value;
}

std::size_t column_of(const Table& table, const char* name) {
  return static_cast<std::size_t>(std::find(table.columns.begin(), table.columns.end(), name) - table.columns.begin());
}

/// Of one attempt, from what it did.
Cell attempt_speed(const Table& attempts, const std::vector<Cell>& row) {
  const double seconds = number_of(row[column_of(attempts, "active_s")]);
  const double images =
      number_of(row[column_of(attempts, "to_done")]) - number_of(row[column_of(attempts, "from_done")]);
  return seconds > 0 ? decimals_cell(images / seconds, 1) : Cell();
}

constexpr std::array<const char*, 7> attempt_columns{"attempt",   "started_at", "ended_at", "end_reason",
                                                     "from_done", "to_done",    "active_s"};

/// The attempts of all runs, with their throughput.
Table attempts_table(const Report& report) {
  Table table{{"run"}, {}};
  table.columns.insert(table.columns.end(), attempt_columns.begin(), attempt_columns.end());
  table.columns.emplace_back("images/s");
  for (const ReportedRun& reported : report.runs) {
    for (const std::vector<Cell>& attempt : reported.attempts.rows) {
      std::vector<Cell>& row = table.rows.emplace_back();
      row.emplace_back(run_label(reported.run));
      for (const char* column : attempt_columns) row.push_back(attempt[column_of(reported.attempts, column)]);
      row.push_back(attempt_speed(reported.attempts, attempt));
    }
  }
  return table;
}

Table environment_table(const Report& report) {
  Table table{{"run", "part", "value"}, {}};
  for (const ReportedRun& reported : report.runs) {
    const RunRecord& run = reported.run;
    const std::string label = run_label(run);
    const auto add = [&](const std::string& part, const std::string& value) {
      if (!value.empty()) table.rows.push_back({label, part, value});
    };
    add("executor", run.executor + " on " + run.device);
    add("created", run.created_at);
    add("finished", run.finished_at);
    add("tags", run.tags);
    add("error", run.error);
    add("repeats", run.repeats_name);
    for (const auto& [name, value] : run.key_components) add(name, value);
    for (const std::vector<Cell>& attempt : reported.attempts.rows)
      for (const char* part : {"host", "argv"})
        add(fmt::format("attempt {}: {}", attempt[column_of(reported.attempts, "attempt")].text(), part),
            attempt[column_of(reported.attempts, part)].text());
    add("key", run.eval_key);
    add("content", reported.content_hash);
  }
  return table;
}

}  // namespace

void write_attempts(HtmlWriter& html, const Report& report) {
  write_heading(html, "attempts", "Throughput and attempts");
  write_table(html, attempts_table(report),
              {.caption = "Each process that worked on a run; times of start and end are UTC", .of_words = true});
  for (const ReportedRun& reported : report.runs)
    if (!reported.failed_images.rows.empty())
      write_table(html, reported.failed_images,
                  {.caption = "Images that could not be used, of " + run_label(reported.run),
                   .whole_list = fmt::format("qeval show {}", reported.run.name),
                   .most_rows = report.rows_in_lists,
                   .of_words = true});
}

void write_environment(HtmlWriter& html, const Report& report) {
  write_heading(html, "environment", "Environment and keys");
  write_table(
      html, environment_table(report),
      {.caption = "All that can change a stored bit; the content hash covers every stored row", .of_words = true});
}

void write_jobs(HtmlWriter& html, const Report& report) {
  write_heading(html, "jobs", "Job files");
  std::vector<const JobRecord*> written;
  for (const ReportedRun& reported : report.runs) {
    const JobRecord& job = reported.job;
    const auto same = [&](const JobRecord* other) {
      return other->source_text == job.source_text && other->source_path == job.source_path;
    };
    if (std::any_of(written.begin(), written.end(), same)) continue;
    written.push_back(&job);
    html.leaf("h3", fmt::format("{}, {}", job.name, job.source_path));
    const auto text =
        html.element("pre", {{"tabindex", "0"}, {"role", "region"}, {"aria-label", "Job file " + job.name}});
    html.lines(job.source_text);
  }
}

}  // namespace qeval
