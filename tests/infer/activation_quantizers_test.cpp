// The arithmetic for memory a CPU cannot reach, tried out on memory it can: bit for bit the kernel's.
#include "stages/infer/activation_quantizers.h"

#include <cmath>

#include <gtest/gtest.h>

#include <ATen/ops/from_blob.h>

#include "tests/infer/graph_fixture.h"

namespace qeval {
namespace {

std::vector<float> with_borders(const QdqParameters& p) {
  std::vector<float> values = test::numbers(20'000, 17);
  for (int code = -3; code < 260; ++code)
    for (const float half : {-0.5f, 0.0f, 0.5f})
      for (const float direction : {-INFINITY, 0.0f, INFINITY}) {
        const float border = (static_cast<float>(code) + p.offset + half) * p.scale;
        values.push_back(direction == 0 ? border : std::nextafter(border, direction));
      }
  values.insert(values.end(), {0.0f, -0.0f, 1e30f, -1e30f, INFINITY, -INFINITY});
  return values;
}

TEST(QuantizeDequantizeByAten, EqualsTheKernelToTheBit) {
  for (const NumericsMode mode : {NumericsMode::aimet_1_24, NumericsMode::aimet_1_31, NumericsMode::aimet_2024,
                                  NumericsMode::aimet_onnx_2, NumericsMode::aimet_torch_2})
    for (const Encoding& e : {test::encoding(0, 1.7), test::encoding(-1.1, 2.3), test::encoding(-0.013, 0.009),
                              test::encoding(-2, 2, 4), test::encoding(-1.6, 1.9, 16)}) {
      const QdqParameters p = make_qdq(e, mode);
      std::vector<float> values = with_borders(p), expected(values.size());
      quantize_dequantize(values, expected, p);
      const at::Tensor x = at::from_blob(values.data(), {static_cast<std::int64_t>(values.size())}, at::kFloat);
      const at::Tensor y = quantize_dequantize_by_aten(x, p);
      const std::vector<float> got(y.const_data_ptr<float>(), y.const_data_ptr<float>() + y.numel());
      for (std::size_t i = 0; i < values.size(); ++i)
        ASSERT_EQ(got[i], expected[i]) << mode_name(mode) << " of " << values[i] << " in " << e.min << " … " << e.max;
    }
}

TEST(ActivationQuantizers, GridFromZeroMakesReluRedundant) {
  Graph graph;
  graph.quantizers.resize(4);
  const EncodingTable table{{test::encoding(0, 4)}, {test::encoding(-0.5, 4)}, {}, {test::encoding(0, 7)}};
  const ActivationQuantizers quantizers(graph, table, NumericsMode::aimet_torch_2);
  EXPECT_TRUE(quantizers.makes_redundant(0, Op::relu));
  EXPECT_TRUE(quantizers.makes_redundant(0, Op::relu6));
  EXPECT_FALSE(quantizers.makes_redundant(0, Op::add));
  EXPECT_FALSE(quantizers.makes_redundant(1, Op::relu));
  EXPECT_FALSE(quantizers.makes_redundant(2, Op::relu));
  EXPECT_FALSE(quantizers.makes_redundant(3, Op::relu6));
}

}  // namespace
}  // namespace qeval
