#include "tools/qeval/html/settings_section.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "jobs/compare/stored_run.h"
#include "jobs/prepare/job_fields.h"
#include "tools/qeval/html/html_table.h"
#include "tools/qeval/html/report_words.h"

namespace qeval {
namespace {

/// One row per setting, one value per run; "" where a run does not have it.
struct SettingsTable {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> values;  ///< by setting, by run
};

SettingsTable settings_of(const Report& report) {
  SettingsTable settings;
  std::map<std::string, std::size_t> place;
  for (std::size_t r = 0; r < report.runs.size(); ++r) {
    const RunRecord& run = report.runs[r].run;
    const auto variant = variant_in_job(run, run.variant);
    if (!variant.is_object()) continue;
    std::map<std::string, int> times;
    for (const auto& [path, value] : job_fields(variant, "")) {
      const int time = ++times[path];  // a list may have two steps of one kind
      const std::string name = time == 1 ? path : fmt::format("{} ({})", path, time);
      const auto [found, added] = place.emplace(name, settings.names.size());
      if (added) {
        settings.names.push_back(name);
        settings.values.emplace_back(report.runs.size());
      }
      settings.values[found->second][r] = value;
    }
  }
  return settings;
}

bool is_the_same(const std::vector<std::string>& values) {
  return std::equal(values.begin() + 1, values.end(), values.begin());
}

void write_settings_table(HtmlWriter& html, const Report& report, const SettingsTable& settings, bool same) {
  Table table{{"setting"}, {}};
  const bool one_value = same || report.runs.size() == 1;
  if (one_value) table.columns.emplace_back("value");
  if (!one_value)
    for (const ReportedRun& run : report.runs) table.columns.push_back(run_label(run.run));
  for (std::size_t s = 0; s < settings.names.size(); ++s) {
    if (is_the_same(settings.values[s]) != same) continue;
    std::vector<Cell> row{settings.names[s]};
    const std::size_t values = one_value ? 1 : report.runs.size();
    for (std::size_t r = 0; r < values; ++r)
      row.push_back(settings.values[s][r].empty() ? Cell() : Cell(settings.values[s][r]));
    table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) return;
  const bool one_run = report.runs.size() == 1;
  write_table(html, table,
              {.caption = one_run ? "Settings of the job"
                          : same  ? "The same for all runs"
                                  : "What differs",
               .of_words = true});
}

}  // namespace

void write_settings(HtmlWriter& html, const Report& report) {
  write_heading(html, "settings", "Settings as applied");
  const SettingsTable settings = settings_of(report);
  if (settings.names.empty()) {
    html.leaf("p", "The predictions were made elsewhere: no settings are known.");
    return;
  }
  if (report.runs.size() > 1) write_settings_table(html, report, settings, false);
  write_settings_table(html, report, settings, true);
}

}  // namespace qeval
