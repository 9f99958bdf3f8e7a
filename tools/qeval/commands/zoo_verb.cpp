#include <cstdlib>

#include "jobs/prepare/job_check.h"
#include "jobs/run/gates.h"
#include "jobs/run/run_job.h"
#include "pipeline/base/errors.h"
#include "tools/qeval/commands/job_arguments.h"
#include "tools/qeval/commands/job_file_path.h"
#include "tools/qeval/commands/job_session.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {
namespace {

constexpr const char* zoo_usage =
    "zoo resnext101_w8a8 --dataset-path DIR --use-cuda true|false [--weights FILE] [options]";

/// The zoo's script takes any text as true, a known trap; here it is a yes or a no.
std::string device_of(const std::string& use_cuda) {
  if (use_cuda == "true" || use_cuda == "True") return "cuda";
  if (use_cuda == "false" || use_cuda == "False") return "cpu";
  throw UsageError("--use-cuda: '" + use_cuda + "' is neither true nor false");
}

std::string weights_path(const Options& options) {
  if (options.given("weights")) return options.text("weights");
  if (const char* variable = std::getenv("RESNEXT101_WEIGHTS")) return variable;
  throw UsageError(
      "zoo: where are the weights? give --weights FILE (torchvision's resnext101_32x8d .pth, or safetensors), or set "
      "RESNEXT101_WEIGHTS; `qeval make-weights resnext101_32x8d --seed 0 -o FILE` makes random ones to try the speed");
}

std::string model_config(const Options& options) {
  const auto given = options.list("model");
  const std::string name = given.empty() ? options.text("model-config") : given.front();
  if (name != "resnext101_w8a8")
    throw UsageError("zoo: '" + name + "' is not a configuration; there is one, resnext101_w8a8");
  return name;
}

/// The zoo script's own two lines.
void print_accuracies(const JobResult& result) {
  for (const VariantResult& variant : result.variants) {
    const double percent = 100 * accuracy_of("top1", variant.run);
    if (variant.run.variant == "fp32") out("FP32 accuracy: {:.3f}%\n", percent);
    if (variant.run.variant == "w8a8") out("Quantized quantized accuracy: {:.3f}%\n", percent);
  }
}

}  // namespace

int zoo_verb(const std::vector<std::string>& arguments) {
  Options options(zoo_usage);
  options.positional("model", 1);
  options.value("model-config", "NAME", "same as the positional name: resnext101_w8a8")
      .value("dataset-path", "DIR", "ImageNet root with train/ and val/, 1000 synset folders each")
      .value("use-cuda", "BOOL", "true or false (default: true where there is a GPU)")
      .value("weights", "FILE", "weights (default: $RESNEXT101_WEIGHTS)")
      .values("set", "PATH=VALUE", "change a field of the job (repeatable)")
      .value("limit", "N", "evaluate only the first N images");
  declare_output_options(options);
  if (!options.parse(arguments)) return 0;
  const std::string name = model_config(options);
  if (!options.given("dataset-path"))
    throw UsageError(std::string("zoo: --dataset-path is missing (usage: qeval ") + zoo_usage + ")");

  const std::filesystem::path root = std::filesystem::absolute(options.text("dataset-path"));
  const ProgressMode progress = progress_mode(options);
  JobArguments job_args;
  auto& set = job_args.overrides.set;
  set = {{"model.weights", std::filesystem::absolute(weights_path(options)).string()},
         {"dataset.root", (root / "val").string()},
         {"variants.w8a8.quantization.encodings.calibrate.root", (root / "train").string()},
         {"run.device", options.given("use-cuda") ? device_of(options.text("use-cuda")) : "auto"}};
  for (const std::string& text : options.list("set")) set.push_back(split_assignment(text));
  job_args.limit = options.integer("limit", 1, INT64_MAX);

  const JobSpec job = read_job(job_file_path(name + ".yaml"), job_args.overrides);
  const RunJobOptions run_options = run_job_options(options, job_args);
  const JobResult result = run_in_session(job, run_options, progress);
  print_accuracies(result);
  return result.exit_code;
}

}  // namespace qeval
