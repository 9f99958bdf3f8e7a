#pragma once
/// What a node computes whose inputs are constants: exporters leave arithmetic on shapes, masks and weights in the
/// file, and the IR holds none of it.
///
/// Numbers below 0 in a list that was read from a shape stand for the batch: they may be moved and compared, and
/// nothing is computed with them.
/// Thread-safety: free functions. Errors: InputError naming the node.
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "stages/model/onnx/onnx_node.h"
#include "stages/model/onnx/onnx_value.h"

namespace qeval {

/// One constant per output.
using ConstantFolding = std::function<std::vector<OnnxConstant>(const OnnxNode&)>;
using ConstantFoldings = std::map<std::string_view, ConstantFolding>;

/// All of them by ONNX name.
const ConstantFoldings& constant_foldings();

ConstantFoldings elementwise_foldings();  ///< Add, Equal, Sqrt, Cast, …
ConstantFoldings movement_foldings();     ///< Gather, Concat, Expand, Where, …
ConstantFoldings reduction_foldings();    ///< ReduceProd, …

/// ConstantOfShape: `value` once for each place of the shape that is input 0. Where that begins with the batch, once
/// for one image.
OnnxConstant filled_constant(const OnnxNode& node, const OnnxConstant& value);

/// The product of a constant's shape; fails above 2^26.
std::int64_t constant_count(const OnnxNode& node, const std::vector<std::int64_t>& shape);

/// Of two shapes whose sides of length 1, or that are missing in front, are repeated.
std::vector<std::int64_t> joint_shape(const OnnxNode& node, const std::vector<std::int64_t>& a,
                                      const std::vector<std::int64_t>& b);

/// Fails if the constant was read from a shape and holds the batch.
void refuse_batch(const OnnxNode& node, const OnnxConstant& constant);

/// The place in a constant, sides of length 1 repeated, of element `i` of `shape`.
class RepeatedPlace {
 public:
  RepeatedPlace(const std::vector<std::int64_t>& from, const std::vector<std::int64_t>& shape);
  std::size_t operator()(std::size_t i) const;

 private:
  bool same_ = false;
  std::vector<std::size_t> sizes_, steps_;  ///< from the last axis on; a repeated side has the step 0
};

/// Element i is element place(i) of `from`.
template <class Place>
OnnxConstant moved(const OnnxNode& node, const OnnxConstant& from, std::vector<std::int64_t> shape,
                   const Place& place) {
  const auto count = static_cast<std::size_t>(constant_count(node, shape));
  const auto pick = [&](const auto& source) {
    std::vector<std::remove_cvref_t<decltype(source[0])>> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = source[place(i)];
    return values;
  };
  OnnxConstant made = from;
  made.shape = std::move(shape);
  if (from.is_float())
    made.floats = Tensor(made.shape, pick(from.floats.values()));
  else
    made.integers = pick(from.integers.list());
  return made;
}

}  // namespace qeval
