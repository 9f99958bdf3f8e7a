#pragma once
/// What a job file says, after defaults, merging of variants, variable expansion and --set.
///
/// Immutable values. Paths are absolute (relative ones are taken from the job file's folder).
/// Preprocessing steps and architecture parameters stay as declared, because jobs/ knows no image and no tensor.
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jobs/language/job_words.h"

namespace qeval {

class JobLocator;

struct ModelSpec {
  std::string arch;
  std::filesystem::path weights;
  std::string sha256;      ///< optional pin
  std::string state_dict;  ///< the checkpoint's key of the weights; empty: the usual one
  bool fold_batch_norm = true;
  std::map<std::string, std::string> parameters;  ///< num_classes, layers, groups, …
};

struct SubsetSpec {
  enum class Kind { all, first, per_class, every, spread, list } kind = Kind::all;
  std::int64_t count = 0;
  std::filesystem::path list;
};

struct DatasetSpec {
  std::string name;
  DatasetKind kind = DatasetKind::imagefolder;
  std::filesystem::path root;
  std::filesystem::path labels;  ///< kind list: CSV of path,label
  SubsetSpec subset;
};

/// One preprocessing step; `kind` names which fields count.
struct StepSpec {
  StepKind kind = StepKind::normalize;
  ResamplingFilter filter = ResamplingFilter::bilinear;  ///< resize
  PillowRelease emulate = PillowRelease::v13;            ///< resize
  std::optional<int> short_side, height, width;          ///< resize
  std::optional<int> crop, padding;                      ///< center_crop: size, or size with padding
  std::optional<double> fraction;                        ///< center_crop
  PixelRange range = PixelRange::unit;                   ///< normalize
  ChannelOrder channels = ChannelOrder::rgb;             ///< normalize
  std::vector<double> mean, std;                         ///< one or three values
  std::int64_t max_pixels = 178'956'970;                 ///< decode
  int max_scans = 500;
};

struct QuantizationSpec {
  bool enabled = false;
  std::string executor = "simulated";
  std::string mode = "aimet-torch-2";  ///< aimet-1.24 | aimet-1.31 | aimet-2024 | aimet-onnx-2 | aimet-torch-2
  std::string scheme = "tf_enhanced";  ///< tf | tf_enhanced | percentile | mse | sqnr | entropy
  double percentile = 100;             ///< scheme percentile
  int param_bits = 8;
  NumberType param_dtype = NumberType::integer;
  bool param_symmetric = true;
  bool per_channel = false;
  int block_size = 0;                      ///< of weights, in input channels; 0 = none
  std::vector<std::string> block_modules;  ///< empty = all
  int activation_bits = 8;
  NumberType activation_dtype = NumberType::integer;
  bool activation_symmetric = false;
  bool quantize_input = true;
  bool quantize_bias = false;
  bool share_module_quantizers = true;
  bool requantize = false;  ///< quantizers on top of those that an ONNX file holds
  bool equalize = false;
  BiasCorrectionMethod bias_correction = BiasCorrectionMethod::none;
  WeightRounding rounding = WeightRounding::nearest;
  int adaround_iterations = 0;  ///< 0 = 10,000, or 15,000 for weights of fewer than 8 bits
  double adaround_regularization = 0.01;
  double adaround_learning_rate = 0.001;
  std::string config = "aimet-default";    ///< that, another preset, or the absolute path of a configuration file
  std::vector<std::string> disable;        ///< modules without quantizers
  std::filesystem::path import_encodings;  ///< all ranges come from this file; empty = calibrate
  std::filesystem::path freeze_encodings;  ///< calibrate what this file does not hold; empty = everything
  std::filesystem::path encodings_names;   ///< name map of either file
  EncodingsPolicy policy = EncodingsPolicy::strict;    ///< of either file
  MissingEncodings missing = MissingEncodings::error;  ///< in an imported one
  DatasetSpec calibration;                             ///< images that encodings are computed from
  int calibration_batch_size = 0;                      ///< 0 = run.batch_size
};

struct GateSpec {
  Metric metric = Metric::top1;
  double reference = 0, tolerance = 0;
};

/// Against the baseline, on the images that both evaluated.
struct DropGateSpec {
  Metric metric = Metric::top1;
  double max_drop = 0, alpha = 0.05;
};

struct VariantSpec {
  std::string name;
  ModelSpec model;
  DatasetSpec dataset;
  std::vector<StepSpec> preprocess;
  QuantizationSpec quantization;
  std::vector<GateSpec> gates;
  std::vector<DropGateSpec> drop_gates;  ///< none of the baseline itself
};

struct RunSettings {
  int batch_size = 8;
  std::string device = "auto";
  int threads = 0;         ///< 0 = all cores
  int decode_threads = 0;  ///< 0 = unlimited by its own
  int replicas = 0;        ///< inference replicas; 0 = threads on a CPU, 1 on a GPU
  std::int64_t max_bad_images = 0;
  std::optional<double> max_bad_share;  ///< replaces max_bad_images when given
};

/// Nothing of it is read.
struct LeftOutVariant {
  std::string name;
  std::string missing;  ///< which of its needs, for people
};

struct JobSpec {
  std::filesystem::path file;
  std::string source_text;
  std::string name;
  std::vector<std::string> tags;
  RunSettings run;
  /// The variant that others are compared with, selected or not: compare.baseline, else the first without quantization,
  /// else empty.
  std::string baseline;
  bool preflight = true;                      ///< what is evaluated is looked at first
  std::vector<VariantSpec> variants;          ///< without `variants:` one named "default"; none if all are left out
  std::vector<LeftOutVariant> left_out;       ///< for what they need is not at hand; in the job's order
  std::filesystem::path export_encodings;     ///< output.export_encodings, may hold ${variant}; empty = none
  std::string encodings_version = "0.6.1";    ///< of export_encodings: 0.6.1 | 1.0.0 | 2.0.0
  std::string resolved_json;                  ///< whole job, defaults filled in
  std::shared_ptr<const JobLocator> locator;  ///< where all of this was written; never null in a parsed job
};

}  // namespace qeval
