// Functions of one value that have the same bits everywhere.
#include "stages/quant/arithmetic/exact_activation.h"

#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

namespace qeval {
namespace {

Node node_of(Op op) {
  Node node;
  node.op = op;
  node.alpha = 0.3f;
  return node;
}

/// The same in 64 bits of fraction, by other formulas where the library has some.
long double wanted(Op op, long double x) {
  const long double gate = 1 / (1 + std::exp(-x)), softplus = std::log(1 + std::exp(x));
  const auto cube = [&] { return x * x * x; };
  switch (op) {
    case Op::sigmoid: return gate;
    case Op::silu: return x * gate;
    case Op::gelu: return x / 2 * std::erfc(-x / std::numbers::sqrt2_v<long double>);
    case Op::gelu_tanh:
      return x / 2 * (1 + std::tanh(std::sqrt(2 / std::numbers::pi_v<long double>) * (x + 0.044715L * cube())));
    case Op::tanh: return std::tanh(x);
    case Op::erf: return std::erf(x);
    case Op::exp: return std::exp(x);
    case Op::softplus: return softplus;
    case Op::mish: return x * std::tanh(softplus);
    default: return x > 0 ? x : static_cast<long double>(0.3f) * std::expm1(x);  // elu
  }
}

TEST(ExactActivation, IsTheFloatNextToTheFunctionsValue) {
  for (const Op op :
       {Op::sigmoid, Op::silu, Op::gelu, Op::gelu_tanh, Op::tanh, Op::erf, Op::exp, Op::softplus, Op::mish, Op::elu})
    for (int i = -128; i < 128; ++i) {
      const float x = static_cast<float>(i) * 0.0371f;
      EXPECT_EQ(exact_activation(node_of(op), x), static_cast<float>(wanted(op, x))) << op_name(op) << " of " << x;
    }
}

/// Sigmoid behind a quantizer with one encoding.
struct Behind {
  Graph graph;
  EncodingTable table;

  explicit Behind(const Encoding& encoding) : table{{encoding}} {
    Node input = node_of(Op::input), sigmoid = node_of(Op::sigmoid);
    input.output_quantizer = 0;
    sigmoid.inputs = {0};
    graph.nodes = {input, sigmoid};
    graph.quantizers.emplace_back();
  }
  auto found(NumericsMode mode = NumericsMode::aimet_torch_2) const {
    return exact_table(graph, graph.nodes[1], table, mode);
  }
};

const Encoding byte{-1.0, 1.55, 0.01, -100, 8, false};

TEST(ExactTable, GivesTheFunctionOfEveryCode) {
  const auto table = Behind(byte).found();
  ASSERT_TRUE(table.has_value());
  for (int code = 0; code < 256; ++code) {
    const float x = static_cast<float>(code - 100) * 0.01f;
    float result = 0;
    look_up({&x, 1}, {&result, 1}, *table);
    EXPECT_EQ(result, exact_activation(node_of(Op::sigmoid), x)) << code;
  }
}

TEST(ExactTable, ANanStaysOne) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  float result = 0;
  look_up({&nan, 1}, {&result, 1}, Behind(byte).found().value());
  EXPECT_TRUE(std::isnan(result));
}

TEST(ExactTable, IsForGridsOfUpTo16Bits) {
  EXPECT_TRUE(Behind({-1.0, 1.0, 2.0 / 65535, -32768, 16, false}).found().has_value());
  EXPECT_FALSE(Behind({-1.0, 1.0, 2.0 / 131071, -65536, 17, false}).found().has_value());
  EXPECT_FALSE(Behind({.bits = 16, .float16 = true}).found().has_value());
  Behind off(byte);
  off.table[0].clear();
  EXPECT_FALSE(off.found().has_value());
}

}  // namespace
}  // namespace qeval
