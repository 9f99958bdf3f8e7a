#pragma once
/// Named weights as read from a file, and the readers.
///
/// Readers never execute anything from the file: safetensors, and torch's .pth as zip or legacy pickle through an
/// allow-list unpickler. f16, bf16 and f64 become f32; integer tensors (num_batches_tracked) are skipped but listed.
/// Memory: a file is read once, into memory of this process; f32 tensors alias it, so loading costs at most one copy of
/// what is converted. Once nothing aliases it, it is freed. Errors: InputError naming file, tensor and reason (hostile
/// global, truncated archive, overlap, NaN or Inf weights…).
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "stages/model/tensor.h"
#include "stages/model/weights/weights_file.h"

namespace qeval {

/// The key of a safetensors file's metadata that says that its weights are random. Never rename.
inline constexpr const char* random_weights_mark = "qeval.random_weights";

struct StateDict {
  std::map<std::string, Tensor> tensors;
  std::vector<std::string> skipped;  ///< integer tensors left out
  std::string dictionary;  ///< the checkpoint's key that the tensors were under; empty: they were the whole file
  std::vector<std::string> other_dictionaries;  ///< keys of other weights in the checkpoint
  std::string format;                           ///< "safetensors", "pth-zip" or "pth-legacy"
  std::string sha256;                           ///< of the file that the tensors were taken from
  std::int64_t file_bytes = 0;                  ///< its size
  bool random = false;                          ///< the file says that nothing was learned
};

/// Detects the format from the content, never from the suffix. `key`: of the checkpoint's weights; empty: see
/// pth_checkpoint.h.
StateDict read_state_dict(WeightsFile& file, const std::string& key);
/// Of a file that nobody else reads.
StateDict read_state_dict(const std::filesystem::path& file, const std::string& key = "");

/// Writes f32 tensors as safetensors, atomically (temporary file, rename).
void write_safetensors(const std::map<std::string, Tensor>& tensors, const std::filesystem::path& file,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace qeval
