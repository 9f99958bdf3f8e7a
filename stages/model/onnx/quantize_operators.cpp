// QuantizeLinear and DequantizeLinear. On constants they are computed here: what remains is the float weight. On
// activations a pair becomes one quantize-dequantize node.
#include <algorithm>
#include <cmath>

#include "stages/model/onnx/onnx_operators.h"

namespace qeval {
namespace {

/// Scales and zero points, per tensor or along one axis of a constant.
struct Scaling {
  std::vector<float> scales;
  std::vector<std::int64_t> zero_points;
  std::int64_t inner = 1;  ///< elements per step along the axis

  std::size_t channel(std::size_t element) const {
    return element / static_cast<std::size_t>(inner) % scales.size();
  }
};

struct Codes {
  int bits = 8, low = 0;
  int high() const { return low + (1 << bits) - 1; }
};

Codes codes_of(const OnnxNode& node) {
  if (node.has_operand(2)) {
    const OnnxConstant& zero = node.constant(2);
    node.require(zero.code_bits != 0, "its zero point is not of 8 or 16 bits; other grids are not supported");
    return {zero.code_bits, zero.code_low};
  }
  switch (node.integer("output_dtype", onnx::TensorProto::UINT8, 0, 1000)) {
    case onnx::TensorProto::UINT8:
    case 0: return {8, 0};
    case onnx::TensorProto::INT8: return {8, -128};
    case onnx::TensorProto::UINT16: return {16, 0};
    case onnx::TensorProto::INT16: return {16, -32768};
    default: node.fail("output_dtype is not of 8 or 16 bits; other grids are not supported");
  }
}

Scaling read_scaling(const OnnxNode& node) {
  node.require(node.integer("block_size", 0, 0, 1 << 30) == 0, "quantization in blocks is not supported");
  const Tensor& scale = node.float_tensor(1);
  node.require(scale.numel() >= 1 && scale.shape().size() <= 1, "its scale is neither one number nor one per channel");
  Scaling scaling;
  scaling.scales.assign(scale.values().begin(), scale.values().end());
  for (const float value : scaling.scales) node.require(std::isfinite(value) && value > 0, "its scale is not above 0");
  scaling.zero_points.assign(scaling.scales.size(), 0);
  if (node.has_operand(2)) {
    const OnnxConstant& zero = node.constant(2);
    node.require(!zero.is_float(), "its zero point is not a whole number");
    node.require(zero.integers.size() == scaling.scales.size(), "it has not as many zero points as scales");
    scaling.zero_points = zero.integers;
  }
  return scaling;
}

Scaling scaling_of(const OnnxNode& node, const OnnxConstant& x) {
  Scaling scaling = read_scaling(node);
  if (scaling.scales.size() == 1) return scaling;
  const int axis = node.axis(node.integer("axis", 1, -64, 64), x.shape.size());
  node.require(x.shape[static_cast<std::size_t>(axis)] == static_cast<std::int64_t>(scaling.scales.size()),
               "it has not one scale per channel of its axis");
  for (std::size_t i = static_cast<std::size_t>(axis) + 1; i < x.shape.size(); ++i) scaling.inner *= x.shape[i];
  return scaling;
}

CodeGrid grid_of(const OnnxNode& node, const Codes& codes) {
  const Scaling scaling = read_scaling(node);
  node.require(scaling.scales.size() == 1, "activations can be quantized per tensor only");
  return {scaling.scales[0], static_cast<int>(scaling.zero_points[0]), codes.low, codes.high()};
}

void quantize_constant(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxConstant& x = node.constant(0);
  node.require(x.is_float(), "it quantizes what is not a float");
  const Codes codes = codes_of(node);
  const Scaling scaling = scaling_of(node, x);
  OnnxConstant made;
  made.shape = x.shape;
  made.code_bits = codes.bits;
  made.code_low = codes.low;
  const auto values = x.floats.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t c = scaling.channel(i);
    const double code = std::nearbyint(values[i] / scaling.scales[c]) + static_cast<double>(scaling.zero_points[c]);
    made.integers.push_back(static_cast<std::int64_t>(std::clamp<double>(code, codes.low, codes.high())));
  }
  importer.bind_constant(node, std::move(made));
}

void quantize_linear(OnnxImporter& importer, const OnnxNode& node) {
  if (node.is_constant(0)) return quantize_constant(importer, node);
  OnnxValue value = node.activation(0);
  value.grid = std::make_shared<const CodeGrid>(grid_of(node, codes_of(node)));
  importer.bind(node, std::move(value));
}

void dequantize_constant(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxConstant& x = node.constant(0);
  node.require(!x.is_float(), "it dequantizes what is already a float");
  const Scaling scaling = scaling_of(node, x);
  std::vector<float> values(x.integers.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t c = scaling.channel(i);
    values[i] = static_cast<float>(x.integers[i] - scaling.zero_points[c]) * scaling.scales[c];
  }
  OnnxConstant made;
  made.shape = x.shape;
  made.floats = Tensor(x.shape, std::move(values));
  importer.bind_constant(node, std::move(made));
}

void dequantize_linear(OnnxImporter& importer, const OnnxNode& node) {
  if (node.is_constant(0)) return dequantize_constant(importer, node);
  const OnnxValue& x = node.operand(0);
  node.require(x.grid != nullptr, "its input is not the output of a QuantizeLinear");
  const CodeGrid grid = grid_of(node, {8, 0});
  node.require(grid.scale == x.grid->scale && grid.zero_point == x.grid->zero_point,
               "its scale or zero point differs from that of the QuantizeLinear before it");
  Node made = importer.make_node(node, Op::quantize_dequantize, {&x});
  made.grid = *x.grid;
  importer.finish(node, std::move(made), x.shape);
}

}  // namespace

OnnxOperators onnx_quantize_operators() {
  return {{"QuantizeLinear", quantize_linear}, {"DequantizeLinear", dequantize_linear}};
}

}  // namespace qeval
