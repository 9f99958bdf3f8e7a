#pragma once
/// TensorProto → constant. Everything in it is untrusted. Thread-safety: free function.
/// Errors: WeightsFormatError for element types that are not supported, sizes that disagree, NaN or infinite values.
#include <onnx/onnx_pb.h>

#include "stages/model/onnx/onnx_value.h"
#include "stages/model/weights/file_bytes.h"

namespace qeval {

/// A tensor's elements where they are stored as little-endian bytes of a file.
struct OnnxStoredElements {
  enum class Place {
    typed_field,  ///< they are not: they stand in the message
    float_data,   ///< of f32
    raw_data      ///< or external data
  };
  Place place = Place::typed_field;
  HeldBytes held;
};

/// Aligned f32 aliases the bytes and keeps them alive; all else is copied, and the bytes let go on the way.
OnnxConstant decode_onnx_tensor(const onnx::TensorProto& tensor, OnnxStoredElements elements);

}  // namespace qeval
