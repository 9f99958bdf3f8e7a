#pragma once
/// One importer per ONNX operator: reads a node's operands and attributes, appends IR nodes or constants.
#include <map>
#include <string_view>

#include "stages/model/onnx/onnx_importer.h"

namespace qeval {

using OnnxOperators = std::map<std::string_view, OnnxOperator>;

/// All operators by ONNX name.
const OnnxOperators& onnx_operators();

OnnxOperators onnx_window_operators();      ///< convolutions, pools, pad
OnnxOperators onnx_dense_operators();       ///< Gemm, MatMul, normalizations
OnnxOperators onnx_arithmetic_operators();  ///< Add, Sub, Mul, Div
OnnxOperators onnx_activation_operators();
OnnxOperators onnx_shape_operators();     ///< operators that move values: Reshape, Transpose, Concat, …
OnnxOperators onnx_constant_operators();  ///< Constant, Shape, and what has no activation
OnnxOperators onnx_quantize_operators();  ///< QuantizeLinear, DequantizeLinear
OnnxOperators onnx_integer_operators();   ///< QLinearConv, … of ONNX and of onnxruntime

/// The grid of a node's output: input `scale` and the zero point behind it.
CodeGrid output_grid(const OnnxNode& node, std::size_t scale);

Tensor transposed_matrix(const Tensor& matrix);

/// Appends the step to a shape (without batch) of as many elements; a row is a flatten.
OnnxValue append_reshape(OnnxImporter& importer, const OnnxNode& node, const OnnxValue& x,
                         std::vector<std::int64_t> shape);

/// Appends the step to a shape whose axes from `axis` on (which counts the batch) are one.
OnnxValue append_joined_axes(OnnxImporter& importer, const OnnxNode& node, const OnnxValue& x, int axis);

/// `constant` with as many axes as `x`, whose batch in front it lacks.
Tensor without_batch(const OnnxNode& node, const OnnxValue& x, const Tensor& constant);

/// The float constant that is input `i`, with as many axes as `x`, whose batch in front it lacks: what it is combined
/// with, sides of length 1 repeated.
Tensor constant_operand(const OnnxNode& node, const OnnxValue& x, std::size_t i);

/// Appends x · scale + shift per channel, as a batch norm with mean 0 and variance 1. One number per image is taken as
/// one channel and given back as it was.
OnnxValue append_affine(OnnxImporter& importer, const OnnxNode& node, const OnnxValue& x, std::vector<float> scale,
                        std::vector<float> shift);

/// The product of a shape without batch; fails above 2^28.
std::int64_t element_count(const OnnxNode& node, const std::vector<std::int64_t>& shape);

}  // namespace qeval
