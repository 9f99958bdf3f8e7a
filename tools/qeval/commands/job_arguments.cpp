#include "tools/qeval/commands/job_arguments.h"

#include <limits>

#include <nlohmann/json.hpp>

#include "pipeline/base/errors.h"
#include "storage/damage.h"
#include "tools/qeval/commands/database_path.h"

namespace qeval {
namespace {

ProgressMode progress_mode(const Options& options) {
  const std::string mode = options.text("progress", "auto");
  if (mode == "auto") return ProgressMode::automatic;
  if (mode == "bar") return ProgressMode::bar;
  if (mode == "lines") return ProgressMode::lines;
  if (mode == "none") return ProgressMode::none;
  throw UsageError("--progress: '" + mode + "' is not one of auto, bar, lines, none");
}

LogFormat log_format(const Options& options) {
  const std::string format = options.text("log-format", "text");
  if (format == "text") return LogFormat::text;
  if (format == "jsonl") return LogFormat::jsonl;
  throw UsageError("--log-format: '" + format + "' is not one of text, jsonl");
}

}  // namespace

Telling telling_of(const Options& options) {
  Telling telling;
  telling.progress = progress_mode(options);
  telling.log_file = options.text("log-file");
  telling.log_format = log_format(options);
  const bool quiet = options.given("quiet"), verbose = options.given("verbose");
  if (quiet && verbose) throw UsageError("--quiet and --verbose exclude each other");
  if (options.given("log-format") && telling.log_file.empty())
    throw UsageError("--log-format: of which file? name it with --log-file");
  if (verbose) telling.amount = Telling::Amount::verbose;
  if (quiet) {
    telling.amount = Telling::Amount::quiet;
    telling.progress = ProgressMode::none;
  }
  return telling;
}

std::pair<std::string, std::string> split_assignment(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw UsageError("--set " + text + ": expected PATH=VALUE, e.g. --set run.batch_size=16");
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::string JobArguments::to_json() const {
  nlohmann::json json{{"set", overrides.set}, {"variants", overrides.only_variants}};
  if (limit) json["limit"] = *limit;
  if (force) json["force"] = true;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

JobArguments JobArguments::from_json(const std::string& text, const std::filesystem::path& database) try {
  JobArguments arguments;
  const auto json = nlohmann::json::parse(text);
  arguments.overrides.set = json.at("set").get<std::vector<std::pair<std::string, std::string>>>();
  arguments.overrides.only_variants = json.at("variants").get<std::vector<std::string>>();
  if (json.contains("limit")) arguments.limit = json["limit"].get<std::int64_t>();
  arguments.force = json.value("force", false);
  return arguments;
} catch (const nlohmann::json::exception& error) {
  throw_damaged(database, std::string("arguments of a run: ") + error.what());
}

void declare_job_options(Options& options) {
  options.values("set", "PATH=VALUE", "change a field of the job, e.g. run.batch_size=16 (repeatable)")
      .values("variant", "NAME", "only this variant (repeatable)")
      .value("limit", "N", "evaluate only N images, spread over the classes")
      .value("device", "D", "same as --set run.device=D: auto, cpu, cuda, cuda:N")
      .value("batch-size", "N", "same as --set run.batch_size=N");
}

void declare_output_options(Options& options) {
  options
      .value("db", "FILE",
             "results database (default: $QEVAL_DB, the nearest .qeval/results.db upward, ~/.local/share/qeval)")
      .value("progress", "MODE", "auto, bar, lines or none")
      .flag("quiet,q", "neither settings nor progress, only remarks and errors")
      .flag("verbose,v", "what each variant's key consists of, too")
      .value("log-file", "FILE", "add every event to this file, a line each")
      .value("log-format", "F", "of the log file: text or jsonl")
      .flag("force", "let output.export_encodings replace a file that qeval did not write");
}

JobArguments job_arguments(const Options& options) {
  JobArguments arguments;
  for (const std::string& text : options.list("set")) arguments.overrides.set.push_back(split_assignment(text));
  if (options.given("device")) arguments.overrides.set.emplace_back("run.device", options.text("device"));
  if (options.given("batch-size")) arguments.overrides.set.emplace_back("run.batch_size", options.text("batch-size"));
  arguments.overrides.only_variants = options.list("variant");
  arguments.limit = options.integer("limit", 1, std::numeric_limits<std::int64_t>::max());
  return arguments;
}

RunJobOptions run_job_options(const Options& options, const JobArguments& arguments) {
  RunJobOptions run;
  run.database = database_path(options.text("db"));
  run.limit = arguments.limit;
  run.force = arguments.force || options.given("force");
  JobArguments stored = arguments;
  stored.force = run.force;
  run.overrides_json = stored.to_json();
  return run;
}

}  // namespace qeval
