#pragma once
/// Named weights as read from a file, and the readers.
///
/// Readers never execute anything from the file: safetensors, and torch's .pth as zip or legacy pickle through an
/// allow-list unpickler. f16, bf16 and f64 become f32; integer tensors (num_batches_tracked) are skipped but listed.
/// Memory: files are mapped; f32 tensors alias the mapping, so loading costs at most one copy of what is converted.
/// Errors: InputError naming file, tensor and reason (hostile global, truncated archive, overlap, NaN or Inf weights…).
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "stages/model/tensor.h"

namespace qeval {

struct StateDict {
  std::map<std::string, Tensor> tensors;
  std::vector<std::string> skipped;  ///< integer tensors left out
  std::string format;                ///< "safetensors", "pth-zip" or "pth-legacy"
};

/// Detects the format from the content, never from the suffix.
StateDict read_state_dict(const std::filesystem::path& file);

/// Writes f32 tensors as safetensors, atomically (temporary file, rename).
void write_safetensors(const std::map<std::string, Tensor>& tensors, const std::filesystem::path& file);

}  // namespace qeval
