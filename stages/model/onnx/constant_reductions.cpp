// Sums, products, extremes and means of constants along axes.
#include <algorithm>

#include "stages/model/onnx/constant_folding.h"

namespace qeval {
namespace {

using Shape = std::vector<std::int64_t>;

struct Reduction {
  Shape kept;              ///< the shape with the reduced axes as 1
  Shape result;            ///< as the node leaves them
  std::int64_t terms = 1;  ///< per number of the result
};

Reduction reduction_of(const OnnxNode& node) {
  const Shape& shape = node.constant(0).shape;
  std::vector<char> reduced(shape.size(), 0);
  const Shape axes = node.list_from("axes", 1);
  for (const std::int64_t axis : axes) reduced[static_cast<std::size_t>(node.axis(axis, shape.size()))] = 1;
  if (axes.empty() && node.integer("noop_with_empty_axes", 0, 0, 1) == 0) std::fill(reduced.begin(), reduced.end(), 1);
  const bool keep = node.integer("keepdims", 1, 0, 1) == 1;
  Reduction reduction;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    reduction.kept.push_back(reduced[i] ? 1 : shape[i]);
    if (reduced[i]) reduction.terms *= shape[i];
    if (!reduced[i] || keep) reduction.result.push_back(reduction.kept.back());
  }
  return reduction;
}

template <class Values, class Function>
auto reduced(const Values& values, const Shape& shape, const Reduction& reduction, const Function& f) {
  using T = std::remove_cvref_t<decltype(values[0])>;
  const RepeatedPlace place(reduction.kept, shape);
  std::vector<T> result(values.size() / static_cast<std::size_t>(reduction.terms));
  std::vector<char> begun(result.size(), 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    T& total = result[place(i)];
    total = std::exchange(begun[place(i)], 1) ? static_cast<T>(f(total, values[i])) : values[i];
  }
  return result;
}

template <bool mean, class Function>
ConstantFolding reduction(Function f) {
  return [f](const OnnxNode& node) {
    const OnnxConstant& x = node.constant(0);
    const Reduction shape = reduction_of(node);
    node.require(x.count() > 0, "its constant is empty");
    refuse_batch(node, x);
    OnnxConstant made;
    made.shape = shape.result;
    if (x.is_float()) {
      std::vector<float> values = reduced(x.floats.values(), x.shape, shape, f);
      if constexpr (mean)
        for (float& value : values) value /= static_cast<float>(shape.terms);
      made.floats = Tensor(made.shape, std::move(values));
    } else {
      std::vector<std::int64_t> values = reduced(x.integers.list(), x.shape, shape, f);
      if constexpr (mean)
        for (std::int64_t& value : values) value /= shape.terms;
      made.integers = std::move(values);
    }
    return std::vector{std::move(made)};
  };
}

}  // namespace

ConstantFoldings reduction_foldings() {
  const auto sum = [](auto a, auto b) { return a + b; };
  return {{"ReduceSum", reduction<false>(sum)},
          {"ReduceMean", reduction<true>(sum)},
          {"ReduceProd", reduction<false>([](auto a, auto b) { return a * b; })},
          {"ReduceMin", reduction<false>([](auto a, auto b) { return std::min(a, b); })},
          {"ReduceMax", reduction<false>([](auto a, auto b) { return std::max(a, b); })}};
}

}  // namespace qeval
