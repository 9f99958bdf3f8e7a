#pragma once
/// The picture that an ONNX graph takes, from the declared shape of its input.
/// Thread-safety: free functions. Errors: InputError naming file, input and fix.
#include <array>
#include <vector>

#include "stages/model/onnx/onnx_file.h"
#include "stages/model/onnx/onnx_parameters.h"

namespace qeval {

struct OnnxPicture {
  std::array<int, 3> shape{};  ///< C, H, W
  bool channels_last = false;  ///< the file's axes are [N, H, W, C]
};

/// `nodes`: those that compute the output, in order. Channels come last where a Transpose behind the input puts them in
/// front, as exporters of channels-last frameworks write it, or where sizes say so.
OnnxPicture read_onnx_picture(const OnnxFile& file, const onnx::ValueInfoProto& input,
                              const std::vector<const onnx::NodeProto*>& nodes, const OnnxParameters& parameters);

/// Axes [N, H, W, C] become [N, C, H, W].
bool is_transpose_to_channels_first(const onnx::NodeProto& node);

}  // namespace qeval
