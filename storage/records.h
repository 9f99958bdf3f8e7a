#pragma once
/// Rows as storage takes and gives them: plain values, no SQL, no image, no tensor.
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "storage/run_state.h"

namespace qeval {

struct SampleRecord {
  std::string name;
  int label = -1;
  std::int64_t bytes = 0;
  std::vector<std::uint8_t>
      sha256{};  ///< of the file, 32 bytes; empty: it could not be read, or an older version stored it
};

struct DatasetRecord {
  std::string name, kind, root, fingerprint;
  int class_count = 0;
  std::vector<std::string> class_names;  ///< may be empty
  std::vector<SampleRecord> samples;     ///< by ordinal
};

struct ModelRecord {
  std::string name, arch, format, path, sha256;
  std::int64_t bytes = 0, parameters = 0;
  int num_classes = 0;
};

struct JobRecord {
  std::string name, source_path, source_text, resolved_json;
};

struct RecipeRecord {
  std::string name, scheme, mode, config_json;
  int param_bits = 0, activation_bits = 0;
  bool per_channel = false, quantize_input = false, fold_batch_norm = false;
};

/// The status of an image that was answered, and of one that the network gave a NaN or an infinity for: it counts as
/// wrong, but was usable. Persisted: never rename.
inline constexpr const char *status_ok = "ok", *status_not_finite = "not_finite";

/// status_ok, status_not_finite or the ItemError kind; for the latter two `message` says more.
struct PredictionRecord {
  std::int64_t ordinal = 0;
  std::int64_t sample_id = 0;  ///< as it is read back
  int label = -1;
  std::array<int, 5> top{-1, -1, -1, -1, -1};
  double probability = 0, margin = 0;
  std::string status = status_ok, message;
  int width = 0, height = 0;  ///< of the image, pixels
  int warnings = 0;           ///< decoder warnings
  std::uint64_t xxh64 = 0;    ///< of the file's bytes

  bool is_answered() const { return status == status_ok; }
  bool is_not_finite() const { return status == status_not_finite; }
  /// The image could not be used.
  bool has_failed() const { return !is_answered() && !is_not_finite(); }
};

struct EncodingRecord {
  std::string role;    ///< param | input | output
  std::string tensor;  ///< one of the names that a file gives the quantizer; before, Quantizer::key() alone
  std::string layer;   ///< module
  int channel = -1;    ///< −1 = per tensor; per block: the number of the element in the grid
  int bits = 8;
  bool symmetric = false;
  double min = 0, max = 0, scale = 0, offset = 0;  ///< all NaN (NULL in SQL): half precision, which has no grid
  int axis = 0;                                    ///< where the channels lie
  int block_size = 0;                              ///< per block: steps of the other axis that share a row
  std::string grid{};  ///< per block: sizes of the tensor of encodings, "8x4x1x1"; empty = not known
};

struct EncodingSetRecord {
  std::string name, cache_key, origin;  ///< origin: calibrated | imported
  std::string mode, source_path;
  std::map<std::string, std::string> key_components;
  std::int64_t calibration_images = 0;
  std::vector<EncodingRecord> encodings;
};

/// A layer that was changed on images; kind and content as the table tuned_layer has them.
struct TunedLayerRecord {
  std::string layer, kind;
  std::vector<std::uint8_t> content;
};

/// A row of the list of sets.
struct EncodingSetSummary {
  std::int64_t id = 0, quantizers = 0, encodings = 0, calibration_images = 0, runs = 0;
  std::string name, origin, mode, source_path, created_at;
};

struct RunRecord {
  std::int64_t id = 0;
  RunState state = RunState::running;
  std::string name, job_name, variant, arch, dataset, precision, executor, mode, device, tags;
  std::string eval_key;
  std::map<std::string, std::string> key_components;
  std::int64_t n_total = 0, n_done = 0, n_failed = 0, n_correct1 = 0, n_correct5 = 0;
  int batch_size = 0;
  double active_s = 0;
  std::string created_at, finished_at, error, resolved_json, job_path;
  std::string overrides_json;  ///< what `resume` must apply again: --set, --limit, variants
  std::int64_t repeats = 0;    ///< id of the finished run that this one computes again; 0 = none
  std::string repeats_name;
  std::string tool_version;  ///< of the qeval that began it
};

/// One quantizer group over some images, as sums; see SensitivityPart in stages/metrics.
struct SensitivityRow {
  std::int64_t images = 0, correct = 0, broke = 0, fixed = 0;
  double divergence = 0, change = 0, change_squares = 0;
  double signal = 0, local_noise = 0, cumulative_noise = 0;
};

/// The executor of a run whose predictions were made elsewhere and imported. Persisted: never rename.
inline constexpr const char* imported_executor = "imported";

/// A run's images with that status.
struct NotFiniteRows {
  std::int64_t images = 0;
  std::string explanation;  ///< their message
};

struct SensitivityGroupRecord {
  std::string layer;
  std::string kind;                        ///< float | quantized | weights | activations
  std::vector<std::string> shared_with{};  ///< other layers that a quantizer of the group belongs to, too
};

struct SensitivityRecord {
  std::string cache_key, job_name, variant, arch;
  std::string mode;  ///< only-one-on | all-but-one
  std::map<std::string, std::string> key_components;
  std::int64_t n_images = 0;
  int batch_size = 0;
  std::vector<SensitivityGroupRecord> groups;  ///< the first two are the references
};

}  // namespace qeval
