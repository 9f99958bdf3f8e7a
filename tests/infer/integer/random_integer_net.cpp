#include "tests/infer/integer/random_integer_net.h"

#include <utility>
#include <vector>

#include "stages/model/node_shapes.h"

namespace qeval::test {
namespace {

constexpr int classes = 11;

}  // namespace

RandomIntegerNet::RandomIntegerNet(unsigned seed)
    : random_(seed), channels_(std::vector<int>{1, 3, 4, 6}[seed % 4]), builder_({channels_, 9, 9}) {
  quantize(0, -2.1, 1.9);
  add_layer();
  for (int i = 0; i < 7; ++i) add_operator();
  add_logits();
}

void RandomIntegerNet::add_operator() {
  switch (below(15)) {
    case 0: return add_sum();
    case 1: return add_pool();
    case 2: return add_pad();
    case 3: return add_concat();
    case 4:
    case 5: return add_activation();
    case 6: return add_gate();
    case 7: return add_pair();
    case 8: return add_constant();
    case 9: return add_norm();
    case 10: return add_selection();
    case 11: return add_join_of_equal_grids();
    case 12: return add_layer_norm();
    default: return add_layer();
  }
}

void RandomIntegerNet::set(int quantizer, EncodingList list) {
  table_.resize(static_cast<std::size_t>(quantizer) + 1);
  table_[static_cast<std::size_t>(quantizer)] = std::move(list);
}

void RandomIntegerNet::quantize(int node, double min, double max) {
  min *= 1.0007;  // not as far as max: half-way between two codes, it would leave the grid in some modes
  set(builder_.quantize_output(node), {encoding(min, max, chance(70) ? 8 : 2 + below(7))});
}

void RandomIntegerNet::quantize_weight(int node, int outputs) {
  const bool per_channel = chance(50);
  const int bits = chance(70) ? 8 : 2 + below(7);
  const double lowest = -(1 << (bits - 1));
  EncodingList list;
  for (int i = 0; i < (per_channel ? outputs : 1); ++i) {
    // Symmetric around zero but for the lowest code, as AIMET's.
    const double scale = range() / -lowest;
    list.push_back({scale * lowest, scale * (-lowest - 1), scale, lowest, bits, true});
  }
  set(builder_.quantize_weight(node, per_channel), std::move(list));
}

Window RandomIntegerNet::window(int groups) {
  Window result;
  result.groups = groups;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    result.kernel[axis] = 1 + below(3);
    result.dilation[axis] = result.kernel[axis] > 1 && chance(20) ? 2 : 1;
    result.stride[axis] = chance(20) ? 2 : 1;
  }
  for (int& pad : result.padding) pad = below(3);
  return applied(result);
}

Window RandomIntegerNet::applied(Window window) {
  for (std::size_t axis = 0; axis < 2; ++axis) {
    while (window_positions(window, axis, sides_[axis]) < 1) ++window.padding[2 * axis];
    sides_[axis] = window_positions(window, axis, sides_[axis]);
  }
  return window;
}

void RandomIntegerNet::close(int node, int channels) {
  if (chance(50)) node = builder_.node(chance(50) ? Op::relu : Op::relu6, {node});
  quantize(node, chance(50) ? 0 : -range(), range());
  last_ = node;
  channels_ = channels;
}

void RandomIntegerNet::add_layer() {
  std::vector<int> choices{1};
  for (const int groups : {2, 3, 4, 6, channels_})
    if (groups <= channels_ && channels_ % groups == 0) choices.push_back(groups);
  const int groups = choices[static_cast<std::size_t>(below(static_cast<int>(choices.size())))];
  const int outputs = groups * (groups == channels_ && chance(70) ? 1 : 1 + below(9));
  const int conv = builder_.conv(last_, channels_, outputs, window(groups), random_(), chance(60));
  quantize_weight(conv, outputs);
  if (chance(20)) set(builder_.quantize_input(conv, 0), {encoding(-1.3, 2)});
  close(conv, outputs);
}

/// A layer that keeps the shape, whose output is added to its input: behind a quantizer or at once.
void RandomIntegerNet::add_sum() {
  Window same;
  same.kernel = {3, 3};
  same.padding = {1, 1, 1, 1};
  const int from = last_, conv = builder_.conv(from, channels_, channels_, same, random_());
  quantize_weight(conv, channels_);
  if (chance(50)) quantize(conv, -range(), range());
  close(builder_.node(Op::add, chance(50) ? std::vector<int>{conv, from} : std::vector<int>{from, conv}), channels_);
}

void RandomIntegerNet::add_pool() {
  Window pool;
  pool.kernel = {2 + below(2), 2 + below(2)};
  pool.stride = {1 + below(2), 1 + below(2)};
  pool.padding = {below(2), below(2), below(2), below(2)};
  pool.ceil_mode = chance(30);
  pool.count_include_pad = chance(50);
  const bool averages = chance(50);
  last_ = builder_.node(averages ? Op::avg_pool : Op::max_pool, {last_}, applied(pool));
  if (averages)
    close(last_, channels_);
  else if (chance(30))
    quantize(last_, -range(), range());
}

void RandomIntegerNet::add_pad() {
  Window pad;
  pad.padding = {below(3), below(3), below(3), below(3)};
  last_ = builder_.node(Op::pad, {last_}, applied(pad));
}

void RandomIntegerNet::add_concat() {
  Window point;
  const int outputs = 1 + below(9), from = last_;
  const int conv = builder_.conv(from, channels_, outputs, point, random_());
  quantize_weight(conv, outputs);
  quantize(conv, -range(), range());
  last_ = builder_.node(Op::concat, {from, conv});
  channels_ += outputs;
  quantize(last_, -range(), range());
}

void RandomIntegerNet::add_logits() {
  int pool = builder_.node(chance(50) ? Op::global_avg_pool : Op::reduce_mean, {last_});
  builder_.at(pool).axes = {2, 3};
  if (chance(30)) pool = builder_.node(Op::relu, {pool});
  quantize(pool, -range(), range());
  const int linear = builder_.node(Op::linear, {builder_.node(Op::flatten, {pool})});
  builder_.at(linear).weight = random_tensor({classes, channels_}, random_());
  if (chance(60)) builder_.at(linear).bias = random_tensor({classes}, random_());
  quantize_weight(linear, classes);
  if (chance(50)) quantize(linear, -range(), range());
  graph_ = builder_.finish_flat(linear, classes);
  table_.resize(graph_.quantizers.size());
}

}  // namespace qeval::test
