#pragma once
/// The operators by family, one source file each. A maker returns null for an operator that is not of its family.
/// Thread-safety, errors: see operation.h.
#include <functional>
#include <memory>

#include "stages/infer/operation.h"

namespace qeval {

using OperationBody = std::function<at::Tensor(Operands&)>;

/// An operation that is one expression; its captures must be safe to use from several threads at once.
std::unique_ptr<Operation> make_function(OperationBody body);

/// Functions of single values that have no attributes.
std::unique_ptr<Operation> make_activation(const Node& node);
/// is_arithmetic's operators, layer_scale.
std::unique_ptr<Operation> make_arithmetic(const Node& node, const Parameters& parameters);
/// max_pool, avg_pool, global_avg_pool.
std::unique_ptr<Operation> make_pool(const Node& node);
/// linear, batch_norm, layer_norm. (Convolutions: convolution.h.)
std::unique_ptr<Operation> make_layer(const Node& node, const Parameters& parameters);
/// Operators that only move values: flatten, pad, pad_axes, concat, slice, gather, permute, channel_shuffle,
/// subsample_pad_channels.
std::unique_ptr<Operation> make_movement(const Node& node);

/// Operators that only imported networks hold: conv_transpose, leaky_relu, elu, prelu, clip, softmax, log_softmax,
/// reductions, reshape, where, local_response_norm, quantize_dequantize.
std::unique_ptr<Operation> make_imported(const Node& node, const Parameters& parameters);

/// Pads in ATen's order: left, right, top, bottom.
std::vector<std::int64_t> aten_pads(const Window& window);

}  // namespace qeval
