#include <algorithm>

#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/tensor.h>

#include "stages/infer/operation_families.h"

namespace qeval {
namespace {

/// What convolutions and quantizers take: whole memory of its own, in the order of the tensor it came from.
at::Tensor dense(const at::Tensor& x, const at::Tensor& origin) {
  return x.contiguous(x.dim() == 4 ? origin.suggest_memory_format() : at::MemoryFormat::Contiguous);
}

/// CIFAR ResNet option A: every second pixel, zero channels in front and behind.
at::Tensor subsample_pad_channels(const at::Tensor& x, std::int64_t out_channels) {
  const std::int64_t extra = out_channels - x.size(1), front = extra / 2;
  const at::Tensor kept = x.slice(2, 0, std::nullopt, 2).slice(3, 0, std::nullopt, 2);
  return dense(at::constant_pad_nd(kept, {0, 0, 0, 0, front, extra - front}), x);
}

/// ATen goes forwards only.
at::Tensor slice(const at::Tensor& x, int axis, std::int64_t first, std::int64_t last, std::int64_t step) {
  if (step > 0) return x.slice(axis, first, last, step);
  const std::int64_t steps = (first - last - 1) / -step;
  return x.slice(axis, first + steps * step, first + 1, -step).flip(axis);
}

at::Tensor picked(const at::Tensor& x, std::int64_t axis, const std::vector<std::int64_t>& positions) {
  return x.index_select(axis, at::tensor(positions).to(x.device()));
}

at::Tensor padded_by(const at::Tensor& x, const std::vector<int>& pads, float value) {
  std::vector<std::int64_t> last_axis_first;
  for (std::size_t i = pads.size(); i > 0; i -= 2) {
    last_axis_first.push_back(pads[i - 2]);
    last_axis_first.push_back(pads[i - 1]);
  }
  return at::constant_pad_nd(x, last_axis_first, value);
}

/// Which of `size` positions stands at position `at`, which may lie before the first or behind the last.
std::int64_t source_position(std::int64_t at, std::int64_t size, PadMode mode) {
  if (mode == PadMode::edge) return std::clamp<std::int64_t>(at, 0, size - 1);
  const std::int64_t period = mode == PadMode::wrap ? size : std::max<std::int64_t>(2 * (size - 1), 1);
  const std::int64_t within = (at % period + period) % period;
  return within < size ? within : period - within;
}

at::Tensor padded_from_itself(at::Tensor x, const std::vector<int>& pads, PadMode mode) {
  for (std::size_t i = 0; i < pads.size(); i += 2) {
    if (pads[i] == 0 && pads[i + 1] == 0) continue;
    const auto axis = static_cast<std::int64_t>(i / 2 + 1);
    std::vector<std::int64_t> positions;
    for (std::int64_t at = -pads[i]; at < x.size(axis) + pads[i + 1]; ++at)
      positions.push_back(source_position(at, x.size(axis), mode));
    x = picked(x, axis, positions);
  }
  return x;
}

/// Of the batch axis alone, an axis of length 1 is made.
at::Tensor flattened(const at::Tensor& x) { return x.dim() == 1 ? x.unsqueeze(1) : x.flatten(1); }

at::Tensor shuffled_channels(const at::Tensor& x, std::int64_t groups) {
  return dense(x.unflatten(1, {groups, x.size(1) / groups}).transpose(1, 2).flatten(1, 2), x);
}

}  // namespace

std::unique_ptr<Operation> make_movement(const Node& node) {
  switch (node.op) {
    case Op::flatten: return make_function([](Operands& operands) { return flattened(operands[0]); });
    case Op::pad:
      return make_function(
          [pads = aten_pads(node.window)](Operands& operands) { return at::constant_pad_nd(operands[0], pads); });
    case Op::concat: return make_function([axis = node.axis](Operands& operands) { return at::cat(operands, axis); });
    case Op::slice:
      return make_function(
          [axis = node.axis, first = node.first, last = node.last, step = node.step](Operands& operands) {
            return dense(slice(operands[0], axis, first, last, step), operands[0]);
          });
    case Op::gather:
      return make_function(
          [axis = node.axis, positions = std::vector<std::int64_t>(node.positions.begin(), node.positions.end())](
              Operands& operands) { return dense(picked(operands[0], axis, positions), operands[0]); });
    case Op::pad_axes:
      return make_function([pads = node.pads, mode = node.pad_mode, value = node.alpha](Operands& operands) {
        return dense(mode == PadMode::constant ? padded_by(operands[0], pads, value)
                                               : padded_from_itself(operands[0], pads, mode),
                     operands[0]);
      });
    case Op::permute:
      return make_function([axes = std::vector<std::int64_t>(node.axes.begin(), node.axes.end())](Operands& operands) {
        return operands[0].permute(axes);
      });
    case Op::channel_shuffle:
      return make_function(
          [groups = node.window.groups](Operands& operands) { return shuffled_channels(operands[0], groups); });
    case Op::subsample_pad_channels:
      return make_function(
          [channels = node.out_channels](Operands& operands) { return subsample_pad_channels(operands[0], channels); });
    default: return nullptr;
  }
}

}  // namespace qeval
