#pragma once
/// Reads an ONNX classification model (opset 11 to 21) into the graph IR, without running anything of it.
///
/// Node names become module names, so quantizers are placed and named per ONNX node. Arithmetic on constants (shapes,
/// quantized weights) is done on import. A constant factor or summand, one number or one per channel, becomes a batch
/// norm with mean 0 and variance 1, which folds into the convolution before it; Sigmoid(x)·x becomes silu,
/// HardSigmoid(x)·x becomes hard_swish. What ONNX leaves open is taken as onnxruntime takes it.
///
/// Every file is opened once: what is hashed is what the graph is made of.
/// Ownership: tensors keep alive the parsed file, or the bytes of the external data files, that they alias.
/// Thread-safety: free function.
/// Errors: InputError naming file, node and fix; all unsupported operators at once. UsageError for `parameters`.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "stages/model/graph.h"

namespace qeval {

/// What model.arch says in a job whose model.weights is an ONNX file.
inline constexpr const char* onnx_arch_name = "onnx";

struct OnnxModel {
  Graph graph;
  std::string sha256;           ///< of the file
  std::int64_t file_bytes = 0;  ///< its size
  std::vector<std::filesystem::path> external_files;  ///< every external data file that was read, sorted
  std::string external_sha256;  ///< of their contents in that order; empty if there are none
};

/// `parameters`: input_size, the height and width of a model that leaves them open.
OnnxModel import_onnx(const std::filesystem::path& file, const std::map<std::string, std::string>& parameters);

}  // namespace qeval
