#include "stages/model/onnx/constant_folding.h"

#include <algorithm>

#include "stages/model/node_shapes.h"

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
  for (const std::int64_t size : shape) {
    if (size > most / count) node.fail("it makes a constant of more than 2^26 numbers");
    count *= size;
  }
  return count;
}

std::vector<std::int64_t> joint_shape(const OnnxNode& node, const std::vector<std::int64_t>& a,
                                      const std::vector<std::int64_t>& b) {
  if (a.size() < b.size()) return joint_shape(node, b, a);
  std::vector<std::int64_t> filled(a.size() - b.size(), 1);
  filled.insert(filled.end(), b.begin(), b.end());
  auto joint = broadcast_shape(a, filled);
  node.require(joint.has_value(), "its constants have shapes that do not fit each other");
  return *std::move(joint);
}

void refuse_batch(const OnnxNode& node, const OnnxConstant& constant) {
  if (!constant.of_shape) return;
  for (const std::int64_t value : constant.integers.list())
    node.require(
        value >= 0,
        "it computes with the number of images in a batch; export the model with a fixed shape behind the batch");
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
