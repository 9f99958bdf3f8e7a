#pragma once
/// Reads an ONNX classification model (opset 7 to 24) into the graph IR, without running anything of it.
///
/// Node names become module names, so quantizers are placed and named per ONNX node. Arithmetic on constants (shapes,
/// quantized weights) is done on import. A constant factor or summand, one number or one per channel, becomes a batch
/// norm with mean 0 and variance 1, which folds into the convolution before it. What ONNX leaves open is taken as
/// onnxruntime takes it.
///
/// What is hashed is what the graph is made of.
/// Memory: a file's weights are in it once. Tensors keep alive the bytes of the files that they alias; what was parsed
/// or copied leaves. What is computed of a weight, its transpose for one, is a copy; one at a time is there twice.
/// Thread-safety: free function.
/// Errors: InputError naming file, node and fix; all unsupported operators at once. UsageError for `parameters`.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/model/onnx/onnx_quantization.h"
#include "stages/model/weights/weights_file.h"

namespace qeval {

/// What model.arch says in a job whose model.weights is an ONNX file.
inline constexpr const char* onnx_arch_name = "onnx";

struct OnnxModel {
  Graph graph;
  std::string sha256;                                 ///< of the file
  std::int64_t file_bytes = 0;                        ///< its size
  std::vector<std::filesystem::path> external_files;  ///< every external data file that was read, sorted
  std::string external_sha256;                        ///< of their contents in that order; empty if there are none
  OnnxQuantization quantization;                      ///< that the file itself holds
  std::string output;  ///< the one that was chosen among several; empty if there is no other
};

/// `parameters`: input_size and output, see onnx_parameters.h.
OnnxModel import_onnx(const std::filesystem::path& file, const std::map<std::string, std::string>& parameters,
                      WeightsFiles& files);
/// Of files that nobody else reads.
OnnxModel import_onnx(const std::filesystem::path& file, const std::map<std::string, std::string>& parameters);

}  // namespace qeval
