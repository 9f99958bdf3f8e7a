#include "tools/qeval/commands/verb.h"

namespace qeval {

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all{
      {"run", "JOB [options]", "run a job file; what is finished or half done is not computed again", run_verb},
      {"resume", "[RUN] [options]", "go on with an interrupted run (default: the latest)", resume_verb},
      {"validate", "JOB…", "check job files and what they name; every error with file:line:col", validate_verb},
      {"plan", "JOB [options]", "what would run, what is stored already and why not; runs nothing", plan_verb},
      {"sensitivity", "JOB [options]", "which layers' quantizers cost accuracy, alone or left out; resumable",
       sensitivity_verb},
      {"status", "[--watch] [options]", "what is running, how far it is, and who writes", status_verb},
      {"history", "[options]", "list past runs; any SQL condition", history_verb},
      {"show", "RUN [options]", "one run: settings, results, attempts, failed images, keys", show_verb},
      {"explain", "RUN [--against RUN2]", "what a run's key consists of, and what differs: field by field",
       explain_verb},
      {"compare", "A B [C…] [options]", "what B broke and fixed of A's images, and whether that is a real drop",
       compare_verb},
      {"report", "RUN… -o FILE", "all of this in one HTML file, to be read, printed and attached", report_verb},
      {"import", "predictions FILE --like RUN", "predictions made elsewhere, to be compared like a run of ours",
       import_verb},
      {"export", "JOB --format onnx-qdq -o FILE", "a quantized network with its encodings, for other runtimes",
       export_verb},
      {"encodings", "list|show|import|export|diff …", "AIMET encodings: stored sets and files, and where they disagree",
       encodings_verb},
      {"zoo", "resnext101_w8a8 --dataset-path DIR", "a model-zoo evaluation under the zoo's own flags", zoo_verb},
      {"make-weights", "ARCH --seed N -o FILE", "random weights with sane statistics, to try a job's speed",
       make_weights_verb},
      {"schema", "", "JSON Schema of the job file, for editors", schema_verb},
      {"list", "archs", "names that job files may use", list_verb},
      {"version", "", "version of qeval", version_verb},
  };
  return all;
}

}  // namespace qeval
