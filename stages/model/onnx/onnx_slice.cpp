#include "stages/model/onnx/onnx_slice.h"

#include <algorithm>
#include <numeric>

namespace qeval {

std::vector<OnnxCut> cuts_of(const OnnxNode& node) {
  // Attributes before opset 10.
  const auto is_given = [&](const char* name, std::size_t input) {
    return node.has_attribute(name) || node.has_operand(input);
  };
  node.require(is_given("starts", 1) && is_given("ends", 2), "its starts or ends are missing");
  const auto starts = node.list_from("starts", 1), ends = node.list_from("ends", 2);
  std::vector<std::int64_t> axes(starts.size()), steps(starts.size(), 1);
  std::iota(axes.begin(), axes.end(), 0);
  if (is_given("axes", 3)) axes = node.list_from("axes", 3);
  if (is_given("steps", 4)) steps = node.list_from("steps", 4);
  node.require(ends.size() == starts.size() && axes.size() == starts.size() && steps.size() == starts.size(),
               "starts, ends, axes and steps are not equally many");
  std::vector<OnnxCut> cuts;
  for (std::size_t i = 0; i < starts.size(); ++i) cuts.push_back({axes[i], starts[i], ends[i], steps[i]});
  return cuts;
}

std::int64_t slice_bound(std::int64_t written, std::int64_t size, bool backwards) {
  const std::int64_t from_front = written < 0 ? std::max<std::int64_t>(written, -size - 1) + size : written;
  return std::clamp<std::int64_t>(from_front, backwards ? -1 : 0, backwards ? size - 1 : size);
}

}  // namespace qeval
