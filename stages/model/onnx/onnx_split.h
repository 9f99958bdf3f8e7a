#pragma once
/// How Split divides an axis; its three forms (opset 7, 13, 18) mean one list of sizes.
/// Thread-safety: free function. Errors: InputError naming the node.
#include <cstdint>
#include <vector>

#include "stages/model/onnx/onnx_node.h"

namespace qeval {

/// One size per output; they add up to `size`.
std::vector<std::int64_t> split_sizes(const OnnxNode& node, std::int64_t size);

}  // namespace qeval
