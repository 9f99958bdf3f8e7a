#include "stages/model/onnx/onnx_split.h"

#include <algorithm>
#include <numeric>

namespace qeval {

std::vector<std::int64_t> split_sizes(const OnnxNode& node, std::int64_t size) {
  const auto outputs = static_cast<std::int64_t>(node.proto().output_size());
  std::vector<std::int64_t> sizes = node.list_from("split", 1);
  if (sizes.empty()) {
    node.require(node.integer("num_outputs", outputs, 1, 1 << 20) == outputs, "num_outputs is not its outputs' number");
    node.require(node.has_attribute("num_outputs") || size % outputs == 0, "its outputs do not divide its axis");
    const std::int64_t most = (size + outputs - 1) / outputs;
    for (std::int64_t left = size; left > 0; left -= most) sizes.push_back(std::min(left, most));
  }
  const bool each_is_there = std::none_of(sizes.begin(), sizes.end(), [&](auto s) { return s < 0 || s > size; });
  node.require(each_is_there && static_cast<std::int64_t>(sizes.size()) == outputs &&
                   std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}) == size,
               "the sizes of its outputs do not add up to its axis");
  return sizes;
}

}  // namespace qeval
