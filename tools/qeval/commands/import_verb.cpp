#include <fmt/core.h>

#include "jobs/compare/imported_predictions.h"
#include "jobs/compare/stored_run.h"
#include "jobs/language/identity.h"
#include "jobs/run/stored_content.h"
#include "jobs/run/version.h"
#include "pipeline/base/errors.h"
#include "storage/queries.h"
#include "storage/run_store.h"
#include "tools/qeval/commands/database_path.h"
#include "tools/qeval/commands/options.h"
#include "tools/qeval/commands/verb.h"
#include "tools/qeval/text/number_text.h"
#include "tools/qeval/text/terminal.h"

namespace qeval {
namespace {

namespace fs = std::filesystem;

constexpr const char* import_usage = "import predictions FILE --like RUN [options]";
constexpr const char* more_help =
    "\nFILE is CSV with a header (image, top1 … top5, or a column 0, 1, 2 … per\n"
    "class), JSON lines ({\"image\": …, \"top\": [5, 3]} or \"logits\"), or a\n"
    "safetensors tensor of classes or logits, a row per image of RUN.\n";

/// The run that says which images and classes are meant.
struct Model {
  RunRecord run;
  std::vector<SampleRecord> samples;
  int classes = 0;
};

Model model_run(const fs::path& database, const std::string& reference) {
  const auto queries = Queries::open(database);
  queries->hold();
  RunRecord run = queries->run(reference);
  require_whole_key(queries->file(), "run " + run.name, run.eval_key, run.key_components);
  auto samples = queries->samples(key_component(run, "manifest"));
  const int classes = queries->class_count(run.id);
  return {std::move(run), std::move(samples), classes};
}

/// What the other run's network ends in, unless it is said. Part of a key: never rename.
std::string scores_word(const Options& options, const RunRecord& run) {
  const std::string like = key_component(run, "scores");
  return options.text("scores", like.empty() ? "logits" : like);
}

ScoreKind scores_of(const std::string& word) {
  if (word == "logits") return ScoreKind::logits;
  if (word == "probabilities") return ScoreKind::probabilities;
  if (word == "log-probabilities") return ScoreKind::log_probabilities;
  throw UsageError("--scores: '" + word + "' is not one of logits, probabilities, log-probabilities");
}

bool in_order(const Options& options) {
  const std::string by = options.text("by", "name");
  if (by != "name" && by != "order") throw UsageError("--by: '" + by + "' is not one of name, order");
  return by == "order";
}

/// An identity of their own: no key of a computed run has such components.
KeyComponents components_of(const Model& model, const ForeignPredictions& found, const MatchedPredictions& matched,
                            const std::string& scores, const std::string& tensor) {
  KeyComponents components{{"executor", imported_executor},
                           {"manifest", key_component(model.run, "manifest")},
                           {"preprocess", key_component(model.run, "preprocess")},
                           {"predictions_sha256", found.sha256},
                           {"layout", found.layout},
                           {"matched_by", matched.by_name ? "name" : "order"}};
  if (found.layout == "scores") components["scores"] = scores;
  if (!tensor.empty()) components["tensor"] = tensor;
  return components;
}

void declare(Options& options) {
  options.positional("what", 2);
  options.value("like", "RUN", "the run whose images they are, in its order of classes")
      .value("by", "HOW", "name (default where the file has names) or order")
      .value("scores", "KIND",
             "what a score per class is: logits, probabilities or log-probabilities (default: as RUN's)")
      .value("tensor", "NAME", "of a safetensors file (default: the only one that fits)")
      .value("variant", "NAME", "what they are called (default: the file's name)")
      .value("db", "FILE", "results database");
}

fs::path file_of(const Options& options) {
  const std::vector<std::string> what = options.list("what");
  if (what.size() != 2 || what.front() != "predictions" || !options.given("like"))
    throw UsageError(std::string("import: a file or --like is missing (usage: qeval ") + import_usage + ")");
  return what.back();
}

}  // namespace

int import_verb(const std::vector<std::string>& arguments) {
  Options options(import_usage);
  declare(options);
  if (!options.parse(arguments)) {
    write_out(more_help);
    return 0;
  }
  const fs::path file = file_of(options), database = database_path(options.text("db"));
  const Model model = model_run(database, options.text("like"));
  const std::string scores = scores_word(options, model.run), tensor = options.text("tensor");
  const PredictionsRequest request{model.classes, model.samples.size(), scores_of(scores), tensor};
  const ForeignPredictions found = read_predictions_file(file, request);
  const MatchedPredictions matched = match_predictions(found, model.samples, file.string(), in_order(options));
  const ModelRecord made_by{file.filename().string(),
                            model.run.arch,
                            "predictions",
                            fs::absolute(file).string(),
                            found.sha256,
                            found.bytes,
                            0,
                            model.classes};
  ImportRequest import{model.run.id, options.text("variant", file.stem().string()), made_by, {}, {}, tool_version};
  import.key_components = components_of(model, found, matched, scores, tensor);
  import.eval_key = make_key(import.key_components);

  const auto store = RunStore::open(database);
  if (const auto stored = store->find_run(import.eval_key)) {
    out("{}: the same predictions are stored already\n", stored->name);
    return 0;
  }
  const RunRecord run = store->import_run(import, matched.rows);
  out("{} ({}): {} of {} images by {}, {} right; compare with: qeval compare {} {}\n", run.name, run.variant,
      with_commas(run.n_done), with_commas(run.n_total), matched.by_name ? "name" : "order",
      with_commas(run.n_correct1), model.run.name, run.name);
  if (matched.unknown > 0) err("note: {} rows name images that {} does not have\n", matched.unknown, model.run.name);
  return 0;
}

}  // namespace qeval
