#pragma once
/// What model.parameters may say of an ONNX file. Plain values.
/// Thread-safety: free function. Errors: ArchParameterError naming the parameter.
#include <array>
#include <map>
#include <optional>
#include <string>

namespace qeval {

/// Of height and width, in pixels.
inline constexpr int largest_onnx_input_size = 1 << 14;

struct OnnxParameters {
  std::optional<std::array<int, 2>> input_size;  ///< height, width: what they are where the file leaves them open
  std::string output;                            ///< the output that is taken; empty: the only one
};

OnnxParameters read_onnx_parameters(const std::map<std::string, std::string>& parameters);

}  // namespace qeval
