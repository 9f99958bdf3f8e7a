#include "stages/quant/arithmetic/tensor_slices.h"

#include <algorithm>
#include <string>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

std::size_t product_behind(const std::vector<std::int64_t>& shape, int axis) {
  std::size_t product = 1;
  for (std::size_t i = static_cast<std::size_t>(axis + 1); i < shape.size(); ++i)
    product *= static_cast<std::size_t>(shape[i]);
  return product;
}

std::size_t extent(const std::vector<std::int64_t>& shape, int axis) {
  if (axis >= static_cast<int>(shape.size()) || shape[static_cast<std::size_t>(axis)] < 1)
    throw InternalError("a tensor of " + std::to_string(shape.size()) + " axes has no slices along axis " +
                        std::to_string(axis));
  return static_cast<std::size_t>(shape[static_cast<std::size_t>(axis)]);
}

}  // namespace

Granularity granularity_of(const Quantizer& quantizer) {
  if (!quantizer.per_channel) return {};
  if (quantizer.block_size == 0) return {quantizer.channel_axis, -1, 0};
  return {quantizer.channel_axis, 1 - quantizer.channel_axis, quantizer.block_size};
}

TensorSlices::TensorSlices(const std::vector<std::int64_t>& shape, const Granularity& granularity)
    : elements_(product_behind(shape, -1)), run_(elements_), grid_(shape.size(), 1) {
  if (granularity.channel_axis >= 0) {
    channels_ = extent(shape, granularity.channel_axis);
    channel_stride_ = product_behind(shape, granularity.channel_axis);
    run_ = channel_stride_;
    grid_[static_cast<std::size_t>(granularity.channel_axis)] = static_cast<std::int64_t>(channels_);
  }
  if (granularity.block_axis < 0) return;
  const std::size_t length = extent(shape, granularity.block_axis);
  const auto size = static_cast<std::size_t>(granularity.block_size);
  if (granularity.block_size < 1 || length % size != 0)
    throw InternalError(std::to_string(length) + " channels do not divide into blocks of " + std::to_string(size));
  in_blocks_ = true;
  blocks_ = length / size;
  block_stride_ = product_behind(shape, granularity.block_axis) * size;
  run_ = std::min(run_, block_stride_);
  grid_[static_cast<std::size_t>(granularity.block_axis)] = static_cast<std::int64_t>(blocks_);
  if (granularity.block_axis > granularity.channel_axis)
    channel_step_ = blocks_;
  else
    block_step_ = channels_;
}

TensorSlices parameter_slices(const Graph& graph, int index) {
  const Quantizer& quantizer = graph.quantizers[static_cast<std::size_t>(index)];
  const Granularity granularity = granularity_of(quantizer);
  if (quantizer.number) return TensorSlices({1}, granularity);
  for (const Node& node : graph.nodes) {
    if (node.weight_quantizer == index) return TensorSlices(node.weight.shape(), granularity);
    if (node.bias_quantizer == index) return TensorSlices(node.bias.shape(), granularity);
  }
  throw InternalError("quantizer " + quantizer.key() + " belongs to no parameter");
}

std::vector<float> gathered(std::span<const float> values, const TensorSlices& slices) {
  if (values.size() != slices.elements()) throw InternalError("a tensor and its slices differ in size");
  std::vector<float> result(values.size());
  std::vector<std::size_t> filled(slices.count());
  slices.for_each_run([&](std::size_t slice, std::size_t first, std::size_t length) {
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(first), length,
                result.begin() + static_cast<std::ptrdiff_t>(slice * slices.slice_size() + filled[slice]));
    filled[slice] += length;
  });
  return result;
}

}  // namespace qeval
