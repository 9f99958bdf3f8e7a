#pragma once
/// What Slice cuts along each axis; its forms (opset 7, 10) mean one list.
/// Thread-safety: free functions. Errors: InputError naming the node.
#include <cstdint>
#include <vector>

#include "stages/model/onnx/onnx_node.h"

namespace qeval {

/// As written: `axis`, `start` and `end` may count from the end.
struct OnnxCut {
  std::int64_t axis = 0, start = 0, end = 0, step = 1;
};

std::vector<OnnxCut> cuts_of(const OnnxNode& node);

/// A bound of a slice of `size` values, counted from the front and moved to where it means the same: 0 … size, or
/// −1 … size − 1 where the slice goes backwards.
std::int64_t slice_bound(std::int64_t written, std::int64_t size, bool backwards);

}  // namespace qeval
