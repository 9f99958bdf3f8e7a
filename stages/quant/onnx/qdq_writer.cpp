#include "stages/quant/onnx/qdq_writer.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "pipeline/base/errors.h"

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

/// Scales or zero points of one parameter as ONNX wants them: a number, a list, or for blocks one per step of every
/// other axis too, the kernel's included.
template <class Number>
std::pair<std::vector<std::int64_t>, std::vector<Number>> arranged(const std::vector<Number>& numbers,
                                                                   const std::vector<std::int64_t>& shape,
                                                                   const TensorSlices& slices) {
  if (numbers.size() == 1 && !slices.in_blocks()) return {{}, numbers};
  if (!slices.in_blocks()) return {{static_cast<std::int64_t>(numbers.size())}, numbers};
  std::vector<std::int64_t> sizes = shape;
  std::copy_n(slices.grid().begin(), 2, sizes.begin());
  const std::size_t kernel =
      static_cast<std::size_t>(std::accumulate(sizes.begin() + 2, sizes.end(), std::int64_t{1}, std::multiplies<>()));
  std::vector<Number> repeated;
  for (const Number number : numbers) repeated.insert(repeated.end(), kernel, number);
  return {sizes, repeated};
}

/// The grids of one parameter: all with zero point 0, or all unsigned, since one type holds all codes.
class ParameterGrids {
 public:
  ParameterGrids(const EncodingList& encodings, const TensorSlices& slices, NumericsMode mode) : slices_(slices) {
    for (const Encoding& encoding : encodings) {
      grids_.push_back(make_qdq(encoding, mode));
      grids_.back().divides = slices.in_blocks();
      signed_ &= grid_of(grids_.back()).zero_point == 0;
    }
    int low = 0, high = 0;
    for (const QdqParameters& p : grids_) {
      low = std::min(low, shift(p));
      high = std::max(high, shift(p) + static_cast<int>(p.levels));
    }
    type_ = code_type(low, high).type;
  }

  int type() const { return type_; }
  std::vector<float> scales() const {
    std::vector<float> scales;
    for (const QdqParameters& p : grids_) scales.push_back(p.scale);
    return scales;
  }
  std::vector<std::int32_t> zero_points() const {
    std::vector<std::int32_t> zeros;
    for (const QdqParameters& p : grids_) zeros.push_back(signed_ ? 0 : -static_cast<std::int32_t>(p.offset));
    return zeros;
  }
  std::vector<std::int32_t> codes(const Tensor& tensor) const {
    std::vector<std::uint32_t> codes(tensor.values().size());
    std::vector<std::int32_t> shifted(codes.size());
    slices_.for_each_run([&](std::size_t slice, std::size_t first, std::size_t length) {
      const auto part = std::span(codes).subspan(first, length);
      quantize_codes(tensor.values().subspan(first, length), part, grids_[slice]);
      for (std::size_t i = 0; i < length; ++i)
        shifted[first + i] = static_cast<std::int32_t>(part[i]) + shift(grids_[slice]);
    });
    return shifted;
  }

 private:
  int shift(const QdqParameters& p) const { return signed_ ? static_cast<int>(p.offset) : 0; }

  const TensorSlices& slices_;
  std::vector<QdqParameters> grids_;
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
    limited = out_.node(
        "Clip", {value, out_.scalar(value + "_min", parameters.min), out_.scalar(value + "_max", parameters.max)},
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
  const std::string in_steps =
      out_.node(multiplies ? "Mul" : "Div", {value, out_.scalar(name + "_factor", factor)}, name + "_in_steps");
  CodeGrid ones = grid_of(grid);
  ones.scale = 1;
  return pair(in_steps, ones, name);
}

std::string QdqWriter::whole_numbers(const std::string& value, int quantizer) {
  const auto [found, fresh] = whole_.try_emplace(value);
  if (fresh) found->second = write_whole_numbers(value, make_qdq(encodings_of(quantizer)->front(), mode_), value);
  return found->second;
}

std::string QdqWriter::whole_parameter(const std::string& name, const Tensor& tensor, int quantizer,
                                       const Granularity& granularity) {
  return write_parameter(name, tensor, *encodings_of(quantizer), granularity, true);
}

std::string QdqWriter::parameter(const std::string& name, const Tensor& tensor, int quantizer,
                                 const Granularity& granularity) {
  const EncodingList* list = encodings_of(quantizer);
  return list ? write_parameter(name, tensor, *list, granularity, false) : out_.floats(name, tensor);
}

std::string QdqWriter::write_parameter(const std::string& name, const Tensor& tensor, const EncodingList& list,
                                       const Granularity& granularity, bool whole) {
  if (list.front().float16) {
    std::vector<float> rounded(tensor.values().size());
    quantize_dequantize(tensor.values(), rounded, make_qdq(list.front(), mode_));
    return out_.floats(name, Tensor(tensor.shape(), std::move(rounded)));
  }
  const bool has_one = list.size() == 1 && granularity.block_axis < 0;
  const TensorSlices slices(tensor.shape(), has_one ? Granularity{} : granularity);
  if (list.size() != slices.count())
    throw InputError(name + " needs " + std::to_string(slices.count()) + " encodings, but has " +
                     std::to_string(list.size()) + "; were they made for another network?");
  const ParameterGrids grids(list, slices, mode_);
  const std::vector<float> scales = whole ? std::vector<float>(list.size(), 1.0f) : grids.scales();
  const auto [scale_shape, all_scales] = arranged(scales, tensor.shape(), slices);
  const auto [zero_shape, all_zeros] = arranged(grids.zero_points(), tensor.shape(), slices);
  const bool in_blocks = slices.in_blocks();
  std::vector<OnnxAttribute> attributes{
      {"axis", std::int64_t{in_blocks ? granularity.block_axis : std::max(granularity.channel_axis, 0)}}};
  if (in_blocks) attributes.push_back({"block_size", granularity.block_size});
  return out_.node("DequantizeLinear",
                   {out_.codes(name + "_codes", grids.type(), tensor.shape(), grids.codes(tensor)),
                    out_.floats(name + "_scale", Tensor(scale_shape, all_scales)),
                    out_.codes(name + "_zero_point", grids.type(), zero_shape, all_zeros)},
                   name, attributes);
}

}  // namespace qeval
