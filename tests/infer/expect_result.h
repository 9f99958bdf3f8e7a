#pragma once
/// One operator in both executors against the same thing said to ATen.
#include <ATen/core/Tensor.h>

#include <functional>
#include <utility>
#include <vector>

#include "tests/infer/graph_fixture.h"

namespace qeval::test {

using Expected = std::function<at::Tensor(const at::Tensor&)>;

/// Of a GraphBuilder whose result is expected.
inline constexpr std::array<int, 3> operator_input{6, 9, 11};

/// On the memory of `tensor`.
at::Tensor aten(const Tensor& tensor);

/// The float executor gives `expected`; the simulated one gives it quantized where `last` has its output quantizer.
void expect_result(GraphBuilder& builder, int last, const Expected& expected);

/// Each operator alone behind `before`, which is computed of the input.
void expect_operators(const std::vector<std::pair<Op, Expected>>& cases, Op before = Op::dropout);

}  // namespace qeval::test
