#pragma once
/// TensorProto → constant. Everything in it is untrusted. Thread-safety: free function.
/// Errors: WeightsFormatError for element types that are not supported, sizes that disagree, NaN or infinite values.
#include <memory>
#include <span>

#include <onnx/onnx_pb.h>

#include "stages/model/onnx/onnx_value.h"

namespace qeval {

/// A tensor's elements as little-endian bytes, and what keeps them alive.
struct OnnxBytes {
  std::span<const std::uint8_t> bytes;
  std::shared_ptr<const void> owner;
};

/// `raw`: its elements where they are stored as bytes; without an owner they stand in the type's own field.
/// Aligned f32 aliases the bytes, all else is copied.
OnnxConstant decode_onnx_tensor(const onnx::TensorProto& tensor, const OnnxBytes& raw);

}  // namespace qeval
