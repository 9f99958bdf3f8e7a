#include "stages/quant/onnx/qdq_writer.h"

#include <algorithm>
#include <cmath>

#include "pipeline/errors.h"

namespace qeval {
namespace {

/// Integer type and the shift from qeval's codes, 0 … levels, to codes of that type.
struct CodeType {
  int type = onnx::TensorProto::UINT8;
  int low = 0, high = 255;
};

CodeType code_type(int low, int high) {
  if (low >= 0 && high <= 255) return {onnx::TensorProto::UINT8, 0, 255};
  if (low >= -128 && high <= 127) return {onnx::TensorProto::INT8, -128, 127};
  if (low >= 0) return {onnx::TensorProto::UINT16, 0, 65535};
  return {onnx::TensorProto::INT16, -32768, 32767};
}

/// A grid with codes low … high, written with zero point 0 where that fits, as accelerators expect of weights.
CodeGrid grid_of(const QdqParameters& p) {
  const int levels = static_cast<int>(p.levels), offset = static_cast<int>(p.offset);
  const int half = levels > 255 ? 32768 : 128;
  if (offset < 0 && -offset <= half && levels + offset < half) return {p.scale, 0, offset, levels + offset};
  return {p.scale, -offset, 0, levels};
}

/// The grids of one parameter: all with zero point 0, or all unsigned, since one type holds all codes.
class ParameterGrids {
 public:
  ParameterGrids(const EncodingList& encodings, NumericsMode mode) {
    for (const Encoding& encoding : encodings) {
      channels_.push_back(make_qdq(encoding, mode));
      signed_ &= grid_of(channels_.back()).zero_point == 0;
    }
    int low = 0, high = 0;
    for (const QdqParameters& p : channels_) {
      low = std::min(low, shift(p));
      high = std::max(high, shift(p) + static_cast<int>(p.levels));
    }
    type_ = code_type(low, high).type;
  }

  int type() const { return type_; }
  std::vector<float> scales() const {
    std::vector<float> scales;
    for (const QdqParameters& p : channels_) scales.push_back(p.scale);
    return scales;
  }
  std::vector<std::int32_t> zero_points() const {
    std::vector<std::int32_t> zeros;
    for (const QdqParameters& p : channels_) zeros.push_back(signed_ ? 0 : -static_cast<std::int32_t>(p.offset));
    return zeros;
  }
  std::vector<std::int32_t> codes(const Tensor& tensor, int axis) const {
    std::size_t run = 1;  // values in a row that share a grid
    const std::size_t first_inner = channels_.size() == 1 ? 0 : static_cast<std::size_t>(axis) + 1;
    for (std::size_t i = first_inner; i < tensor.shape().size(); ++i)
      run *= static_cast<std::size_t>(tensor.shape()[i]);
    std::vector<std::int32_t> codes(tensor.values().size());
    for (std::size_t at = 0; at < codes.size(); at += run) {
      const QdqParameters& p = channels_[at / run % channels_.size()];
      const auto part = std::span(codes).subspan(at, run);
      quantize_codes(tensor.values().subspan(at, run), part, p);
      for (std::int32_t& code : part) code += shift(p);
    }
    return codes;
  }

 private:
  int shift(const QdqParameters& p) const { return signed_ ? static_cast<int>(p.offset) : 0; }

