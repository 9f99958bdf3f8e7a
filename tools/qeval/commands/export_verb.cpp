#include <fmt/core.h>

#include "jobs/prepare/encoding_records.h"
#include "jobs/prepare/job_check.h"
#include "jobs/prepare/job_inputs.h"
#include "jobs/prepare/prepared_variant.h"
#include "jobs/prepare/quantized_variant.h"
#include "jobs/run/layer_tuning.h"
#include "pipeline/base/errors.h"
#include "stages/infer/executor_library.h"
#include "stages/quant/arithmetic/exact_sums.h"
#include "stages/quant/onnx/export_onnx_qdq.h"
#include "storage/queries.h"
#include "tools/qeval/commands/database_path.h"
#include "tools/qeval/commands/job_arguments.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/left_out_text.h"
#include "tools/qeval/text/terminal.h"
#include "tools/qeval/user_memory.h"

namespace qeval {
namespace {

constexpr const char* export_usage = "export JOB [--variant V] --format onnx-qdq -o FILE [options]";

/// What a run stored: changed layers go into the network, encodings are returned.
EncodingTable take_stored(PreparedVariant& v, const std::filesystem::path& database, const std::string& job) {
  if (!v.calibrates()) return encoding_table(v.network.graph, v.network.fixed_encodings);
  const auto queries = Queries::open(database);
  const auto set = queries->encoding_set(v.identity.encodings.key);
  std::optional<Network> network = v.network;
  if (v.recipe.tuning) network = network_as_tuned(v, queries->tuned_layers(v.identity.tuning.key), queries->file());
  if (!set || !network)
    throw InputError(
        fmt::format("{} has no encodings of variant {} as it is now; calibrate with: qeval run {} "
                    "--variant {}",
                    visible_name(database.string()), v.spec.name, visible_name(job), v.spec.name));
  v.network = std::move(*network);
  return encoding_table(v.network.graph, encoding_map(set->encodings));
}

}  // namespace

int export_verb(const std::vector<std::string>& arguments) {
  Options options(export_usage);
  options.positional("job", 1);
  options.value("format", "F", "onnx-qdq: ONNX with QuantizeLinear and DequantizeLinear nodes")
      .value("output,o", "FILE", "file to write")
      .flag("force", "replace a file that qeval did not write");
  declare_job_options(options);
  options.value("db", "FILE", "results database that holds the encodings (default: as for run)");
  if (!options.parse(arguments)) return 0;
  if (!options.given("job") || !options.given("output"))
    throw UsageError(std::string("export: job file or output is missing (usage: qeval ") + export_usage + ")");
  if (const std::string format = options.text("format"); format != "onnx-qdq")
    throw UsageError("export: --format '" + format + "' is not one of onnx-qdq");

  const JobArguments job_args = job_arguments(options);
  const std::string file = options.list("job").front();
  const JobSpec job = read_job(file, job_args.overrides);
  write_err(left_out_text(job));
  const auto memory = open_user_memory();
  ImageSets images(job.run, nullptr, image_surroundings(memory.get()));
  PreparedVariant v =
      prepare_variant(job, only_quantized_variant(job, "export"), job_args.limit, images, executor_library());
  const auto database = database_path(options.text("db"));
  const EncodingTable encodings = take_stored(v, database, file);
  const std::string output = options.text("output");
  const bool exact = sums_are_exact(v.spec.quantization.executor);
  OutputFiles outputs(options.given("force"), memory.get());
  add_inputs(job, v.network.external_files, images, outputs);
  outputs.add_input(database, "the results database");
  outputs.write(output, [&] {
    export_onnx_qdq(v.network.graph, encodings, v.recipe.quant->mode, output,
                    exact ? QdqArithmetic::exact : QdqArithmetic::usual);
  });
  std::size_t active = 0;
  for (const EncodingList& list : encodings) active += !list.empty();
  out("{}: {} of {}, {} of {} quantizers\n", output, v.spec.name, job.name, active, encodings.size());
  return 0;
}

}  // namespace qeval
