#include "jobs/language/field_table.h"

#include "jobs/language/field_rows.h"
#include "jobs/language/job_words.h"

namespace qeval {
namespace {

using namespace std::string_literals;

const std::string name_pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$";
const std::string name_help = "letters, digits, '.', '_' and '-', starting with a letter or digit, at most 200";

std::vector<Field> job_rows() {
  return {
      {.path = "qeval",
       .forms = form::integer,
       .help = "Version of the job-file format; write qeval: 1.",
       .required = true,
       .integers = {1}},
      {.path = "name",
       .forms = form::text,
       .help = "Name of the job in listings and in ${name}.",
       .required = true,
       .pattern = name_pattern,
       .pattern_help = name_help},
      {.path = "description", .forms = form::text, .help = "What the job is for, in free text."},
      {.path = "tags", .forms = form::list, .help = "Words to find the job's runs by.", .fallback = "[]"},
      {.path = "tags[]", .forms = form::text, .help = "One word.", .pattern = name_pattern, .pattern_help = name_help},
  };
}

std::vector<Field> model_rows() {
  return {
      {.path = "model",
       .forms = form::map,
       .help = "The network and its weights.",
       .required = true,
       .in_variants = true},
      {.path = "model.arch",
       .forms = form::text,
       .help = "Architecture name, e.g. resnext101_32x8d; onnx for a network that model.weights holds itself.",
       .required = true},
      {.path = "model.weights",
       .forms = form::path,
       .help = "Weights file: .pth (zip or legacy) or .safetensors; with arch onnx, the .onnx file.",
       .required = true},
      {.path = "model.sha256",
       .forms = form::text,
       .help = "The weights file must have this SHA-256; otherwise nothing is run.",
       .pattern = "^[0-9a-fA-F]{64}$",
       .pattern_help = "64 hexadecimal digits"},
      {.path = "model.state_dict",
       .forms = form::text,
       .help = "The checkpoint's key under which the weights are, e.g. model_ema, or run.ema in a dictionary there; by "
               "default state_dict, model_state_dict, model, net or weights, or the only dictionary of tensors."},
      {.path = "model.fold_batch_norm",
       .forms = form::boolean,
       .help = "Fold batch norms into the convolutions before them.",
       .fallback = "true"},
      {.path = "model.parameters",
       .forms = form::map,
       .help = "What the architecture is built with where it differs from its defaults, e.g. {layers: [1, 1, 1, 1], "
               "groups: 32, num_classes: 10}. With arch onnx: input_size, a number or [height, width], where the file "
               "leaves them open; output, the name of the output that holds the scores of the classes, where the file "
               "has several.",
       .fallback = "{}"},
      {.path = "model.parameters.*",
       .forms = form::any_scalar | form::list,
       .help = "A value or a list of values.",
       .pattern = "^[A-Za-z_][A-Za-z0-9_]{0,63}$",
       .pattern_help = "a parameter name: letters, digits and '_'"},
      {.path = "model.parameters.*[]", .forms = form::any_scalar, .help = "One value."},
  };
}

std::vector<Field> dataset_rows() {
  std::vector<Field> rows{
      {.path = "dataset",
       .forms = form::map,
       .help = "The labelled images that are evaluated.",
       .required = true,
       .in_variants = true},
      {.path = "dataset.name", .forms = form::text, .help = "Name in listings; by default the last part of root."},
      {.path = "dataset.kind",
       .forms = form::word,
       .help = "imagefolder: one sub-folder per class, sorted. list: a CSV file of path,label.",
       .fallback = "imagefolder",
       .words = words_of<DatasetKind>()},
      {.path = "dataset.root", .forms = form::path, .help = "Folder of the images.", .required = true},
      {.path = "dataset.labels",
       .forms = form::path,
       .help = "kind list: the CSV file of path,label; paths below root."},
  };
  for (Field& row : sample_choice_rows("dataset.subset", "Which of the images are evaluated.", "all")) {
    rows.push_back(row);
  }
  return rows;
}

/// What a variant can need: every file and folder that its sections name.
std::vector<std::string> paths_of_sections() {
  std::vector<std::string> paths;
  for (const auto& section : {model_rows(), dataset_rows(), preprocess_rows(), quantization_rows()})
    for (const Field& field : section)
      if (field.forms & form::path) paths.push_back(field.path);
  return paths;
}

std::vector<Field> variant_rows() {
  return {
      {.path = "variants",
       .forms = form::map,
       .help = "One run each: the baseline of compare, then the others in this order. A variant may hold model, "
               "dataset, preprocess and quantization; they are merged over the top level: maps merge, lists and single "
               "values replace. And it may say what it needs."},
      {.path = "variants.*",
       .forms = form::map | form::empty,
       .help = "The changes; may be empty.",
       .pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$",
       .pattern_help = "a variant name: letters, digits, '_' and '-', at most 64"},
      {.path = "variants.*.needs",
       .forms = form::list,
       .help =
           "What must be at hand. Where a variable in one of these values is not set, or nothing is at its path, the "
           "variant is left out, and that is said; without this key it would be an error. Values given by --set and "
           "variants asked for by --variant are not left out."},
      {.path = "variants.*.needs[]",
       .forms = form::word,
       .help = "A key of the variant.",
       .words = paths_of_sections()},
  };
}

/// A fraction for every variant, or one for each that is named.
std::vector<Field> fraction_rows(const std::string& path, const std::string& help, const std::string& help_of_one,
                                 double maximum) {
  return {{.path = path,
           .forms = form::number | form::map,
           .help = help,
           .minimum = 0,
           .maximum = maximum,
           .is_fraction = true},
          {.path = path + ".*",
           .forms = form::number,
           .help = help_of_one,
           .minimum = 0,
           .maximum = maximum,
           .is_fraction = true}};
}

std::vector<Field> metric_rows() {
  std::vector<Field> rows{{.path = "metrics",
                           .forms = form::map,
                           .help = "Gates: a metric outside reference ± tolerance, or a real drop of more than "
                                   "max_drop, ends the command with exit code 1.",
                           .fallback = "{}"}};
  for (const std::string metric : {"metrics.top1", "metrics.top5"}) {
    rows.push_back({.path = metric,
                    .forms = form::map,
                    .help = "Share of images whose label is "s +
                            (metric.back() == '1' ? "the first guess." : "among the first five guesses.")});
    const std::vector<Field> reference =
        fraction_rows(metric + ".reference", "Value expected, 0 to 1; or a map from variant to value.",
                      "Value expected of this variant.", 1);
    rows.insert(rows.end(), reference.begin(), reference.end());
    rows.push_back({.path = metric + ".tolerance",
                    .forms = form::number,
                    .help = "Largest difference allowed.",
                    .fallback = "0",
                    .minimum = 0,
                    .maximum = 1,
                    .is_fraction = true,
                    .only_with = {"reference"}});
    const std::vector<Field> drop = fraction_rows(
        metric + ".max_drop",
        "Largest drop allowed against compare.baseline, 0.01 for a point, on the images that both evaluated; or a map "
        "from variant to value. A larger one is missed only if it is real.",
        "Largest drop allowed of this variant.", 0.5);
    rows.insert(rows.end(), drop.begin(), drop.end());
    rows.push_back({.path = metric + ".alpha",
                    .forms = form::number,
                    .help = "A drop is real if chance makes it more rarely than this (McNemar's test).",
                    .fallback = "0.05",
                    .minimum = 0,
                    .maximum = 0.5,
                    .above_minimum = true,
                    .is_fraction = true,
                    .only_with = {"max_drop"}});
  }
  rows.push_back({.path = "compare",
                  .forms = form::map,
                  .help = "What the variants are compared with, image by image.",
                  .fallback = "{}"});
  rows.push_back({.path = "compare.baseline",
                  .forms = form::text,
                  .help = "The variant that all others are compared with; it is run first. By default the first "
                          "without quantization."});
  return rows;
}

// NOLINTNEXTLINE(readability-function-size): a table
std::vector<Field> run_rows() {
  return {
      {.path = "run", .forms = form::map, .help = "How the work is done.", .fallback = "{}"},
      {.path = "run.batch_size",
       .forms = form::integer,
       .help = "Images per inference; it changes the last bits of the logits.",
       .fallback = "8",
       .minimum = 1,
       .maximum = 1024},
      {.path = "run.device",
       .forms = form::text,
       .help = "auto takes the GPU if there is one.",
       .fallback = "auto",
       .pattern = "^(auto|cpu|cuda|cuda:[0-9]{1,3})$",
       .pattern_help = "auto, cpu, cuda or cuda:N"},
      {.path = "run.threads",
       .forms = form::integer,
       .help = "Threads in all; 0: one per core.",
       .fallback = "0",
       .minimum = 0,
       .maximum = 1024},
      {.path = "run.decode_threads",
       .forms = form::integer,
       .help = "Images decoded at once; 0: as many as there are threads.",
       .fallback = "0",
       .minimum = 0,
       .maximum = 1024},
      {.path = "run.replicas",
       .forms = form::integer,
       .help = "Inferences at once; 0: one per thread on a CPU, one on a GPU.",
       .fallback = "0",
       .minimum = 0,
       .maximum = 1024},
      {.path = "run.bad_images",
       .forms = form::map,
       .help = "What to do about images that cannot be read.",
       .fallback = "{}"},
      {.path = "run.bad_images.max",
       .forms = form::integer | form::share,
       .help = "More bad images than this stop the run: a count, or a share such as 0.01.",
       .fallback = "0",
       .minimum = 0,
       .maximum = max_field_count},
      {.path = "preflight",
       .forms = form::word,
       .help = "on: before anything long, run looks at up to 256 images spread over the classes, with the network as "
               "it is without quantizers. Labels that are off by one or in another order, channels swapped, a wrong "
               "range, mean or std, and answers at chance level end the command with exit code 3, if they are proven. "
               "Not for weights of `qeval make-weights`. off: nothing is looked at, and class folders may be any.",
       .fallback = "on",
       .words = {"on", "off"}},
      {.path = "output", .forms = form::map, .help = "Files that are written.", .fallback = "{}"},
      {.path = "output.export_encodings",
       .forms = form::path,
       .help = "Encodings as AIMET JSON, below the job file's folder. May hold ${name} and ${variant}."},
      {.path = "output.encodings_version",
       .forms = form::word,
       .help = "Version of the exported encodings. 0.6.1 names modules; the others name tensors, as module:output or "
               "module:input, and hold no min and max.",
       .fallback = "0.6.1",
       .words = {"0.6.1", "1.0.0", "2.0.0"}},
  };
}

std::vector<Field> all_rows() {
  std::vector<Field> rows;
  for (const auto& part : {job_rows(), model_rows(), dataset_rows(), preprocess_rows(), quantization_rows(),
                           variant_rows(), metric_rows(), run_rows()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

}  // namespace

std::vector<Field> sample_choice_rows(const std::string& path, const std::string& help, const std::string& fallback) {
  return {
      {.path = path,
       .forms = form::word | form::map,
       .help = help,
       .fallback = fallback,
       .required = true,
       .words = {"all"},
       .one_of = {"first", "per_class", "every", "spread", "list"}},
      {.path = path + ".first",
       .forms = form::integer,
       .help = "The first N images in manifest order.",
       .minimum = 1,
       .maximum = max_field_count},
      {.path = path + ".per_class",
       .forms = form::integer,
       .help = "The first N images of every class, classes in order.",
       .minimum = 1,
       .maximum = max_field_count},
      {.path = path + ".every",
       .forms = form::integer,
       .help = "Every N-th image in manifest order, the first among them.",
       .minimum = 1,
       .maximum = max_field_count},
      {.path = path + ".spread",
       .forms = form::integer,
       .help = "N images spread over the classes: one of each while there is room, the rest in proportion.",
       .minimum = 1,
       .maximum = max_field_count},
      {.path = path + ".list",
       .forms = form::path,
       .help = "A text file with one image name per line, in the order wanted."},
  };
}

const std::vector<Field>& field_table() {
  static const std::vector<Field> rows = all_rows();
  return rows;
}

}  // namespace qeval