  std::vector<QdqParameters> channels_;
  bool signed_ = true;
  int type_ = 0;
};

}  // namespace

const EncodingList* QdqWriter::encodings_of(int quantizer) const {
  if (quantizer < 0) return nullptr;
  const EncodingList& list = encodings_[static_cast<std::size_t>(quantizer)];
  return list.empty() ? nullptr : &list;
}

std::string QdqWriter::pair(const std::string& value, const CodeGrid& grid, const std::string& name) {
  const CodeType type = code_type(std::min(grid.low, grid.zero_point), std::max(grid.high, grid.zero_point));
  const std::string scale = out_.scalar(name + "_scale", grid.scale);
  const std::string zero = out_.codes(name + "_zero_point", type.type, {}, {grid.zero_point});
  const std::string codes = out_.node("QuantizeLinear", {value, scale, zero}, name + "_quantized");
  const std::string back = out_.node("DequantizeLinear", {codes, scale, zero}, name + "_dequantized");
  if (grid.low == type.low && grid.high == type.high) return back;
  // Fewer codes than the type has: the rest is cut off behind it.
  const auto limit = [&](int code) { return static_cast<float>(code - grid.zero_point) * grid.scale; };
  return out_.node("Clip",
                   {back, out_.scalar(name + "_min", limit(grid.low)), out_.scalar(name + "_max", limit(grid.high))},
                   name + "_clipped");
}

std::string QdqWriter::half_precision(const std::string& value, const QdqParameters& parameters) {
  std::string limited = value;
  if (std::isfinite(parameters.max))
    limited = out_.node("Clip",
                        {value, out_.scalar(value + "_min", parameters.min), out_.scalar(value + "_max", parameters.max)},
                        value + "_clipped");
  const auto cast = [&](const std::string& from, std::int64_t type, const char* suffix) {
    return out_.node("Cast", {from}, value + suffix, {{"to", type}});
  };
  return cast(cast(limited, onnx::TensorProto::FLOAT16, "_half"), onnx::TensorProto::FLOAT, "_float");
}

std::string QdqWriter::activation(const std::string& value, int quantizer) {
  const EncodingList* list = encodings_of(quantizer);
  if (!list) return value;
  if (list->size() != 1)
    throw InternalError("an activation quantizer has " + std::to_string(list->size()) + " encodings");
  const auto [found, fresh] = written_.try_emplace({value, quantizer});
  if (fresh) found->second = write_activation(value, make_qdq(list->front(), mode_));
  return found->second;
}

std::string QdqWriter::write_activation(const std::string& value, const QdqParameters& grid) {
  if (grid.float16) return half_precision(value, grid);
  if (!exact_) return pair(value, grid_of(grid), value);
  const std::string whole = write_whole_numbers(value, grid, value);
  const std::string result = out_.node("Mul", {whole, out_.scalar(value + "_scale", grid.scale)}, value + "_on_grid");
  whole_[result] = whole;
  return result;
}

/// aimet-torch-2 multiplies by the reciprocal, every other mode divides.
std::string QdqWriter::write_whole_numbers(const std::string& value, const QdqParameters& grid,
                                           const std::string& name) {
  const bool multiplies = mode_ == NumericsMode::aimet_torch_2;
  const float factor = multiplies ? 1.0f / grid.scale : grid.scale;
  const std::string in_steps = out_.node(multiplies ? "Mul" : "Div", {value, out_.scalar(name + "_factor", factor)},
                                         name + "_in_steps");
  CodeGrid ones = grid_of(grid);
  ones.scale = 1;
  return pair(in_steps, ones, name);
}

std::string QdqWriter::whole_numbers(const std::string& value, int quantizer) {
  const auto [found, fresh] = whole_.try_emplace(value);
  if (fresh) found->second = write_whole_numbers(value, make_qdq(encodings_of(quantizer)->front(), mode_), value);
  return found->second;
}

std::string QdqWriter::whole_parameter(const std::string& name, const Tensor& tensor, int quantizer) {
  return write_parameter(name, tensor, *encodings_of(quantizer), 0, true);
}

std::string QdqWriter::parameter(const std::string& name, const Tensor& tensor, int quantizer, int axis) {
  const EncodingList* list = encodings_of(quantizer);
  return list ? write_parameter(name, tensor, *list, axis, false) : out_.floats(name, tensor);
}

std::string QdqWriter::write_parameter(const std::string& name, const Tensor& tensor, const EncodingList& list,
                                       int axis, bool whole) {
  const auto channels = static_cast<std::int64_t>(list.size());
  if (channels != 1 && tensor.size(axis) != channels)
    throw InputError(name + " has " + std::to_string(tensor.size(axis)) + " channels, but " + std::to_string(channels) +
                     " encodings; were they made for another network?");
  if (list.front().float16) {
    std::vector<float> rounded(tensor.values().size());
    quantize_dequantize(tensor.values(), rounded, make_qdq(list.front(), mode_));
    return out_.floats(name, Tensor(tensor.shape(), std::move(rounded)));
  }
  const ParameterGrids grids(list, mode_);
  const std::vector<std::int64_t> shape = channels == 1 ? std::vector<std::int64_t>{} : std::vector{channels};
  const std::vector<float> scales = whole ? std::vector<float>(list.size(), 1.0f) : grids.scales();
  return out_.node("DequantizeLinear",
                   {out_.codes(name + "_codes", grids.type(), tensor.shape(), grids.codes(tensor, axis)),
                    out_.floats(name + "_scale", Tensor(shape, scales)),
                    out_.codes(name + "_zero_point", grids.type(), shape, grids.zero_points())},
                   name, {{"axis", std::int64_t{axis}}});
}

}  // namespace qeval
