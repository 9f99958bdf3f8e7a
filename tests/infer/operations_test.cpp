// Every operator of the graph against the same thing said directly to ATen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include "tests/infer/graph_fixture.h"

namespace qeval {
namespace {

using test::GraphBuilder;

constexpr std::array<int, 3> input_shape{6, 9, 11};
constexpr int n = 2;

at::Tensor aten(const Tensor& tensor) {
  return at::from_blob(const_cast<float*>(tensor.values().data()), tensor.shape(), at::kFloat);
}

at::Tensor input_of(std::vector<float>& images) {
  return at::from_blob(images.data(), {n, input_shape[0], input_shape[1], input_shape[2]}, at::kFloat);
}

/// Runs the graph that ends in `last` and compares every value with `expected` [n, …].
void expect_result(GraphBuilder& builder, int last, const std::function<at::Tensor(const at::Tensor&)>& expected) {
  std::vector<float> images = test::numbers(std::int64_t{n} * 6 * 9 * 11, 5);
  const at::Tensor wanted = expected(input_of(images)).contiguous();
  const Graph graph = builder.finish_flat(last, static_cast<int>(wanted.numel() / n));
  const auto got = test::logits_of(*test::make_float(graph), graph, images, n);
  const std::vector<float> want(wanted.data_ptr<float>(), wanted.data_ptr<float>() + wanted.numel());
  EXPECT_THAT(got, testing::Pointwise(testing::FloatNear(2e-5f), want));
}

Window window(std::array<int, 2> kernel, std::array<int, 2> stride, std::array<int, 4> padding, int groups = 1) {
  Window w;
  w.kernel = kernel;
  w.stride = stride;
  w.padding = padding;
  w.groups = groups;
  return w;
}

TEST(ExecutorConv, StrideAndDifferentPaddingPerAxis) {
  GraphBuilder b(input_shape);
  const int c = b.conv(0, 6, 5, window({3, 5}, {2, 1}, {1, 1, 2, 2}), 1);
  expect_result(b, c, [&](const at::Tensor& x) {
    return at::conv2d(x, aten(b.at(c).weight), aten(b.at(c).bias), {2, 1}, {1, 2});
  });
}

TEST(ExecutorConv, GroupedAndDilatedWithoutBias) {
  GraphBuilder b(input_shape);
  Window w = window({3, 3}, {1, 1}, {2, 2, 2, 2}, 3);
  w.dilation = {2, 2};
  const int c = b.conv(0, 6, 12, w, 2, false);
  expect_result(
      b, c, [&](const at::Tensor& x) { return at::conv2d(x, aten(b.at(c).weight), {}, {1, 1}, {2, 2}, {2, 2}, 3); });
}

TEST(ExecutorConv, PadsRightAndBottomOnlyWhereToldSo) {
  GraphBuilder b(input_shape);
  const int c = b.conv(0, 6, 4, window({3, 3}, {2, 2}, {0, 1, 0, 1}), 3);
  expect_result(b, c, [&](const at::Tensor& x) {
    return at::conv2d(at::constant_pad_nd(x, {0, 1, 0, 1}), aten(b.at(c).weight), aten(b.at(c).bias), {2, 2});
  });
}

TEST(ExecutorConv, FollowingReluAndRelu6AreApplied) {
  for (const Op op : {Op::relu, Op::relu6}) {
    GraphBuilder b(input_shape);
    const int c = b.conv(0, 6, 8, window({3, 3}, {1, 1}, {1, 1, 1, 1}), 4);
    const int a = b.node(op, {c});
    expect_result(b, a, [&](const at::Tensor& x) {
      const at::Tensor y = at::conv2d(x, aten(b.at(c).weight), aten(b.at(c).bias), {1, 1}, {1, 1});
      return op == Op::relu ? at::relu(y) : at::clamp(y, 0, 6);
    });
  }
}

TEST(ExecutorConv, ResidualBlockWithReluAddsTheShortcut) {
  GraphBuilder b(input_shape);
  const int first = b.conv(0, 6, 6, window({1, 1}, {1, 1}, {0, 0, 0, 0}), 5);
  const int second = b.conv(first, 6, 6, window({3, 3}, {1, 1}, {1, 1, 1, 1}), 6);
  const int relu = b.node(Op::relu, {b.node(Op::add, {second, first})});
  expect_result(b, relu, [&](const at::Tensor& x) {
    const at::Tensor y = at::conv2d(x, aten(b.at(first).weight), aten(b.at(first).bias));
    return at::relu(at::conv2d(y, aten(b.at(second).weight), aten(b.at(second).bias), {1, 1}, {1, 1}) + y);
  });
}

TEST(ExecutorConv, ShortcutThatIsNeededLaterIsNotOverwritten) {
  GraphBuilder b(input_shape);
  const int first = b.conv(0, 6, 6, window({1, 1}, {1, 1}, {0, 0, 0, 0}), 5);
  const int second = b.conv(first, 6, 6, window({1, 1}, {1, 1}, {0, 0, 0, 0}), 6);
  const int sum = b.node(Op::add, {second, first});
  const int again = b.node(Op::add, {sum, first});
  expect_result(b, again, [&](const at::Tensor& x) {
    const at::Tensor y = at::conv2d(x, aten(b.at(first).weight), aten(b.at(first).bias));
    return at::conv2d(y, aten(b.at(second).weight), aten(b.at(second).bias)) + y + y;
  });
}

TEST(ExecutorConv, TwoConvolutionsIntoOneAdd) {
  GraphBuilder b(input_shape);
  const int left = b.conv(0, 6, 7, window({1, 1}, {1, 1}, {0, 0, 0, 0}), 7);
  const int right = b.conv(0, 6, 7, window({3, 3}, {1, 1}, {1, 1, 1, 1}), 8);
  expect_result(b, b.node(Op::add, {left, right}), [&](const at::Tensor& x) {
    return at::conv2d(x, aten(b.at(left).weight), aten(b.at(left).bias)) +
           at::conv2d(x, aten(b.at(right).weight), aten(b.at(right).bias), {1, 1}, {1, 1});
  });
}

TEST(ExecutorElementwise, AddOfAValueToItself) {
  GraphBuilder b(input_shape);
  const int relu = b.node(Op::relu, {0});
  expect_result(b, b.node(Op::add, {relu, relu}), [](const at::Tensor& x) { return at::relu(x) * 2; });
}

TEST(ExecutorElementwise, ReluOfAValueThatIsNeededLaterLeavesItAlone) {
  GraphBuilder b(input_shape);
  const int dropout = b.node(Op::dropout, {0});
  const int relu = b.node(Op::relu, {dropout});
  const int relu6 = b.node(Op::relu6, {0});
  const int sum = b.node(Op::add, {relu, relu6});
  expect_result(b, b.node(Op::add, {sum, 0}), [](const at::Tensor& x) { return at::relu(x) + at::clamp(x, 0, 6) + x; });
}

TEST(ExecutorElementwise, BatchNormWithItsOwnEpsilon) {
  GraphBuilder b(input_shape);
  const int bn = b.node(Op::batch_norm, {0});
  b.at(bn).weight = test::random_tensor({6}, 11);
  b.at(bn).bias = test::random_tensor({6}, 12);
  b.at(bn).mean = test::random_tensor({6}, 13);
  b.at(bn).variance = Tensor({6}, std::vector<float>{0.5f, 1, 2, 0.01f, 3, 0.7f});
  b.at(bn).epsilon = 1e-2f;
  expect_result(b, bn, [&](const at::Tensor& x) {
    const auto channel = [](const Tensor& t) { return aten(t).reshape({1, 6, 1, 1}); };
    const Node& node = b.at(bn);
    return (x - channel(node.mean)) / (channel(node.variance) + 1e-2).sqrt() * channel(node.weight) +
           channel(node.bias);
  });
}

TEST(ExecutorPool, MaxPoolWithPaddingAndCeilMode) {
  GraphBuilder b(input_shape);
  Window w = window({3, 3}, {2, 2}, {1, 1, 1, 1});
  w.ceil_mode = true;
  expect_result(b, b.node(Op::max_pool, {0}, w),
                [](const at::Tensor& x) { return at::max_pool2d(x, {3, 3}, {2, 2}, {1, 1}, {1, 1}, true); });
}

TEST(ExecutorPool, MaxPoolWithUnevenPaddingIgnoresThePadding) {
  GraphBuilder b(input_shape);
  expect_result(b, b.node(Op::max_pool, {0}, window({3, 3}, {2, 2}, {0, 1, 0, 1})), [](const at::Tensor& x) {
    return at::max_pool2d(at::constant_pad_nd(x, {0, 1, 0, 1}, -1e30), {3, 3}, {2, 2});
  });
}

TEST(ExecutorPool, AvgPoolCountsPaddingOrNot) {
  for (const bool count : {true, false}) {
    GraphBuilder b(input_shape);
    Window w = window({3, 3}, {2, 2}, {1, 1, 1, 1});
    w.count_include_pad = count;
    expect_result(b, b.node(Op::avg_pool, {0}, w),
                  [&](const at::Tensor& x) { return at::avg_pool2d(x, {3, 3}, {2, 2}, {1, 1}, false, count); });
  }
}

TEST(ExecutorPool, GlobalAvgPoolFlattenAndLinear) {
  GraphBuilder b(input_shape);
  const int flat = b.node(Op::flatten, {b.node(Op::global_avg_pool, {0})});
  const int linear = b.node(Op::linear, {flat});
  b.at(linear).weight = test::random_tensor({4, 6}, 21);
  b.at(linear).bias = test::random_tensor({4}, 22);
  expect_result(b, linear, [&](const at::Tensor& x) {
    return at::linear(x.mean({2, 3}), aten(b.at(linear).weight), aten(b.at(linear).bias));
  });
}

TEST(ExecutorShape, FlattenKeepsChannelRowColumnOrder) {
  GraphBuilder b(input_shape);
  expect_result(b, b.node(Op::dropout, {0}), [](const at::Tensor& x) { return x; });
}

TEST(ExecutorShape, PadTakesTopBottomLeftRight) {
  GraphBuilder b(input_shape);
  expect_result(b, b.node(Op::pad, {0}, window({1, 1}, {1, 1}, {1, 2, 3, 4})),
                [](const at::Tensor& x) { return at::constant_pad_nd(x, {3, 4, 1, 2}); });
}

TEST(ExecutorShape, SubsamplePadsChannelsOnBothSides) {
  GraphBuilder b(input_shape);
  const int shortcut = b.node(Op::subsample_pad_channels, {0});
  b.at(shortcut).out_channels = 12;
  expect_result(b, shortcut, [](const at::Tensor& x) {
    return at::constant_pad_nd(x.slice(2, 0, 9, 2).slice(3, 0, 11, 2), {0, 0, 0, 0, 3, 3});
  });
}

}  // namespace
}  // namespace qeval
