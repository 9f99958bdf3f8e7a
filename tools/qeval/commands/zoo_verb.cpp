#include <fmt/core.h>

#include "jobs/prepare/job_check.h"
#include "jobs/run/gates.h"
#include "jobs/run/run_job.h"
#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "tools/qeval/commands/job_arguments.h"
#include "tools/qeval/commands/job_file_path.h"
#include "tools/qeval/commands/job_session.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/commands/zoo_inputs.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {
namespace fs = std::filesystem;
namespace {

constexpr const char* zoo_usage =
    "zoo resnext101_w8a8 --dataset-path DIR --use-cuda true|false [--weights FILE] [--quantized-weights FILE "
    "--encodings FILE] [options]";
constexpr const char* float_variant = "fp32";
constexpr const char* published_variant = "w8a8";
constexpr const char* calibrated_variant = "w8a8_calibrated";

/// The zoo's script takes any text as true, a known trap; here it is a yes or a no.
std::string device_of(const std::string& use_cuda) {
  if (use_cuda == "true" || use_cuda == "True") return "cuda";
  if (use_cuda == "false" || use_cuda == "False") return "cpu";
  throw UsageError("--use-cuda: '" + use_cuda + "' is neither true nor false");
}

std::string model_config(const Options& options) {
  const auto given = options.list("model");
  const std::string name = given.empty() ? options.text("model-config") : given.front();
  if (name != "resnext101_w8a8")
    throw UsageError("zoo: '" + name + "' is not a configuration; there is one, resnext101_w8a8");
  return name;
}

void declare_zoo_options(Options& options) {
  options.positional("model", 1);
  options.value("model-config", "NAME", "same as the positional name: resnext101_w8a8")
      .value("dataset-path", "DIR",
             "ImageNet's validation images: the folder of the 1000 class folders, or one that holds val/ or valid/ "
             "beside train/")
      .value("use-cuda", "BOOL", "true or false (default: true where there is a GPU)")
      .value("weights", "FILE", "float weights (default: $RESNEXT101_WEIGHTS)")
      .value("quantized-weights", "FILE",
             "the published state dict, batch norms folded (default: $RESNEXT101_W8A8_STATE_DICT)")
      .value("encodings", "FILE", "the published encodings (default: $RESNEXT101_W8A8_ENCODINGS)")
      .value("calibration-path", "DIR",
             "class folders to calibrate on where there are no published files (default: train/ beside val/)")
      .values("set", "PATH=VALUE", "change a field of the job (repeatable)")
      .value("limit", "N", "evaluate only N images, spread over the classes");
  declare_output_options(options);
}

std::string shown(const fs::path& path) { return visible_name(path.string()); }

fs::path calibration_folder(const Options& options, const ZooImages& images) {
  if (options.given("calibration-path")) return fs::absolute(options.text("calibration-path"));
  if (images.calibration.empty())
    throw UsageError(
        fmt::format("zoo: there is nothing to calibrate on, no train/ beside {}; give --calibration-path DIR, a folder "
                    "of class folders, or what the zoo published: --quantized-weights FILE --encodings FILE",
                    shown(images.evaluation)));
  return images.calibration;
}

/// The job's variants that the script's two lines come from, with their files.
JobOverrides zoo_overrides(const Options& options) {
  const ZooImages images = find_zoo_images(options.text("dataset-path"));
  err("zoo: evaluates the class folders of {}{}\n", shown(images.evaluation),
      images.is_root ? ", which --dataset-path holds" : ", which is --dataset-path itself");
  JobOverrides overrides;
  overrides.set = {{"model.weights", zoo_weights(options).string()},
                   {"dataset.root", images.evaluation.string()},
                   {"run.device", options.given("use-cuda") ? device_of(options.text("use-cuda")) : "auto"}};
  const auto set_variant = [&](const std::string& variant, const std::string& path, const fs::path& value) {
    overrides.set.emplace_back("variants." + variant + "." + path, value.string());
  };
  if (const auto artifacts = find_zoo_artifacts(options)) {
    err("zoo: quantized as published: state dict {}, encodings {}\n", shown(artifacts->state_dict),
        shown(artifacts->encodings));
    set_variant(published_variant, "model.weights", artifacts->state_dict);
    set_variant(published_variant, "quantization.encodings.import", artifacts->encodings);
    overrides.only_variants = {float_variant, published_variant};
  } else {
    const fs::path folder = calibration_folder(options, images);
    err("zoo: without --quantized-weights and --encodings, recalibrates on images of {}\n", shown(folder));
    set_variant(calibrated_variant, "quantization.encodings.calibrate.root", folder);
    overrides.only_variants = {float_variant, calibrated_variant};
  }
  for (const std::string& text : options.list("set")) overrides.set.push_back(split_assignment(text));
  return overrides;
}

/// The zoo script's own two lines.
void print_accuracies(const JobResult& result) {
  for (const VariantResult& variant : result.variants) {
    const double percent = 100 * accuracy_of(Metric::top1, variant.run);
    const bool is_float = variant.run.variant == float_variant;
    out("{} accuracy: {:.3f}%\n", is_float ? "FP32" : "Quantized quantized", percent);
  }
}

}  // namespace

int zoo_verb(const std::vector<std::string>& arguments) {
  Options options(zoo_usage);
  declare_zoo_options(options);
  if (!options.parse(arguments)) return 0;
  const std::string name = model_config(options);
  if (!options.given("dataset-path"))
    throw UsageError(std::string("zoo: --dataset-path is missing (usage: qeval ") + zoo_usage + ")");

  const Telling telling = telling_of(options);
  JobArguments job_args;
  job_args.overrides = zoo_overrides(options);
  job_args.limit = options.integer("limit", 1, INT64_MAX);
  const JobSpec job = read_job(job_file_path(name + ".yaml"), job_args.overrides);
  const RunJobOptions run_options = run_job_options(options, job_args);
  const JobResult result = run_in_session(job, run_options, telling);
  print_accuracies(result);
  return result.exit_code;
}

}  // namespace qeval
