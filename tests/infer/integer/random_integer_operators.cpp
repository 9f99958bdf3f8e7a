// Functions of one value and of two, and operators that move values.
#include <algorithm>
#include <iterator>
#include <numeric>

#include "tests/infer/integer/random_integer_net.h"

namespace qeval::test {

int RandomIntegerNet::point_layer(int from, int outputs) {
  const int conv = builder_.conv(from, channels_, outputs, {}, random_(), chance(60));
  quantize_weight(conv, outputs);
  quantize(conv, -range(), range());
  return conv;
}

void RandomIntegerNet::add_activation() {
  constexpr Op ops[] = {Op::relu, Op::relu6, Op::hard_swish, Op::hard_sigmoid, Op::clip, Op::dropout, Op::sigmoid,
                        Op::silu, Op::gelu,  Op::gelu_tanh,  Op::softplus,     Op::tanh, Op::erf,     Op::exp,
                        Op::abs,  Op::mish,  Op::elu,        Op::leaky_relu,   Op::prelu};
  const int node = builder_.node(ops[below(std::size(ops))], {last_});
  builder_.at(node).alpha = -0.4f;
  builder_.at(node).beta = 1.7f;
  if (builder_.at(node).op == Op::prelu)
    builder_.at(node).weight = random_tensor({chance(50) ? channels_ : 1}, random_(), 0.5f);
  close(node, channels_);
}

/// Squeeze and excitation, on either side of the product; now and then a gate that is added.
void RandomIntegerNet::add_gate() {
  const int from = last_, mean = builder_.node(Op::global_avg_pool, {from});
  quantize(mean, -range(), range());
  const int gate = builder_.node(chance(50) ? Op::sigmoid : Op::hard_sigmoid, {point_layer(mean, channels_)});
  quantize(gate, 0, 1);
  const Op op = chance(80) ? Op::mul : Op::add;
  close(builder_.node(op, chance(50) ? std::vector<int>{gate, from} : std::vector<int>{from, gate}), channels_);
}

void RandomIntegerNet::add_pair() {
  constexpr Op ops[] = {Op::mul, Op::mul, Op::sub, Op::minimum, Op::maximum};
  const int from = last_, other = point_layer(from, channels_);
  const Op op = ops[below(std::size(ops))];
  close(builder_.node(op, chance(50) ? std::vector<int>{other, from} : std::vector<int>{from, other}), channels_);
}

void RandomIntegerNet::add_constant() {
  constexpr Op ops[] = {Op::add, Op::sub, Op::mul, Op::div, Op::minimum, Op::maximum, Op::layer_scale};
  const int node = builder_.node(ops[below(std::size(ops))], {last_});
  const bool per_channel = builder_.at(node).op == Op::layer_scale || chance(50);
  builder_.at(node).weight = random_tensor({per_channel ? channels_ : 1, 1, 1}, random_());
  builder_.at(node).weight_first = builder_.at(node).op != Op::div && chance(30);
  close(node, channels_);
}

void RandomIntegerNet::add_norm() {
  const int node = builder_.node(Op::batch_norm, {last_});
  Node& norm = builder_.at(node);
  for (Tensor* tensor : {&norm.weight, &norm.bias, &norm.mean}) *tensor = random_tensor({channels_}, random_());
  norm.variance = random_tensor({channels_}, random_());
  std::vector<float> positive(norm.variance.values().begin(), norm.variance.values().end());
  for (float& x : positive) x = x * x + 0.1f;
  norm.variance = Tensor({channels_}, std::move(positive));
  close(node, channels_);
}

/// A block of ConvNeXt, whose channels are the last axis in between; or a layer norm alone.
void RandomIntegerNet::add_layer_norm() {
  const bool as_last = chance(70);
  int node = as_last ? builder_.node(Op::permute, {last_}) : last_;
  if (as_last) builder_.at(node).axes = {0, 2, 3, 1};
  node = builder_.node(Op::layer_norm, {node});
  Node& norm = builder_.at(node);
  norm.axis = as_last ? 3 : 1;
  norm.weight = random_tensor({channels_}, random_());
  if (chance(80)) norm.bias = random_tensor({channels_}, random_());
  close(node, channels_);
  if (!as_last) return;
  const int linear = builder_.node(Op::linear, {last_}), outputs = 1 + below(9);
  builder_.at(linear).weight = random_tensor({outputs, channels_}, random_(), 0.3f);
  quantize_weight(linear, outputs);
  quantize(linear, -range(), range());
  const int function = builder_.node(Op::gelu, {linear});
  quantize(function, -range(), range());
  last_ = builder_.node(Op::permute, {function});
  builder_.at(last_).axes = {0, 3, 1, 2};
  channels_ = outputs;
}

/// Its grid stays.
void RandomIntegerNet::add_selection() {
  const int half = (channels_ + 1) / 2;
  const int kind = below(4);
  if (kind == 0) {
    last_ = builder_.node(Op::channel_shuffle, {last_}, {.groups = channels_ % 2 == 0 ? 2 : channels_});
  } else if (kind == 1) {
    last_ = builder_.node(Op::gather, {last_});
    std::vector<int>& positions = builder_.at(last_).positions;
    for (int i = 0; i < half; ++i) positions.push_back(below(channels_));
    channels_ = half;
  } else if (kind == 2) {
    last_ = builder_.node(Op::slice, {last_});
    builder_.at(last_).first = channels_ - half;
    builder_.at(last_).last = channels_;
    channels_ = half;
  } else {
    last_ = builder_.node(Op::slice, {last_});
    Node& rows = builder_.at(last_);
    rows.axis = 2;
    rows.first = static_cast<int>(sides_[0]) - 1;
    rows.last = -1;
    rows.step = -1;
  }
}

void RandomIntegerNet::add_join_of_equal_grids() {
  const int from = last_, outputs = 1 + below(9);
  const int first = point_layer(from, outputs), second = builder_.node(Op::relu, {point_layer(from, channels_)});
  const int quantizer = builder_.quantize_output(second);
  set(quantizer, table_[static_cast<std::size_t>(builder_.at(first).output_quantizer)]);
  last_ = builder_.node(Op::concat, {first, second});
  channels_ += outputs;
}

}  // namespace qeval::test
