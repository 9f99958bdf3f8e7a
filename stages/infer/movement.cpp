#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>

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

/// Of the batch axis alone, an axis of length 1 is made.
at::Tensor flatten(const at::Tensor& x) { return x.dim() == 1 ? x.unsqueeze(1) : x.flatten(1); }

at::Tensor channel_shuffle(const at::Tensor& x, std::int64_t groups) {
  return dense(x.unflatten(1, {groups, x.size(1) / groups}).transpose(1, 2).flatten(1, 2), x);
}

}  // namespace

std::unique_ptr<Operation> make_movement(const Node& node) {
  switch (node.op) {
    case Op::flatten: return make_function([](Operands& operands) { return flatten(operands[0]); });
    case Op::pad:
      return make_function([pads = aten_pads(node.window)](Operands& operands) {
        return at::constant_pad_nd(operands[0], pads);
      });
    case Op::concat:
      return make_function([axis = node.axis](Operands& operands) { return at::cat(operands, axis); });
    case Op::slice:
      return make_function([axis = node.axis, first = node.first, last = node.last](Operands& operands) {
        return dense(operands[0].slice(axis, first, last), operands[0]);
      });
    case Op::permute:
      return make_function([axes = std::vector<std::int64_t>(node.axes.begin(), node.axes.end())](
                               Operands& operands) { return operands[0].permute(axes); });
    case Op::channel_shuffle:
      return make_function([groups = node.window.groups](Operands& operands) {
        return channel_shuffle(operands[0], groups);
      });
    case Op::subsample_pad_channels:
      return make_function([channels = node.out_channels](Operands& operands) {
        return subsample_pad_channels(operands[0], channels);
      });
    default: return nullptr;
  }
}

}  // namespace qeval
