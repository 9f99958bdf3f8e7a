// Operators of squeeze-and-excitation, dense, shuffled and ConvNeXt networks against the same thing said to ATen, in
// both executors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include "tests/infer/expect_result.h"

namespace qeval {
namespace {

using test::aten;
using test::expect_operators;
using test::expect_result;
using test::GraphBuilder;
using test::operator_input;

TEST(ExecutorActivation, SmoothAndHardOnesAreAtens) {
  expect_operators({{Op::sigmoid, [](const at::Tensor& x) { return 1 / (1 + (-x).exp()); }},
                    {Op::hard_sigmoid, [](const at::Tensor& x) { return (x + 3).clamp(0, 6) / 6; }},
                    {Op::hard_swish, [](const at::Tensor& x) { return x * (x + 3).clamp(0, 6) / 6; }},
                    {Op::silu, [](const at::Tensor& x) { return x / (1 + (-x).exp()); }},
                    {Op::gelu, [](const at::Tensor& x) { return x * 0.5 * (1 + (x / std::sqrt(2.0)).erf()); }}});
}

TEST(ExecutorActivation, LeavesAValueThatIsNeededLaterAlone) {
  GraphBuilder b(operator_input);
  const int silu = b.node(Op::silu, {0});
  expect_result(b, b.node(Op::add, {silu, 0}), [](const at::Tensor& x) { return at::silu(x) + x; });
}

TEST(ExecutorMul, RepeatsOneFactorPerChannelOnEitherSide) {
  for (const bool scale_first : {true, false}) {
    GraphBuilder b(operator_input);
    const int scale = b.node(Op::sigmoid, {b.node(Op::global_avg_pool, {0})});
    const int product = b.node(Op::mul, scale_first ? std::vector<int>{scale, 0} : std::vector<int>{0, scale});
    expect_result(b, product, [](const at::Tensor& x) { return x.mean({2, 3}, true).sigmoid() * x; });
  }
}

TEST(ExecutorMul, OfAValueThatIsNeededLaterLeavesItAlone) {
  GraphBuilder b(operator_input);
  const int relu = b.node(Op::relu, {0});
  const int product = b.node(Op::mul, {relu, 0});
  expect_result(b, b.node(Op::add, {product, relu}), [](const at::Tensor& x) { return at::relu(x) * x + at::relu(x); });
}

TEST(ExecutorMul, LayerScaleHasOneFactorPerChannel) {
  GraphBuilder b(operator_input);
  const int scaled = b.node(Op::layer_scale, {b.node(Op::relu, {0})});
  b.at(scaled).weight = test::random_tensor({6, 1, 1}, 31);
  expect_result(b, scaled, [&](const at::Tensor& x) { return at::relu(x) * aten(b.at(scaled).weight); });
}

TEST(ExecutorLayerNorm, OverChannelsOrTheLastAxis) {
  for (const int axis : {1, 3}) {
    GraphBuilder b(operator_input);
    const int norm = b.node(Op::layer_norm, {0});
    const int length = axis == 1 ? 6 : 11;
    b.at(norm).axis = axis;
    b.at(norm).epsilon = 1e-2f;
    b.at(norm).weight = test::random_tensor({length}, 41);
    b.at(norm).bias = test::random_tensor({length}, 42);
    expect_result(b, norm, [&](const at::Tensor& x) {
      const std::vector<std::int64_t> shape =
          axis == 1 ? std::vector<std::int64_t>{1, 6, 1, 1} : std::vector<std::int64_t>{1, 1, 1, 11};
      const at::Tensor centred = x - x.mean({axis}, true);
      const at::Tensor variance = (centred * centred).mean({axis}, true);
      return centred / (variance + 1e-2).sqrt() * aten(b.at(norm).weight).reshape(shape) +
             aten(b.at(norm).bias).reshape(shape);
    });
  }
}

TEST(ExecutorMovement, ConcatKeepsTheOrderOfItsInputs) {
  GraphBuilder b(operator_input);
  const int relu = b.node(Op::relu, {0});
  const int conv = b.conv(relu, 6, 3, {}, 51);
  expect_result(b, b.node(Op::concat, {conv, 0, relu}), [&](const at::Tensor& x) {
    return at::cat({at::conv2d(at::relu(x), aten(b.at(conv).weight), aten(b.at(conv).bias)), x, at::relu(x)}, 1);
  });
}

TEST(ExecutorMovement, SliceTakesPositionsOfAnAxis) {
  GraphBuilder b(operator_input);
  const int slice = b.node(Op::slice, {0});
  b.at(slice).first = 2;
  b.at(slice).last = 5;
  const int conv = b.conv(slice, 3, 4, {}, 61);
  expect_result(b, conv, [&](const at::Tensor& x) {
    return at::conv2d(x.narrow(1, 2, 3).contiguous(), aten(b.at(conv).weight), aten(b.at(conv).bias));
  });
}

TEST(ExecutorMovement, ChannelShuffleExchangesGroupAndMember) {
  GraphBuilder b(operator_input);
  const int shuffle = b.node(Op::channel_shuffle, {0});
  b.at(shuffle).window.groups = 2;
  expect_result(b, shuffle, [](const at::Tensor& x) {
    return at::stack({x.select(1, 0), x.select(1, 3), x.select(1, 1), x.select(1, 4), x.select(1, 2), x.select(1, 5)},
                     1);
  });
}

TEST(ExecutorMovement, LinearOnTheLastAxisBetweenTwoPermutations) {
  GraphBuilder b(operator_input);
  const int last = b.node(Op::permute, {0});
  b.at(last).axes = {0, 2, 3, 1};
  const int linear = b.node(Op::linear, {last});
  b.at(linear).weight = test::random_tensor({5, 6}, 71);
  b.at(linear).bias = test::random_tensor({5}, 72);
  const int back = b.node(Op::permute, {linear});
  b.at(back).axes = {0, 3, 1, 2};
  expect_result(b, back, [&](const at::Tensor& x) {
    return at::conv2d(x, aten(b.at(linear).weight).reshape({5, 6, 1, 1}), aten(b.at(linear).bias));
  });
}

TEST(ExecutorBatchNorm, RunsUnfoldedBehindAConcat) {
  GraphBuilder b(operator_input);
  const int joined = b.node(Op::concat, {0, 0});
  const int bn = b.node(Op::batch_norm, {joined});
  b.at(bn).weight = test::random_tensor({12}, 81);
  b.at(bn).bias = test::random_tensor({12}, 82);
  b.at(bn).mean = test::random_tensor({12}, 83);
  std::vector<float> variance(12);
  for (std::size_t i = 0; i < variance.size(); ++i) variance[i] = 0.25f * static_cast<float>(i + 1);
  b.at(bn).variance = Tensor({12}, std::move(variance));
  expect_result(b, b.node(Op::relu, {bn}), [&](const at::Tensor& x) {
    const auto channel = [](const Tensor& t) { return aten(t).reshape({1, 12, 1, 1}); };
    const Node& node = b.at(bn);
    return at::relu((at::cat({x, x}, 1) - channel(node.mean)) / (channel(node.variance) + 1e-5).sqrt() *
                        channel(node.weight) +
                    channel(node.bias));
  });
}

}  // namespace
}  // namespace qeval
