#include "jobs/field_table.h"

namespace qeval {
namespace {

using namespace std::string_literals;

constexpr double max_pixels_of_jpeg = 65'500.0 * 65'500.0;
constexpr double max_count = 1e9;
const std::vector<int> bit_widths{2, 4, 8, 16};
const std::string name_pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$";
const std::string name_help = "letters, digits, '.', '_' and '-', starting with a letter or digit, at most 200";

/// subset and calibrate.samples are the same language.
std::vector<Field> sample_choice(const std::string& path, const std::string& help, const std::string& fallback) {
  return {
      {.path = path, .forms = form::word | form::map, .help = help, .fallback = fallback, .required = true,
       .words = {"all"}, .one_of = {"first", "per_class", "list"}},
      {.path = path + ".first", .forms = form::integer, .help = "The first N images in manifest order.", .minimum = 1,
       .maximum = max_count},
      {.path = path + ".per_class", .forms = form::integer, .help = "The first N images of every class, classes in order.",
       .minimum = 1, .maximum = max_count},
      {.path = path + ".list", .forms = form::path,
       .help = "A text file with one image name per line, in the order wanted."},
  };
}

std::vector<Field> job_rows() {
  return {
      {.path = "qeval", .forms = form::integer, .help = "Version of the job-file format; write qeval: 1.", .required = true,
       .integers = {1}},
      {.path = "name", .forms = form::text, .help = "Name of the job in listings and in ${name}.", .required = true,
       .pattern = name_pattern, .pattern_help = name_help},
      {.path = "description", .forms = form::text, .help = "What the job is for, in free text."},
      {.path = "tags", .forms = form::list, .help = "Words to find the job's runs by.", .fallback = "[]"},
      {.path = "tags[]", .forms = form::text, .help = "One word.", .pattern = name_pattern, .pattern_help = name_help},
  };
}

std::vector<Field> model_rows() {
  return {
      {.path = "model", .forms = form::map, .help = "The network and its weights.", .required = true,
       .in_variants = true},
      {.path = "model.arch", .forms = form::text, .help = "Architecture name, e.g. resnext101_32x8d.", .required = true},
      {.path = "model.weights", .forms = form::path, .help = "Weights file: .pth (zip or legacy) or .safetensors.",
       .required = true},
      {.path = "model.sha256", .forms = form::text,
       .help = "The weights file must have this SHA-256; otherwise nothing is run.",
       .pattern = "^[0-9a-fA-F]{64}$", .pattern_help = "64 hexadecimal digits"},
      {.path = "model.fold_batch_norm", .forms = form::boolean,
       .help = "Fold batch norms into the convolutions before them.", .fallback = "true"},
      {.path = "model.parameters", .forms = form::map,
       .help = "What the architecture is built with where it differs from its defaults, e.g. {layers: [1, 1, 1, 1], "
               "groups: 32, num_classes: 10}.",
       .fallback = "{}"},
      {.path = "model.parameters.*", .forms = form::any_scalar | form::list, .help = "A value or a list of values.",
       .pattern = "^[A-Za-z_][A-Za-z0-9_]{0,63}$", .pattern_help = "a parameter name: letters, digits and '_'"},
      {.path = "model.parameters.*[]", .forms = form::any_scalar, .help = "One value."},
  };
}

std::vector<Field> dataset_rows() {
  std::vector<Field> rows{
      {.path = "dataset", .forms = form::map, .help = "The labelled images that are evaluated.", .required = true,
       .in_variants = true},
      {.path = "dataset.name", .forms = form::text,
       .help = "Name in listings; by default the last part of root."},
      {.path = "dataset.kind", .forms = form::word,
       .help = "imagefolder: one sub-folder per class, sorted. list: a CSV file of path,label.",
       .fallback = "imagefolder", .words = {"imagefolder", "list"}},
      {.path = "dataset.root", .forms = form::path, .help = "Folder of the images.", .required = true},
      {.path = "dataset.labels", .forms = form::path, .help = "kind list: the CSV file of path,label; paths below root."},
  };
  for (Field& row : sample_choice("dataset.subset", "Which of the images are evaluated.", "all")) rows.push_back(row);
  return rows;
}

std::vector<Field> preprocess_rows() {
  const std::string step = "preprocess[].";
  return {
      {.path = "preprocess", .forms = form::list,
       .help = "Steps from the JPEG file to the network's input, in order. At least one step must fix the size; "
               "normalize comes last.",
       .required = true, .in_variants = true},
      {.path = "preprocess[]", .forms = form::map, .help = "One step.",
       .one_of = {"decode", "resize", "center_crop", "normalize"}},
      {.path = step + "decode", .forms = form::map, .help = "Limits of the JPEG decoder; the first step, if given."},
      {.path = step + "decode.max_pixels", .forms = form::integer, .help = "Larger images are bad images.",
       .fallback = "178956970", .minimum = 1, .maximum = max_pixels_of_jpeg},
      {.path = step + "decode.max_scans", .forms = form::integer,
       .help = "Progressive images with more scans are bad images.", .fallback = "500", .minimum = 1,
       .maximum = 100'000},
      {.path = step + "resize", .forms = form::map, .help = "Resize as Pillow does, to the byte.",
       .one_of = {"short_side", "size"}},
      {.path = step + "resize.short_side", .forms = form::integer,
       .help = "Length of the shorter side; the other keeps the aspect ratio (torchvision's Resize(n)).", .minimum = 1,
       .maximum = 65'500},
      {.path = step + "resize.size", .forms = form::integer | form::list,
       .help = "N for N×N, or [height, width].", .minimum = 1, .maximum = 65'500, .item_counts = {2}},
      {.path = step + "resize.size[]", .forms = form::integer, .help = "Pixels.", .minimum = 1, .maximum = 65'500},
      {.path = step + "resize.filter", .forms = form::word, .help = "Resampling filter.", .fallback = "bilinear",
       .words = {"bilinear", "bicubic"}},
      {.path = step + "resize.emulate", .forms = form::word,
       .help = "Whose order of the horizontal and vertical pass is taken; the bytes differ.",
       .fallback = "pillow-13", .words = {"pillow-12.1", "pillow-12.2", "pillow-13"}},
      {.path = step + "center_crop", .forms = form::integer | form::map,
       .help = "N: a centred N×N square; smaller images are padded with zeros (torchvision's CenterCrop).",
       .minimum = 1, .maximum = 65'500, .one_of = {"size", "fraction"}},
      {.path = step + "center_crop.size", .forms = form::integer,
       .help = "Side of the square; with padding, the size the network was made for.", .minimum = 1,
       .maximum = 65'500},
      {.path = step + "center_crop.padding", .forms = form::integer,
       .help = "EfficientNet's padded crop: a square of side size / (size + padding) × the shorter side.",
       .minimum = 0, .maximum = 65'500, .only_with = "size"},
      {.path = step + "center_crop.fraction", .forms = form::number, .help = "Share of each side that is kept.",
       .minimum = 0, .maximum = 1, .above_minimum = true},
      {.path = step + "normalize", .forms = form::map, .help = "(x − mean) / std per channel; the last step."},
      {.path = step + "normalize.range", .forms = form::word,
       .help = "unit: x is the byte / 255. bytes: x is the byte itself.", .fallback = "unit",
       .words = {"unit", "bytes"}},
      {.path = step + "normalize.mean", .forms = form::number | form::list, .help = "One value, or one per channel (RGB).",
       .required = true, .minimum = -1e6, .maximum = 1e6, .item_counts = {1, 3}},
      {.path = step + "normalize.mean[]", .forms = form::number, .help = "One channel.", .minimum = -1e6,
       .maximum = 1e6},
      {.path = step + "normalize.std", .forms = form::number | form::list, .help = "One value, or one per channel (RGB).",
       .required = true, .minimum = 0, .maximum = 1e6, .above_minimum = true, .item_counts = {1, 3}},
      {.path = step + "normalize.std[]", .forms = form::number, .help = "One channel.", .minimum = 0, .maximum = 1e6,
       .above_minimum = true},
  };
}

std::vector<Field> quantization_rows() {
  const std::string q = "quantization.";
  return {
      {.path = "quantization", .forms = form::word | form::map, .help = "How the network is quantized; none: not at all.",
       .fallback = "none", .in_variants = true, .words = {"none"}},
      {.path = q + "mode", .forms = form::word, .help = "Whose arithmetic is reproduced to the bit.",
       .fallback = "aimet-1.24", .words = {"aimet-1.24", "aimet-torch-2"}},
      {.path = q + "scheme", .forms = form::word, .help = "How ranges are found: tf takes minimum and maximum, "
       "tf_enhanced weighs clipping against rounding.", .fallback = "tf_enhanced", .words = {"tf", "tf_enhanced"}},
      {.path = q + "executor", .forms = form::word,
       .help = "simulated: 32-bit arithmetic with quantize-dequantize.", .fallback = "simulated",
       .words = {"simulated"}},
      {.path = q + "param", .forms = form::map, .help = "Weights.", .fallback = "{}"},
      {.path = q + "param.bits", .forms = form::integer, .help = "Bits per weight.", .fallback = "8",
       .integers = bit_widths},
      {.path = q + "param.symmetric", .forms = form::boolean, .help = "Symmetric around zero.", .fallback = "true"},
      {.path = q + "param.per_channel", .forms = form::boolean,
       .help = "One encoding per output channel instead of one per tensor.", .fallback = "false"},
      {.path = q + "activation", .forms = form::map, .help = "Activations.", .fallback = "{}"},
      {.path = q + "activation.bits", .forms = form::integer, .help = "Bits per activation.", .fallback = "8",
       .integers = bit_widths},
      {.path = q + "activation.symmetric", .forms = form::boolean, .help = "Symmetric around zero.",
       .fallback = "false"},
      {.path = q + "quantize_input", .forms = form::boolean, .help = "Quantize the network's input too.",
       .fallback = "true"},
      {.path = q + "quantize_bias", .forms = form::boolean, .help = "Quantize biases; false: they stay float.",
       .fallback = "false"},
      {.path = q + "share_module_quantizers", .forms = form::boolean,
       .help = "A module called several times has one quantizer (AIMET on a net that was not prepared); false: one per "
               "call.",
       .fallback = "true"},
      {.path = q + "config", .forms = form::word, .help = "Rules that place the quantizers.",
       .fallback = "aimet-default", .words = {"aimet-default"}},
      {.path = q + "encodings", .forms = form::map, .help = "Where the quantizers' ranges come from: import an AIMET file, or calibrate on images.",
       .required = true, .one_of = {"import", "calibrate"}},
      {.path = q + "encodings.import", .forms = form::path, .help = "An AIMET encodings file."},
      {.path = q + "encodings.missing", .forms = form::word,
       .help = "A quantizer that the file does not name: stop, or leave it float.", .fallback = "error",
       .words = {"error", "leave_float"}, .only_with = "import"},
      {.path = q + "encodings.calibrate", .forms = form::map, .help = "Compute the ranges from images."},
  };
}

std::vector<Field> calibration_rows() {
  const std::string c = "quantization.encodings.calibrate.";
  std::vector<Field> rows = sample_choice(
      c + "samples", "Which of the images are used: all, {first: N}, {per_class: N} or {list: FILE}.", "");
  const std::vector<Field> others{
      {.path = c + "root", .forms = form::path, .help = "Folder of the images; by default dataset.root."},
      {.path = c + "kind", .forms = form::word, .help = "By default dataset.kind.", .words = {"imagefolder", "list"}},
      {.path = c + "labels", .forms = form::path, .help = "kind list: the CSV file; by default dataset.labels."},
      {.path = c + "batch_size", .forms = form::integer,
       .help = "Images per batch; by default run.batch_size. AIMET's ranges depend on it: the first batch fixes the "
               "histograms.",
       .minimum = 1, .maximum = 1024},
  };
  rows.insert(rows.end(), others.begin(), others.end());
  return rows;
}

std::vector<Field> variant_rows() {
  return {
      {.path = "variants", .forms = form::map,
       .help = "One run each, in this order. A variant may hold model, dataset, preprocess and quantization; they are "
               "merged over the top level: maps merge, lists and single values replace."},
      {.path = "variants.*", .forms = form::map | form::empty, .help = "The changes; may be empty.",
       .pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$",
       .pattern_help = "a variant name: letters, digits, '_' and '-', at most 64"},
  };
}

std::vector<Field> metric_rows() {
  std::vector<Field> rows{{.path = "metrics", .forms = form::map,
                           .help = "Gates: a metric outside reference ± tolerance ends the command with exit code 1.",
                           .fallback = "{}"}};
  for (const std::string metric : {"metrics.top1", "metrics.top5"}) {
    const std::vector<Field> one{
        {.path = metric, .forms = form::map, .help = "Share of images whose label is among the first "s +
                                                      (metric.back() == '1' ? "one." : "five.")},
        {.path = metric + ".reference", .forms = form::number | form::map,
         .help = "Value expected, 0 to 1; or a map from variant to value.", .minimum = 0, .maximum = 1},
        {.path = metric + ".reference.*", .forms = form::number, .help = "Value expected of this variant.",
         .minimum = 0, .maximum = 1},
        {.path = metric + ".tolerance", .forms = form::number, .help = "Largest difference allowed.", .fallback = "0",
         .minimum = 0, .maximum = 1, .only_with = "reference"},
    };
    rows.insert(rows.end(), one.begin(), one.end());
  }
  return rows;
}

std::vector<Field> run_rows() {
  return {
      {.path = "run", .forms = form::map, .help = "How the work is done.", .fallback = "{}"},
      {.path = "run.batch_size", .forms = form::integer,
       .help = "Images per inference; it changes the last bits of the logits.", .fallback = "8", .minimum = 1,
       .maximum = 1024},
      {.path = "run.device", .forms = form::text, .help = "auto takes the GPU if there is one.", .fallback = "auto",
       .pattern = "^(auto|cpu|cuda|cuda:[0-9]{1,3})$", .pattern_help = "auto, cpu, cuda or cuda:N"},
      {.path = "run.threads", .forms = form::integer, .help = "Threads in all; 0: one per core.", .fallback = "0",
       .minimum = 0, .maximum = 1024},
      {.path = "run.decode_threads", .forms = form::integer,
       .help = "Images decoded at once; 0: as many as there are threads.", .fallback = "0", .minimum = 0,
       .maximum = 1024},
      {.path = "run.replicas", .forms = form::integer,
       .help = "Inferences at once; 0: one per thread on a CPU, one on a GPU.", .fallback = "0", .minimum = 0,
       .maximum = 1024},
      {.path = "run.bad_images", .forms = form::map, .help = "What to do about images that cannot be read.",
       .fallback = "{}"},
      {.path = "run.bad_images.max", .forms = form::integer | form::share,
       .help = "More bad images than this stop the run: a count, or a share such as 0.01.", .fallback = "0",
       .minimum = 0, .maximum = max_count},
      {.path = "output", .forms = form::map, .help = "Files that are written.", .fallback = "{}"},
      {.path = "output.export_encodings", .forms = form::path,
       .help = "Encodings as AIMET JSON, below the job file's folder. May hold ${name} and ${variant}."},
  };
}

std::vector<Field> all_rows() {
  std::vector<Field> rows;
  for (const auto& part : {job_rows(), model_rows(), dataset_rows(), preprocess_rows(), quantization_rows(),
                           calibration_rows(), variant_rows(), metric_rows(), run_rows()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

}  // namespace

const std::vector<Field>& field_table() {
  static const std::vector<Field> rows = all_rows();
  return rows;
}

}  // namespace qeval
