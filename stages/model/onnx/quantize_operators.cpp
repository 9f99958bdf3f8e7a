// QuantizeLinear and DequantizeLinear. On constants they are computed here: what remains is the float weight. On
// activations a pair becomes one quantize-dequantize node.
#include <algorithm>
#include <cmath>

#include "stages/model/onnx/onnx_operators.h"

namespace qeval {
namespace {

/// Scales and zero points: per tensor, along one axis of a constant, or in blocks along it.
struct Scaling {
  std::vector<float> scales;
  std::vector<std::int64_t> zero_points;
  std::size_t inner = 1;   ///< elements per step along the axis
  std::size_t block = 0;   ///< steps that share a scale, which is then one of a tensor's; 0 = no blocks
  std::size_t blocks = 1;  ///< along the axis

  /// The number of the scale of an element.
  std::size_t at(std::size_t element) const {
    if (block == 0) return element / inner % scales.size();
    const std::size_t line = inner * block * blocks;
    return (element / line * blocks + element % line / (inner * block)) * inner + element % inner;
  }
};

OnnxCodes codes_of(const OnnxNode& node, std::size_t zero_point = 2) {
  if (node.has_operand(zero_point)) {
    const OnnxConstant& zero = node.constant(zero_point);
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

std::int64_t block_size_of(const OnnxNode& node) { return node.integer("block_size", 0, 0, 1 << 30); }

Scaling read_scaling(const OnnxNode& node, std::size_t scale_input = 1) {
  const Tensor& scale = node.float_tensor(scale_input);
  const bool in_blocks = block_size_of(node) != 0;
  node.require(scale.numel() >= 1 && (in_blocks || scale.shape().size() <= 1),
               "its scale is neither one number nor one per channel");
  Scaling scaling;
  scaling.scales.assign(scale.values().begin(), scale.values().end());
  // Quantizers write negative scales for biases whose weight has one, and 0 for channels of zeros.
  for (const float value : scaling.scales) node.require(std::isfinite(value), "its scale is not finite");
  scaling.zero_points.assign(scaling.scales.size(), 0);
  if (node.has_operand(scale_input + 1)) {
    const OnnxConstant& zero = node.constant(scale_input + 1);
    node.require(!zero.is_float(), "its zero point is not a whole number");
    node.require(zero.integers.size() == scaling.scales.size(), "it has not as many zero points as scales");
    scaling.zero_points = zero.integers.list();
  }
  return scaling;
}

Scaling scaling_of(const OnnxNode& node, const OnnxConstant& x) {
  Scaling scaling = read_scaling(node);
  const std::int64_t block = block_size_of(node);
  if (scaling.scales.size() == 1 && block == 0) return scaling;
  const auto axis = static_cast<std::size_t>(node.axis(node.integer("axis", 1, -64, 64), x.shape.size()));
  for (std::size_t i = axis + 1; i < x.shape.size(); ++i) scaling.inner *= static_cast<std::size_t>(x.shape[i]);
  if (block == 0) {
    node.require(x.shape[axis] == static_cast<std::int64_t>(scaling.scales.size()),
                 "it has not one scale per channel of its axis");
    return scaling;
  }
  std::vector<std::int64_t> grid = x.shape;
  grid[axis] = x.shape[axis] / block;
  node.require(x.shape[axis] % block == 0, "its blocks do not divide its axis");
  node.require(node.float_tensor(1).shape() == grid, "it has not one scale per block of its axis");
  scaling.block = static_cast<std::size_t>(block);
  scaling.blocks = static_cast<std::size_t>(grid[axis]);
  return scaling;
}

CodeGrid grid_of(const OnnxNode& node, const OnnxCodes& codes, std::size_t scale_input = 1) {
  const Scaling scaling = read_scaling(node, scale_input);
  node.require(scaling.scales.size() == 1 && block_size_of(node) == 0, "activations can be quantized per tensor only");
  node.require(scaling.scales[0] > 0, "its scale is not above 0");
  return {scaling.scales[0], static_cast<int>(scaling.zero_points[0]), codes.low, codes.high()};
}

void quantize_constant(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxConstant& x = node.constant(0);
  node.require(x.is_float(), "it quantizes what is not a float");
  const OnnxCodes codes = codes_of(node);
  const Scaling scaling = scaling_of(node, x);
  for (const float scale : scaling.scales) node.require(scale != 0, "its scale is 0");
  OnnxConstant made;
  made.shape = x.shape;
  made.code_bits = codes.bits;
  made.code_low = codes.low;
  const auto values = x.floats.values();
  std::vector<std::int64_t> quantized(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t c = scaling.at(i);
    const double code = std::nearbyint(values[i] / scaling.scales[c]) + static_cast<double>(scaling.zero_points[c]);
    quantized[i] = static_cast<std::int64_t>(std::clamp<double>(code, codes.low, codes.high()));
  }
  made.integers = std::move(quantized);
  importer.bind_constant(node, std::move(made));
}

void quantize_linear(OnnxImporter& importer, const OnnxNode& node) {
  ++importer.quantization().pairs;
  if (node.is_constant(0)) return quantize_constant(importer, node);
  OnnxValue value = node.activation(0);
  value.grid = std::make_shared<const CodeGrid>(grid_of(node, codes_of(node)));
  importer.bind(node, std::move(value));
}

void dequantize_constant(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxConstant& x = node.constant(0);
  node.require(!x.is_float(), "it dequantizes what is already a float");
  const Scaling scaling = scaling_of(node, x);
  if (x.code_bits != 0 && x.shape.size() > 1)
    importer.quantization().add_weight({x.code_bits, x.code_low}, scaling.block != 0          ? "in blocks"
                                                                  : scaling.scales.size() > 1 ? "per channel"
                                                                                              : "per tensor");
  std::vector<float> values(x.integers.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t c = scaling.at(i);
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
  if (x.on_grid) return importer.bind(node, x.real());
  Node made = importer.make_node(node, Op::quantize_dequantize, {&x});
  made.grid = *x.grid;
  importer.quantization().add_activation(OnnxCodes::of(made.grid));
  importer.finish(node, std::move(made));
}

}  // namespace

CodeGrid output_grid(const OnnxNode& node, std::size_t scale) {
  return grid_of(node, codes_of(node, scale + 1), scale);
}

OnnxOperators onnx_quantize_operators() {
  return {{"QuantizeLinear", quantize_linear}, {"DequantizeLinear", dequantize_linear}};
}

}  // namespace qeval
