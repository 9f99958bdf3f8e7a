#include "tools/qeval/html/report_page.h"

#include <fmt/core.h>

#include "jobs/run/version.h"
#include "pipeline/base/sha256.h"
#include "tools/qeval/html/base64.h"
#include "tools/qeval/html/comparison_section.h"
#include "tools/qeval/html/page_constants.h"
#include "tools/qeval/html/record_sections.h"
#include "tools/qeval/html/reliability_section.h"
#include "tools/qeval/html/report_json.h"
#include "tools/qeval/html/report_words.h"
#include "tools/qeval/html/sensitivity_section.h"
#include "tools/qeval/html/settings_section.h"
#include "tools/qeval/html/summary_sections.h"
#include "tools/qeval/text/number_text.h"

namespace qeval {
namespace {

std::string title_of(const Report& report) {
  const std::string first = report.runs.front().run.variant;
  if (report.runs.size() == 1) return first;
  if (report.runs.size() == 2) return fmt::format("{} against {}", report.runs[1].run.variant, first);
  return fmt::format("{} runs against {}", report.runs.size() - 1, first);
}

std::string hash_of(OwnMarkup content) {
  Sha256 hash;
  return fmt::format("'sha256-{}'", base64(hash.add_bytes(content.text()).digest()));
}

/// Only this page's own style and script: were a name to become markup in spite of all, it could do nothing.
std::string content_policy() {
  return fmt::format("default-src 'none'; img-src data:; style-src {}; script-src {}", hash_of(page_style),
                     hash_of(page_script));
}

void write_head(HtmlWriter& html, const Report& report) {
  const auto head = html.element("head");
  html.single("meta", {{"charset", "utf-8"}});
  html.single("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", content_policy()}});
  html.single("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  html.single("meta", {{"name", "generator"}, {"content", std::string("qeval ") + tool_version}});
  html.leaf("title", title_of(report) + " – qeval report");
  const auto style = html.element("style");
  html.own(page_style);
}

/// What the baseline saw; a comparison on common images says what others did not.
void write_title(HtmlWriter& html, const Report& report) {
  const RunRecord& run = report.runs.front().run;
  html.leaf("h1", title_of(report));
  html.leaf("p",
            fmt::format("{} on {}, {} images, job {}", run.arch, run.dataset, with_commas(run.n_total), run.job_name),
            {{"class", "soft"}});
}

void write_link(HtmlWriter& html, const std::string& id, const std::string& title) {
  const auto item = html.element("li");
  html.leaf("a", title, {{"href", "#" + id}});
}

void write_contents(HtmlWriter& html, const Report& report) {
  const auto nav = html.element("nav", {{"aria-label", "Contents"}});
  const auto list = html.element("ul");
  write_link(html, "verdict", "Verdict");
  write_link(html, "accuracy", "Accuracy");
  for (std::size_t c = 0; c < report.comparisons.size(); ++c)
    write_link(html, fmt::format("comparison-{}", c + 1),
               report.runs[report.comparisons[c].run].run.variant + " compared");
  write_link(html, "reliability", "Reliability");
  if (has_encodings(report)) write_link(html, "encodings", "Encodings");
  if (has_sensitivity(report)) write_link(html, "sensitivity", "Sensitivity");
  write_link(html, "settings", "Settings");
  write_link(html, "attempts", "Throughput");
  write_link(html, "environment", "Environment");
  write_link(html, "jobs", "Job files");
}

void write_sections(HtmlWriter& html, const Report& report, const std::vector<EncodingsComparison>& encodings) {
  const auto main = html.element("main", {{"id", "main"}});
  write_verdict(html, report);
  write_accuracy(html, report);
  for (std::size_t c = 0; c < report.comparisons.size(); ++c) write_comparison(html, report, c);
  write_reliability(html, report);
  write_encodings(html, report, encodings);
  write_sensitivity(html, report);
  write_settings(html, report);
  write_attempts(html, report);
  write_environment(html, report);
  write_jobs(html, report);
}

}  // namespace

std::string report_page(const Report& report, const std::vector<EncodingsComparison>& encodings) {
  HtmlWriter html;
  html.own("<!DOCTYPE html>\n");
  {
    const auto page = html.element("html", {{"lang", "en"}});
    write_head(html, report);
    const auto body = html.element("body");
    html.leaf("a", "Skip to the verdict", {{"class", "skip"}, {"href", "#main"}});
    {
      const auto header = html.element("header");
      write_title(html, report);
      write_contents(html, report);
    }
    write_sections(html, report, encodings);
    html.json("data", report_json(report));
    const auto script = html.element("script");
    html.own(page_script);
  }
  html.own("\n");
  return html.take();
}

}  // namespace qeval
