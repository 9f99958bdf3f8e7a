#include "tests/infer/expect_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include "stages/quant/arithmetic/quantize.h"

namespace qeval::test {
namespace {

constexpr int n = 2;

std::vector<float> values_of(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.contiguous();
  return {dense.const_data_ptr<float>(), dense.const_data_ptr<float>() + dense.numel()};
}

}  // namespace

at::Tensor aten(const Tensor& tensor) {
  return at::from_blob(const_cast<float*>(tensor.values().data()), tensor.shape(), at::kFloat);
}

void expect_result(GraphBuilder& builder, int last, const Expected& expected) {
  std::vector<float> images = numbers(std::int64_t{n} * 6 * 9 * 11, 5);
  const at::Tensor x = at::from_blob(images.data(), {n, 6, 9, 11}, at::kFloat);
  std::vector<float> wanted = values_of(expected(x));
  const int quantizer = builder.quantize_output(last);
  const Graph graph = builder.finish_flat(last, static_cast<int>(wanted.size()) / n);
  const auto got = logits_of(*make_float(graph), graph, images, n);
  EXPECT_THAT(got, testing::Pointwise(testing::FloatNear(2e-5f), wanted));

  const Encoding grid = test::encoding(-1.5, 2.0);
  EncodingTable table(graph.quantizers.size());
  table[static_cast<std::size_t>(quantizer)] = {grid};
  const auto simulated = logits_of(*make_simulated(graph, table), graph, images, n);
  // From what this executor's own operator gave: no value then lies on the other side of a step by rounding.
  std::vector<float> quantized(got.size());
  quantize_dequantize(got, quantized, make_qdq(grid, NumericsMode::aimet_torch_2));
  EXPECT_EQ(simulated, quantized);
}

void expect_operators(const std::vector<std::pair<Op, Expected>>& cases, Op before) {
  for (const auto& [op, expected] : cases) {
    SCOPED_TRACE(op_name(op));
    GraphBuilder b(operator_input);
    expect_result(b, b.node(op, {b.node(before, {0})}), expected);
  }
}

}  // namespace qeval::test
