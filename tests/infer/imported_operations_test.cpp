// Operators that only imported networks hold against the same thing said to ATen, in both executors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include "pipeline/base/errors.h"
#include "tests/infer/expect_result.h"

namespace qeval {
namespace {

using test::aten;
using test::expect_operators;
using test::expect_result;
using test::Expected;
using test::GraphBuilder;
using test::operator_input;

TEST(ExecutorActivation, OfImportedNetworksAreAtens) {
  expect_operators({{Op::gelu_tanh, [](const at::Tensor& x) { return at::gelu(x, "tanh"); }},
                    {Op::tanh, [](const at::Tensor& x) { return x.tanh(); }},
                    {Op::erf, [](const at::Tensor& x) { return x.erf(); }},
                    {Op::exp, [](const at::Tensor& x) { return x.exp(); }},
                    {Op::abs, [](const at::Tensor& x) { return x.abs(); }},
                    {Op::softplus, [](const at::Tensor& x) { return x.exp().log1p(); }},
                    {Op::mish, [](const at::Tensor& x) { return x * x.exp().log1p().tanh(); }}});
}

TEST(ExecutorActivation, OfPositiveValues) {
  expect_operators({{Op::sqrt, [](const at::Tensor& x) { return x.exp().sqrt(); }},
                    {Op::log, [](const at::Tensor& x) { return x; }},
                    {Op::reciprocal, [](const at::Tensor& x) { return (-x).exp(); }}},
                   Op::exp);
}

TEST(ExecutorActivation, EluHasASlope) {
  GraphBuilder b(operator_input);
  const int elu = b.node(Op::elu, {0});
  b.at(elu).alpha = 0.25f;
  expect_result(b, elu, [](const at::Tensor& x) { return at::where(x < 0, 0.25 * x.expm1(), x); });
}

using Pair = std::function<at::Tensor(const at::Tensor&, const at::Tensor&)>;

const std::vector<std::pair<Op, Pair>>& pairs() {
  static const std::vector<std::pair<Op, Pair>> all{
      {Op::add, [](const at::Tensor& a, const at::Tensor& b) { return a + b; }},
      {Op::sub, [](const at::Tensor& a, const at::Tensor& b) { return a - b; }},
      {Op::mul, [](const at::Tensor& a, const at::Tensor& b) { return a * b; }},
      {Op::div, [](const at::Tensor& a, const at::Tensor& b) { return a / b; }},
      {Op::minimum, [](const at::Tensor& a, const at::Tensor& b) { return at::where(a < b, a, b); }},
      {Op::maximum, [](const at::Tensor& a, const at::Tensor& b) { return at::where(a < b, b, a); }},
      {Op::pow, [](const at::Tensor& a, const at::Tensor& b) { return (a.log() * b).exp(); }}};
  return all;
}

TEST(ExecutorArithmetic, RepeatsTheSmallerInput) {
  for (const auto& [op, expected] : pairs()) {
    SCOPED_TRACE(op_name(op));
    GraphBuilder b(operator_input);
    const int large = b.node(Op::sigmoid, {0}), mean = b.node(Op::reduce_mean, {large});
    b.at(mean).axes = {1, 3};
    expect_result(b, b.node(op, {large, mean}),
                  [&](const at::Tensor& x) { return expected(x.sigmoid(), x.sigmoid().mean({1, 3}, true)); });
  }
}

TEST(ExecutorArithmetic, TakesAConstantOnEitherSide) {
  for (const bool first : {true, false})
    for (const auto& [op, expected] : pairs()) {
      SCOPED_TRACE(op_name(op));
      GraphBuilder b(operator_input);
      const int node = b.node(op, {b.node(Op::sigmoid, {0})});
      std::vector<float> row(11);
      for (std::size_t i = 0; i < row.size(); ++i) row[i] = 0.5f + 0.125f * static_cast<float>(i);
      b.at(node).weight = Tensor({1, 1, 11}, std::move(row));
      b.at(node).weight_first = first;
      expect_result(b, node, [&](const at::Tensor& x) {
        const at::Tensor constant = aten(b.at(node).weight);
        return first ? expected(constant, x.sigmoid()) : expected(x.sigmoid(), constant);
      });
    }
}

TEST(ExecutorMovement, PadsOfAnyAxisByAValue) {
  GraphBuilder b(operator_input);
  const int pad = b.node(Op::pad_axes, {0});
  b.at(pad).pads = {2, 0, 0, 1, -1, 3};
  b.at(pad).alpha = 0.75f;
  expect_result(b, pad, [](const at::Tensor& x) { return at::constant_pad_nd(x, {-1, 3, 0, 1, 2, 0}, 0.75); });
}

TEST(ExecutorMovement, PadsFromTheImageItself) {
  for (const PadMode mode : {PadMode::reflect, PadMode::edge, PadMode::wrap}) {
    SCOPED_TRACE(pad_mode_name(mode));
    GraphBuilder b(operator_input);
    const int pad = b.node(Op::pad_axes, {0});
    b.at(pad).pads = {0, 0, 2, 1, 1, 3};
    b.at(pad).pad_mode = mode;
    const char* const name = mode == PadMode::edge ? "replicate" : mode == PadMode::wrap ? "circular" : "reflect";
    expect_result(b, pad, [&](const at::Tensor& x) { return at::pad(x, {1, 3, 2, 1}, name); });
  }
}

TEST(ExecutorMovement, SliceTakesEveryStepthPosition) {
  for (const int step : {3, -3}) {
    GraphBuilder b(operator_input);
    const int slice = b.node(Op::slice, {0});
    b.at(slice).axis = 3;
    b.at(slice).first = step > 0 ? 1 : 10;
    b.at(slice).last = step > 0 ? 9 : -1;
    b.at(slice).step = step;
    expect_result(b, slice, [&](const at::Tensor& x) {
      return x.index_select(3, step > 0 ? at::tensor({1, 4, 7}) : at::tensor({10, 7, 4, 1}));
    });
  }
}

TEST(ExecutorMovement, GatherTakesPositionsInTheirOrder) {
  GraphBuilder b(operator_input);
  const int gather = b.node(Op::gather, {0});
  b.at(gather).axis = 1;
  b.at(gather).positions = {5, 0, 5};
  expect_result(b, gather,
                [](const at::Tensor& x) { return at::stack({x.select(1, 5), x.select(1, 0), x.select(1, 5)}, 1); });
}

TEST(ExecutorReduction, OverAxes) {
  const std::vector<std::pair<Op, Expected>> cases{
      {Op::reduce_mean, [](const at::Tensor& x) { return x.mean({1, 3}, true); }},
      {Op::reduce_sum, [](const at::Tensor& x) { return x.sum({1, 3}, true); }},
      {Op::reduce_max, [](const at::Tensor& x) { return std::get<0>(std::get<0>(x.max(1, true)).max(3, true)); }}};
  for (const auto& [op, expected] : cases) {
    SCOPED_TRACE(op_name(op));
    GraphBuilder b(operator_input);
    const int node = b.node(op, {0});
    b.at(node).axes = {1, 3};
    expect_result(b, node, expected);
  }
}

TEST(ExecutorReduction, LogSoftmax) {
  GraphBuilder b(operator_input);
  const int node = b.node(Op::log_softmax, {0});
  b.at(node).axis = 2;
  expect_result(b, node, [](const at::Tensor& x) { return x - x.exp().sum(2, true).log(); });
}

// Slopes over which the input would be repeated: nobody builds that, and no other values may come of it.
TEST(ExecutorShapes, AnotherShapeThanTheInferredOneNamesTheNode) {
  GraphBuilder b(operator_input);
  const int prelu = b.node(Op::prelu, {b.node(Op::global_avg_pool, {0})});
  b.at(prelu).weight = test::random_tensor({6, 1, 5}, 31);
  const Graph graph = b.finish_flat(prelu, 30);
  try {
    test::logits_of(*test::make_float(graph), graph, test::images_for(graph, 2, 1), 2);
    FAIL() << "no error";
  } catch (const InternalError& error) {
    const std::string& name = graph.nodes[static_cast<std::size_t>(prelu)].name;
    EXPECT_THAT(error.what(), testing::HasSubstr("node " + name +
                                                 " has an output of shape [2, 6, 1, 5] for 2 images, "
                                                 "not of [6, 1, 1] for each"));
  }
}

}  // namespace
}  // namespace qeval
