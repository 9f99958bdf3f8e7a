#include "stages/model/onnx/constant_folding.h"

#include <algorithm>

namespace qeval {

const ConstantFoldings& constant_foldings() {
  static const ConstantFoldings all = [] {
    ConstantFoldings joined = elementwise_foldings();
    joined.merge(movement_foldings());
    joined.merge(reduction_foldings());
    return joined;
  }();
  return all;
}

std::int64_t constant_count(const OnnxNode& node, const std::vector<std::int64_t>& shape) {
  constexpr std::int64_t most = std::int64_t{1} << 26;
  std::int64_t count = 1;
  for (const std::int64_t size : shape) node.require(size >= 0, "a size of its result is below 0");
  if (std::count(shape.begin(), shape.end(), 0) > 0) return 0;
  for (const std::int64_t size : shape)
    if (size > most || (count *= size) > most) node.fail("it makes a constant of more than 2^26 numbers");
  return count;
}

std::vector<std::int64_t> joint_shape(const OnnxNode& node, const std::vector<std::int64_t>& a,
                                      const std::vector<std::int64_t>& b) {
  if (a.size() < b.size()) return joint_shape(node, b, a);
  std::vector<std::int64_t> joint = a;
  const std::size_t missing = a.size() - b.size();
  for (std::size_t i = 0; i < b.size(); ++i) {
    std::int64_t& size = joint[missing + i];
    node.require(size == b[i] || size == 1 || b[i] == 1, "its constants have shapes that do not fit each other");
    if (size == 1) size = b[i];
  }
  return joint;
}

RepeatedPlace::RepeatedPlace(const std::vector<std::int64_t>& from, const std::vector<std::int64_t>& shape)
    : same_(from == shape) {
  std::size_t step = 1;
  for (std::size_t back = 0; back < shape.size(); ++back) {
    const std::int64_t size = back < from.size() ? from[from.size() - 1 - back] : 1;
    sizes_.push_back(static_cast<std::size_t>(shape[shape.size() - 1 - back]));
    steps_.push_back(size == 1 ? 0 : step);
    step *= static_cast<std::size_t>(size);
  }
}

std::size_t RepeatedPlace::operator()(std::size_t i) const {
  if (same_) return i;
  std::size_t place = 0;
  for (std::size_t axis = 0; axis < sizes_.size() && i > 0; i /= sizes_[axis++])
    place += i % sizes_[axis] * steps_[axis];
  return place;
}

}  // namespace qeval
