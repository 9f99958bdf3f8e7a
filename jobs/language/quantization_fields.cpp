#include "jobs/language/field_rows.h"

#include "jobs/language/job_words.h"

namespace qeval {
namespace {

// NOLINTNEXTLINE(readability-function-size): a table
std::vector<Field> quantizer_rows() {
  const std::string q = "quantization.";
  return {
      {.path = "quantization",
       .forms = form::word | form::map,
       .help = "How the network is quantized; none: not at all.",
       .fallback = "none",
       .in_variants = true,
       .words = {"none"}},
      {.path = q + "mode",
       .forms = form::word,
       .help = "Whose arithmetic and placement are reproduced to the bit; by default the newest AIMET's.",
       .fallback = "aimet-torch-2",
       .words = {"aimet-1.24", "aimet-1.31", "aimet-2024", "aimet-onnx-2", "aimet-torch-2"}},
      {.path = q + "scheme",
       .forms = form::word,
       .help =
           "How ranges are found: tf takes minimum and maximum, "
           "tf_enhanced weighs clipping against rounding, percentile cuts off shares of the values; mse and entropy "
           "exist in aimet-1.24 and aimet-1.31, sqnr in aimet-torch-2.",
       .fallback = "tf_enhanced",
       .words = {"tf", "tf_enhanced", "percentile", "mse", "sqnr", "entropy"}},
      {.path = q + "percentile",
       .forms = form::number,
       .help = "With scheme percentile: the share of activation values, in percent, that either end of a range keeps "
               "inside; weights keep all.",
       .fallback = "100",
       .minimum = 90,
       .maximum = 100},
      {.path = q + "executor",
       .forms = form::word,
       .help = "simulated: 32-bit arithmetic with quantize-dequantize, AIMET's. simulated-exact: layers sum integer "
               "codes, which gives the same logits on every processor and in the exported ONNX file; slower. "
               "integer: the same logits and keys, computed with the codes themselves, faster than float.",
       .fallback = "simulated",
       .words = {"simulated", "simulated-exact", "integer"}},
      {.path = q + "param", .forms = form::map, .help = "Weights.", .fallback = "{}"},
      {.path = q + "param.bits",
       .forms = form::integer,
       .help = "Bits per weight.",
       .fallback = "8",
       .minimum = 2,
       .maximum = 16},
      {.path = q + "param.dtype",
       .forms = form::word,
       .help = "int: codes on a grid; float: half precision (bits: 16), which needs no ranges.",
       .fallback = "int",
       .words = words_of<NumberType>()},
      {.path = q + "param.symmetric", .forms = form::boolean, .help = "Symmetric around zero.", .fallback = "true"},
      {.path = q + "param.per_channel",
       .forms = form::boolean,
       .help = "One encoding per output channel instead of one per tensor.",
       .fallback = "false"},
      {.path = q + "param.block_size",
       .forms = form::integer,
       .help = "One encoding per output channel and block of so many input channels, in modes aimet-onnx-2 and "
               "aimet-torch-2; 0: no blocks.",
       .fallback = "0",
       .minimum = 0,
       .maximum = 65536},
      {.path = q + "param.block_modules",
       .forms = form::list,
       .help = "Modules whose weights are cut into blocks, named as `qeval plan --quantizers` does; empty: all.",
       .fallback = "[]"},
      {.path = q + "param.block_modules[]", .forms = form::text, .help = "A module."},
      {.path = q + "activation", .forms = form::map, .help = "Activations.", .fallback = "{}"},
      {.path = q + "activation.bits",
       .forms = form::integer,
       .help = "Bits per activation.",
       .fallback = "8",
       .minimum = 2,
       .maximum = 16},
      {.path = q + "activation.dtype",
       .forms = form::word,
       .help = "As param.dtype.",
       .fallback = "int",
       .words = words_of<NumberType>()},
      {.path = q + "activation.symmetric",
       .forms = form::boolean,
       .help = "Symmetric around zero.",
       .fallback = "false"},
      {.path = q + "quantize_input",
       .forms = form::boolean,
       .help = "Quantize the network's input too.",
       .fallback = "true"},
      {.path = q + "quantize_bias",
       .forms = form::boolean,
       .help = "Quantize biases; false: they stay float.",
       .fallback = "false"},
      {.path = q + "share_module_quantizers",
       .forms = form::boolean,
       .help = "A module called several times has one quantizer (AIMET on a net that was not prepared); false: one per "
               "call.",
       .fallback = "true"},
      {.path = q + "requantize",
       .forms = form::boolean,
       .help = "Quantize a network that is quantized in its ONNX file already: the quantizers of this section come on "
               "top. false: that is an error, as it is rarely meant.",
       .fallback = "false"},
      {.path = q + "equalize",
       .forms = form::boolean,
       .help =
           "Cross-layer equalization before quantizing: ReLU6 becomes ReLU (not in mode aimet-torch-2), channels of "
           "consecutive convolutions are scaled to equal ranges, high biases move to the next layer. Needs "
           "model.fold_batch_norm.",
       .fallback = "false"},
      {.path = q + "bias_correction",
       .forms = form::word,
       .help = "analytic: before calibrating, biases take back what rounding the weights does to the mean of a layer's "
               "output, as the batch norms before it predict it; no images are needed. Needs model.fold_batch_norm. "
               "empirical: as it is seen on the images of encodings.calibrate, layer by layer.",
       .fallback = "none",
       .words = words_of<BiasCorrectionMethod>()},
      {.path = q + "rounding",
       .forms = form::word,
       .help =
           "nearest, or adaround: before calibrating, every weight learns on the images of encodings.calibrate whether "
           "it "
           "rounds up or down, layer by layer, so that a layer's output stays what it is. Slow, and worth most below 8 "
           "bits. Not with bias_correction.",
       .fallback = "nearest",
       .words = words_of<WeightRounding>()},
      {.path = q + "adaround", .forms = form::map, .help = "AdaRound's parameters.", .fallback = "{}"},
      {.path = q + "adaround.iterations",
       .forms = form::integer,
       .help = "Steps per layer, each on 32 of the images; 0: AIMET's, 10,000, and 15,000 for weights of fewer than 8 "
               "bits.",
       .fallback = "0",
       .minimum = 0,
       .maximum = 1000000},
      {.path = q + "adaround.regularization",
       .forms = form::number,
       .help = "How strongly weights are driven to one of their two neighbours, against the change of outputs.",
       .fallback = "0.01",
       .minimum = 0,
       .maximum = 1000},
      {.path = q + "adaround.learning_rate",
       .forms = form::number,
       .help = "Adam's. AIMET's default takes thousands of steps; with 0.02 some hundreds do.",
       .fallback = "0.001",
       .minimum = 0,
       .maximum = 1000},
      {.path = q + "disable",
       .forms = form::list,
       .help = "Modules whose quantizers are switched off, named as `qeval plan --quantizers` does; what shares a "
               "quantizer with them goes off, too. Ranges are calibrated without them.",
       .fallback = "[]"},
      {.path = q + "disable[]", .forms = form::text, .help = "A module."},
      {.path = q + "config",
       .forms = form::word | form::path,
       .help =
           "Rules that place the quantizers. aimet-default: AIMET's own default for the mode, with the settings of "
           "this section. Any other preset, or an AIMET configuration file (a path), decides symmetry, granularity, "
           "input and biases itself; the keys for these must then keep their defaults. default is what AIMET takes "
           "where none is named: per channel in the modes of 2.x, per tensor before.",
       .fallback = "aimet-default",
       .words = {"aimet-default", "default", "default_per_channel", "default_per_tensor", "htp_v66", "htp_v68",
                 "htp_v69", "htp_v69_per_channel_linear", "htp_v73", "htp_v73_per_channel_linear", "htp_v75",
                 "htp_v75_per_channel_linear", "htp_v79", "htp_v79_per_channel_linear", "htp_v81",
                 "htp_v81_per_channel_linear"}},
      {.path = q + "encodings",
       .forms = form::map,
       .help = "Where the quantizers' ranges come from: import an AIMET file, or calibrate on images.",
       .required = true,
       .one_of = {"import", "calibrate"}},
      {.path = q + "encodings.import", .forms = form::path, .help = "An AIMET encodings file."},
      {.path = q + "encodings.missing",
       .forms = form::word,
       .help = "A quantizer that the file does not name: stop, or leave it float.",
       .fallback = "error",
       .words = words_of<MissingEncodings>(),
       .only_with = {"import"}},
      {.path = q + "encodings.freeze",
       .forms = form::path,
       .help = "An AIMET encodings file whose ranges are taken and not calibrated again, AIMET's frozen encodings; the "
               "other quantizers are calibrated.",
       .only_with = {"calibrate"}},
      {.path = q + "encodings.policy",
       .forms = form::word,
       .help = "An entry of the file that fits no quantizer, or whose bit width or symmetry is another: strict stops; "
               "partial applies what can be applied, with the file's bit width and symmetry, leaves the rest out "
               "(quantizers without an entry are float, or calibrated) and says so.",
       .fallback = "strict",
       .words = words_of<EncodingsPolicy>(),
       .only_with = {"import", "freeze"}},
      {.path = q + "encodings.names",
       .forms = form::path,
       .help = "A name map for the file, JSON: {\"name in the file\": \"quantizer, as `qeval plan --quantizers` names "
               "it\"}.",
       .only_with = {"import", "freeze"}},
      {.path = q + "encodings.calibrate", .forms = form::map, .help = "Compute the ranges from images."},
  };
}

std::vector<Field> calibration_rows() {
  const std::string c = "quantization.encodings.calibrate.";
  std::vector<Field> rows = sample_choice_rows(
      c + "samples",
      "Which of the images are used: all, {first: N}, {per_class: N}, {every: N}, {spread: N} or {list: FILE}.", "");
  const std::vector<Field> others{
      {.path = c + "root", .forms = form::path, .help = "Folder of the images; by default dataset.root."},
      {.path = c + "kind", .forms = form::word, .help = "By default dataset.kind.", .words = words_of<DatasetKind>()},
      {.path = c + "labels", .forms = form::path, .help = "kind list: the CSV file; by default dataset.labels."},
      {.path = c + "batch_size",
       .forms = form::integer,
       .help = "Images per batch; by default run.batch_size. AIMET's ranges depend on it: the first batch fixes the "
               "histograms.",
       .minimum = 1,
       .maximum = 1024},
  };
  rows.insert(rows.end(), others.begin(), others.end());
  return rows;
}

}  // namespace

std::vector<Field> quantization_rows() {
  std::vector<Field> rows = quantizer_rows();
  for (Field& row : calibration_rows()) rows.push_back(std::move(row));
  return rows;
}

}  // namespace qeval
