#include "tools/qeval/html/report_json.h"

#include <algorithm>
#include <map>

#include "jobs/report/tensor_ranges.h"
#include "storage/wilson.h"
#include "tools/qeval/html/report_words.h"
#include "tools/qeval/text/sensitivity_table.h"
#include "tools/qeval/text/table_json.h"

namespace qeval {
namespace {

using Json = nlohmann::ordered_json;

Table figures_of(const ReportedRun& reported) {
  const RunRecord& run = reported.run;
  Table table{{"run",        "variant",    "state",    "job",        "arch",        "dataset",  "precision",
               "executor",   "mode",       "device",   "images",     "done",        "failed",   "not_finite",
               "right_top1", "right_top5", "active_s", "created_at", "finished_at", "eval_key", "content"},
              {{run.name,
                run.variant,
                run_state_word(run.state),
                run.job_name,
                run.arch,
                run.dataset,
                run.precision,
                run.executor,
                run.mode,
                run.device,
                run.n_total,
                run.n_done,
                run.n_failed,
                reported.not_finite.images,
                run.n_correct1,
                run.n_correct5,
                run.active_s,
                run.created_at,
                run.finished_at,
                run.eval_key,
                reported.content_hash}}};
  const auto add = [&](const char* name, Cell cell) {
    table.columns.emplace_back(name);
    table.rows.front().push_back(std::move(cell));
  };
  if (run.n_done == 0) return table;
  for (const auto& [name, right] : {std::pair("top1", run.n_correct1), std::pair("top5", run.n_correct5)}) {
    const auto [low, high] = wilson_interval(right, run.n_done);
    add(name, static_cast<double>(right) / static_cast<double>(run.n_done));
    add((std::string(name) + "_low").c_str(), low);
    add((std::string(name) + "_high").c_str(), high);
  }
  return table;
}

Table reliability_figures(const std::vector<ReliabilityBin>& bins) {
  Table table{{"low", "high", "images", "right", "mean_probability"}, {}};
  for (const ReliabilityBin& bin : bins)
    table.rows.push_back({bin.low, bin.high, bin.images, bin.right, bin.confidence()});
  return table;
}

Table range_figures(const EncodingSetRecord& set, std::size_t most) {
  Table table{{"tensor", "role", "bits", "symmetric", "encodings", "min", "max", "outlier"}, {}};
  for (const TensorRange& range : tensor_ranges(set))
    if (table.rows.size() < most)
      table.rows.push_back({range.tensor, range.role, range.bits, range.symmetric ? "yes" : "no", range.encodings,
                            range.min, range.max, range.outlier ? "yes" : "no"});
  return table;
}

Json run_json(const Report& report, const ReportedRun& reported) {
  const Table figures = figures_of(reported);
  Json json = json_object(figures, figures.rows.front());
  Table gates{{"gate", "missed"}, {}};
  for (const auto& [gate, missed] : reported.gates.gates)
    gates.rows.push_back({gate, missed.empty() ? Cell() : Cell(missed)});
  json["gates"] = json_columns(gates);
  json["gates_not_judged"] = reported.gates.not_judged;
  json["reliability"] = json_columns(reliability_figures(reported.reliability));
  json["expected_calibration_error"] = expected_calibration_error(reported.reliability);
  if (reported.encodings) json["encodings"] = json_columns(range_figures(*reported.encodings, report.rows_in_lists));
  for (const MeasuredSensitivity& measured : reported.sensitivity)
    json["sensitivity"].push_back({{"mode", sensitivity_mode_name(measured.result.mode)},
                                   {"batches_left", measured.batches_left},
                                   {"groups", json_columns(sensitivity_table(measured.result, TableFormat::json))}});
  return json;
}

/// All its rows are of one run, whose name stands beside them.
Json list_json(Table table, std::size_t most) {
  table.columns.erase(table.columns.begin());
  table.rows.resize(std::min(table.rows.size(), most));
  for (auto& row : table.rows) row.erase(row.begin());
  return json_columns(table);
}

Json comparison_json(const Report& report, const ReportedComparison& comparison) {
  const ComparedRun run = compared_run(report, comparison);
  const Table figures = comparison_table({run}, report.alpha);
  Json json = json_object(figures, figures.rows.front());
  json["flips"] = list_json(reported_flips_table(report, comparison, TableFormat::json), comparison.flips.size());
  json["classes"] = list_json(class_table(run, comparison.classes, TableFormat::json), report.rows_in_lists);
  json["confusions"] =
      list_json(confusion_table(run, comparison.confusions, TableFormat::json), comparison.confusions.size());
  return json;
}

}  // namespace

Json report_json(const Report& report) {
  Json json{{"runs", Json::array()}, {"comparisons", Json::array()}};
  for (const ReportedRun& run : report.runs) json["runs"].push_back(run_json(report, run));
  for (const ReportedComparison& comparison : report.comparisons)
    json["comparisons"].push_back(comparison_json(report, comparison));
  return json;
}

}  // namespace qeval
