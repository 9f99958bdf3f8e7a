#pragma once
/// One variant of a job with everything it names opened, checked and hashed; nothing computed yet.
///
/// Ownership: a plain value; weights alias their file's bytes until release_weights.
/// Errors: all that is wrong with the job and its inputs at once, as JobComplaints::stop throws it.
#include <optional>

#include "jobs/identity.h"
#include "jobs/job_spec.h"
#include "stages/dataset/manifest.h"
#include "stages/image/preprocess.h"
#include "stages/infer/executor_library.h"
#include "stages/model/graph.h"
#include "stages/quant/aimet_encodings.h"
#include "stages/quant/quantsim_config.h"
#include "storage/records.h"
#include "tools/qeval/image_sets.h"
#include "tools/qeval/job_complaints.h"

namespace qeval {

/// A way to change layers on the calibration images before anything is calibrated (layer_tuning.h).
struct LayerTuning {
  static constexpr const char* k_adaround = "adaround/1";
  static constexpr const char* k_empirical = "empirical/1";
  std::string method;        ///< one of these; part of keys
  KeyComponents components;  ///< identity of the outcome
  std::string key;

  bool rounds() const { return method == k_adaround; }
  std::string title() const { return rounds() ? "AdaRound" : "bias correction"; }
};

struct PreparedVariant {
  VariantSpec spec;
  ModelRecord model;
  std::vector<std::filesystem::path> external_files;  ///< data files beside an ONNX model
  std::string external_data_sha256;  ///< of their contents; empty if there are none
  std::string chosen_dictionary;     ///< of a checkpoint, where the job names it; else empty
  std::string chosen_output;         ///< of an ONNX model with several; else empty
  std::string quantized_in_file;     ///< what an ONNX file's own Q/DQ pairs are; empty if it has none
  std::string precision_in_file;     ///< "w8a8" of these; else empty
  std::string unquantized_graph_sha256;  ///< identity of structure and passes before quantizers were placed
  Graph graph;                       ///< passes applied, quantizers placed
  std::vector<std::string> remarks;  ///< what the user must know about placement, one line each
  Manifest manifest;                 ///< evaluated images
  Manifest calibration;              ///< images encodings come from; empty unless something is computed from them
  PreprocessRecipe recipe;
  std::optional<QuantRecipe> quant;
  std::vector<TensorRule> tensor_rules;  ///< every tensor, quantized or not; empty without quantization
  EncodingMap imported;  ///< encodings read from a file: all of them, or those that calibration leaves alone
  KeyComponents imported_components;  ///< of the files they were read from
  int batch_size = 1;
  int calibration_batch_size = 1;
  std::optional<LayerTuning> tuning;     ///< what images change in the network
  KeyComponents calibration_components;  ///< identity of the encodings
  std::string calibration_key;
  KeyComponents eval_components;
  std::string eval_key;

  /// Encodings are computed, not imported.
  bool calibrates() const { return quant && spec.quantization.import_encodings.empty(); }
  /// Some of the computed encodings depend on images: an activation quantizer needs them, and none is frozen for it.
  bool reads_calibration_images() const;
  /// What is known before an image is seen: encodings from files, and where none is, those of parameters; all there will
  /// be if nothing is calibrated.
  EncodingTable known_encodings() const;
  ExecutorOptions executor_options(const std::string& device) const;
  bool has_weights() const;
  /// Drops the graph's weights once an executor holds its own; their shapes stay.
  void release_weights();
};

/// The first half: all that needs neither an image nor LibTorch. What is wrong goes to `complaints`, and what needs the
/// faulty part is left out.
PreparedVariant prepare_network(const JobSpec& job, const VariantSpec& variant, JobComplaints& complaints);
/// The second half, without complaints about the first: images and keys.
void prepare_images(PreparedVariant& v, const JobSpec& job, std::optional<std::int64_t> limit, ImageSets& images,
                    JobComplaints& complaints);

/// Both.
PreparedVariant prepare_variant(const JobSpec& job, const VariantSpec& variant, std::optional<std::int64_t> limit,
                                ImageSets& images);

}  // namespace qeval
