#pragma once
/// Where the elements of an ONNX file's tensors lie in the file, and the rest of the file as protobuf parses it:
/// protobuf would copy the elements, growing as it reads, and keep them as long as anything of the model.
///
/// Tensors are those that an import computes with: initializers, and the attributes of nodes. Elements that are taken
/// out are raw_data, and float_data in its usual form (packed, in one piece).
///
/// Thread-safety: free function; a plain value. Errors: WeightsFormatError for what is not a protobuf message.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace qeval {

/// Of one tensor, as bytes of the file; nothing where it has no such field.
struct OnnxElements {
  std::optional<std::span<const std::uint8_t>> raw_data;
  std::optional<std::span<const std::uint8_t>> float_data;
};

struct OnnxPiece {
  std::span<const std::uint8_t> bytes;
  bool of_file = false;
};

struct OnnxParts {
  /// A message like the file's, in order: pieces of the file, and of `made` between them. The doc_string of a tensor
  /// without its elements is the index of those in `elements`.
  std::vector<OnnxPiece> model;
  std::deque<std::string> made;
  std::vector<OnnxElements> elements;
};

/// `file` must outlive the result.
OnnxParts split_onnx_file(std::span<const std::uint8_t> file);

}  // namespace qeval
