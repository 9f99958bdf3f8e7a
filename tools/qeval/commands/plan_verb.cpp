#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "jobs/prepare/calibration_overlap.h"
#include "jobs/prepare/changed_inputs.h"
#include "jobs/prepare/class_check.h"
#include "jobs/prepare/integer_judgement.h"
#include "jobs/prepare/job_check.h"
#include "jobs/prepare/tunable_layers.h"
#include "jobs/run/image_graph.h"
#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "storage/queries.h"
#include "tools/qeval/commands/database_path.h"
#include "tools/qeval/commands/job_arguments.h"
#include "tools/qeval/commands/planned_variants.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/identity_text.h"
#include "tools/qeval/text/left_out_text.h"
#include "tools/qeval/text/settings_text.h"
#include "tools/qeval/text/table_output.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/text/wrapped_text.h"

namespace qeval {
namespace {

/// The newest run of the same architecture and variant, and what differs; says why nothing is cached.
std::string nearest_reason(Queries& queries, const JobSpec& job, const PreparedVariant& v) {
  const StoredInputs stored = stored_inputs(queries);
  for (const RunRecord& run : queries.runs())
    if (run.arch == v.spec.model.arch && run.variant == v.spec.name && run.executor != imported_executor)
      return "no run with this key; " + run.name +
             " differs in: " + changed_inputs_text(stored_identity(stored, run), present_identity(job, v));
  return "no run with this key";
}

struct Remaining {
  std::int64_t batches = 0;
  std::string state;   ///< of the run that has the key; "new" where there is none
  std::string run{};   ///< its name
  std::string reason;  ///< all of it in words
};

Remaining remaining_work(Queries* queries, const JobSpec& job, const PreparedVariant& v, std::int64_t batches) {
  if (!queries) return {batches, "new", "", "no database yet"};
  const auto run = queries->find_run(v.identity.evaluation.key);
  if (!run) return {batches, "new", "", nearest_reason(*queries, job, v)};
  const std::string word = run_state_word(run->state);
  const std::string state = run->state == RunState::gate_failed ? "done, gate missed" : word;
  return {batches - queries->batches_done(run->id), word, run->name, state + " as " + run->name};
}

/// Calibration comes behind it.
std::string tuning_state(Queries* queries, const PreparedVariant& v) {
  if (!v.recipe.tuning) return "";
  const auto layers = static_cast<std::int64_t>(layers_to_tune(v));
  const std::int64_t done = queries ? queries->tuned_layers_done(v.identity.tuning.key) : 0;
  return fmt::format("{} {} of {} layers, ", v.recipe.tuning->title(), layers - done, layers);
}

std::string encodings_state(Queries* queries, const PreparedVariant& v, const ImageGraph* calibration) {
  if (!v.recipe.quant) return "-";
  if (queries && queries->has_encoding_set(v.identity.encodings.key)) return "stored";
  if (!v.calibrates()) return "to import";
  if (!calibration) return tuning_state(queries, v) + "calibrate 0 of 0 batches";
  const std::int64_t done = queries ? queries->calibration_batches_done(v.identity.encodings.key) : 0;
  return tuning_state(queries, v) +
         fmt::format("calibrate {} of {} batches", calibration->batch_count() - done, calibration->batch_count());
}

std::string megabytes(std::int64_t bytes) { return fmt::format("{} MB", (bytes + 999'999) / 1'000'000); }

/// Of work layer by layer, which comes before the graph's memory is taken.
std::string layerwise_memory(const PreparedVariant& v) {
  std::int64_t bytes = sizeof(float);
  for (const int side : v.network.graph.input_shape) bytes *= side;
  return fmt::format("work layer by layer keeps {} images in memory, {}, and between layers up to {}{}",
                     v.images.calibration.entries.size(),
                     megabytes(bytes * static_cast<std::int64_t>(v.images.calibration.entries.size())),
                     megabytes(layerwise_bytes),
                     v.recipe.tuning->rounds() ? "; AdaRound also one layer's inputs and outputs of all images" : "");
}

/// Which part of the work is done on integer codes, and what they would do in engines that add in 16 bits.
std::string integer_text(const IntegerPlan& plan) {
  const auto all = static_cast<double>(std::max<std::int64_t>(plan.products, 1));
  const std::string share =
      fmt::format("{:.1f} % of the products on integer codes", 100 * static_cast<double>(plan.integer_products) / all);
  if (!plan.float_nodes.empty())
    return share + fmt::format("; {} node{} no form on codes, so all is computed in floats, with the same result: {}",
                               plan.float_nodes.size(), plan.float_nodes.size() == 1 ? " has" : "s have",
                               float_nodes_text(plan));
  return share + fmt::format(", exact; {} pairs of weights would saturate in engines that add products in 16 bits",
                             plan.saturating_pairs);
}

std::vector<std::string> remarks_on(const PreparedVariant& v, const JobSpec& job) {
  std::vector<std::string> remarks;
  if (const auto plan = integer_judgement(v, job)) remarks.push_back(integer_text(*plan));
  remarks.insert(remarks.end(), v.network.remarks.begin(), v.network.remarks.end());
  if (static_cast<std::int64_t>(v.images.evaluation.entries.size()) != v.images.evaluated_of.images)
    remarks.push_back("evaluates " + images_text(v.images));
  if (v.recipe.tuning) remarks.push_back(layerwise_memory(v));
  return remarks;
}

/// A line for each text, with the variants that it concerns.
class VariantLines {
 public:
  void add(const std::string& variant, const std::string& text) {
    std::string& variants = variants_of_[text];
    if (variants.empty()) order_.push_back(text);
    variants += (variants.empty() ? "" : ", ") + variant;
  }

  void print() const {
    for (const std::string& text : order_)
      write_out(wrapped(visible_name(variants_of_.at(text) + ": " + text), 2, output_columns()));
  }

 private:
  std::vector<std::string> order_;
  std::map<std::string, std::string> variants_of_;
};

std::string range_text(const Quantizer& q) {
  if (q.float16) return "half precision";
  if (!q.fixed_min && !q.fixed_max) return q.symmetric ? "symmetric" : "asymmetric";
  return fmt::format("[{}, {}]", q.fixed_min ? fmt::format("{}", *q.fixed_min) : "…",
                     q.fixed_max ? fmt::format("{}", *q.fixed_max) : "…");
}

std::string granularity_text(const Quantizer& q) {
  if (!q.per_channel) return "per tensor";
  return q.block_size == 0 ? "per channel" : fmt::format("per block of {}", q.block_size);
}

/// The other tensors of the same quantizer.
std::string sharing_text(const Quantizer& q, const std::string& tensor) {
  std::vector<std::string> others = q.keys();
  std::erase(others, tensor);
  if (!others.empty()) return fmt::format("{}", fmt::join(others, ", "));
  return q.call_sites > 1 ? fmt::format("{} calls", q.call_sites) : "-";
}

void print_quantizers(const PreparedVariant& v) {
  Table table;
  table.columns = {"tensor", "bits", "range", "granularity", "shared with", "rule"};
  std::set<std::string> seen;
  for (const TensorRule& row : v.network.tensor_rules) {
    if (!seen.insert(row.tensor).second) continue;
    if (row.quantizer < 0) {
      table.rows.push_back({row.tensor, "float", "-", "-", "-", row.rule});
      continue;
    }
    const Quantizer& q = v.network.graph.quantizers.at(static_cast<std::size_t>(row.quantizer));
    table.rows.push_back(
        {row.tensor, q.bits, range_text(q), granularity_text(q), sharing_text(q, row.tensor), row.rule});
  }
  out("\n{}: {} quantizers, {} tensors\n", v.spec.name, v.network.graph.quantizers.size(), table.rows.size());
  print_table(table, TableFormat::text);
}

/// A variant of the plan.
struct Planned {
  const PreparedVariant& variant;
  std::string encodings;
  std::int64_t batches = 0, images_in_flight = 0, memory_bytes = 0;
  Remaining left;
};

Planned planned(Queries* queries, const JobSpec& job, const PreparedVariant& v) {
  const Concurrency concurrency = resolve_concurrency(job.run, v.identity.evaluation.components.at("device"));
  const ImageGraph graph(v.images.evaluation, v.recipe.preprocess, v.recipe.batch_size, concurrency);
  std::optional<ImageGraph> calibration;
  if (v.reads_calibration_images())
    calibration.emplace(v.images.calibration, v.recipe.preprocess, v.recipe.calibration_batch_size, concurrency);
  return {v,
          encodings_state(queries, v, calibration ? &*calibration : nullptr),
          graph.batch_count(),
          static_cast<std::int64_t>(graph.items_in_flight()),
          graph.memory_bound_bytes(),
          remaining_work(queries, job, v, graph.batch_count())};
}

Table plan_for_people(const std::vector<Planned>& plan) {
  Table table{{"variant", "encodings", "images", "batches left", "images at once", "memory up to"}, {}};
  for (const Planned& p : plan)
    table.rows.push_back({p.variant.spec.name, p.encodings, p.variant.images.evaluation.entries.size(),
                          fmt::format("{} of {}", p.left.batches, p.batches), p.images_in_flight,
                          megabytes(p.memory_bytes)});
  return table;
}

/// Names of columns are read by scripts: never rename.
Table plan_for_programs(const std::vector<Planned>& plan) {
  Table table{{"variant", "eval_key", "state", "run", "encodings", "images", "batches", "batches_left",
               "images_in_flight", "memory_bytes", "reason"},
              {}};
  for (const Planned& p : plan)
    table.rows.push_back({p.variant.spec.name, p.variant.identity.evaluation.key, p.left.state,
                          p.left.run.empty() ? Cell() : Cell(p.left.run), p.encodings,
                          p.variant.images.evaluation.entries.size(), p.batches, p.left.batches, p.images_in_flight,
                          p.memory_bytes, p.left.reason});
  return table;
}

/// Of images; once where several variants share them.
void print_notes(const std::vector<Planned>& plan) {
  std::set<std::string> told;
  for (const Planned& p : plan)
    for (const std::string& text : {class_order_text(p.variant.images), calibration_overlap_text(p.variant.images)})
      if (!text.empty() && told.insert(text).second) write_out(wrapped(visible_name(text), 2, output_columns()));
}

void print_plan(const JobSpec& job, const std::filesystem::path& database, const std::vector<Planned>& plan) {
  out("job {}: {} variants, batch {}, database {}\n", job.name, job.variants.size(), job.run.batch_size,
      database.string());
  print_table(plan_for_people(plan), TableFormat::text, {"images at once", "memory up to"});
  VariantLines lines;
  for (const Planned& p : plan) lines.add(p.variant.spec.name, p.left.reason);
  for (const Planned& p : plan)
    for (const std::string& remark : remarks_on(p.variant, job)) lines.add(p.variant.spec.name, remark);
  lines.print();
  print_notes(plan);
  write_out(left_out_text(job));
  out("Memory is that of files, pixels and network inputs at their worst; weights and\n"
      "activations come on top.\nNothing was run.\n");
}

void declare_plan(Options& options) {
  options.positional("job", 1);
  declare_job_options(options);
  options.value("db", "FILE", "results database")
      .flag("quantizers", "list every tensor, its quantizer if it has one, and the rule that decided")
      .value("format", "F", "table, csv, json, jsonl or md: a row per variant");
}

}  // namespace

int plan_verb(const std::vector<std::string>& arguments) {
  Options options("plan JOB [options]");
  declare_plan(options);
  if (!options.parse(arguments)) return 0;
  if (!options.given("job")) throw UsageError("plan: which job file? (usage: qeval plan JOB [options])");

  const TableFormat format = parse_table_format(options.text("format", "table"));
  const JobArguments job_args = job_arguments(options);
  const JobSpec job = read_job(options.list("job").front(), job_args.overrides);
  const std::vector<PreparedVariant> variants = planned_variants(job, job_args.limit);
  const auto database = database_path(options.text("db"));
  const auto queries = std::filesystem::exists(database) ? Queries::open(database) : nullptr;
  std::vector<Planned> plan;
  for (const PreparedVariant& v : variants) plan.push_back(planned(queries.get(), job, v));
  if (format != TableFormat::text) {
    print_table(plan_for_programs(plan), format);
    return 0;
  }
  print_plan(job, database, plan);
  if (options.given("quantizers"))
    for (const PreparedVariant& v : variants)
      if (v.recipe.quant) print_quantizers(v);
  return 0;
}

}  // namespace qeval
