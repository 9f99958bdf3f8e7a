#include "stages/infer/activation_quantizers.h"

#include <limits>

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/where.h>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

std::optional<QdqParameters> prepare(const Quantizer& quantizer, const EncodingList& encodings, NumericsMode mode) {
  if (quantizer.role == QuantizerRole::param || encodings.empty()) return std::nullopt;
  if (encodings.size() != 1)
    throw UsageError("activation quantizer " + quantizer.key() + " takes one encoding, got " +
                     std::to_string(encodings.size()));
  return make_qdq(encodings.front(), mode);
}

std::span<float> memory(const at::Tensor& dense) {
  return {dense.mutable_data_ptr<float>(), static_cast<std::size_t>(dense.numel())};
}

std::span<const float> const_memory(const at::Tensor& dense) {
  return {dense.const_data_ptr<float>(), static_cast<std::size_t>(dense.numel())};
}

/// Away from zero at .5, exactly as roundf. (floor(x + 0.5) is wrong just below 0.5.)
at::Tensor round_half_away(const at::Tensor& x) {
  const at::Tensor whole = x.trunc();
  return whole + at::where((x - whole).abs() >= 0.5, x.sign(), 0.0);
}

}  // namespace

ActivationQuantizers::ActivationQuantizers(const Graph& graph, const EncodingTable& encodings, NumericsMode mode) {
  for (std::size_t i = 0; i < graph.quantizers.size(); ++i)
    parameters_.push_back(prepare(graph.quantizers[i], encodings[i], mode));
}

at::Tensor ActivationQuantizers::pass(int quantizer, at::Tensor tensor) {
  const auto& parameters = parameters_[static_cast<std::size_t>(quantizer)];
  if (!parameters) return tensor;
  if (!tensor.device().is_cpu()) return quantize_dequantize_by_aten(tensor, *parameters);
  if (!tensor.is_non_overlapping_and_dense()) tensor = tensor.contiguous();
  const at::Tensor result = exclusive(tensor) ? tensor : at::empty_like(tensor);
  quantize_dequantize(const_memory(tensor), memory(result), *parameters);
  return result;
}

bool ActivationQuantizers::loses_nan(int quantizer) const {
  const auto& parameters = parameters_[static_cast<std::size_t>(quantizer)];
  return parameters && qeval::loses_nan(*parameters);
}

at::Tensor ActivationQuantizers::pass_keeping_nan(int quantizer, at::Tensor tensor) {
  const at::Tensor is_nan = tensor.isnan();
  return pass(quantizer, std::move(tensor)).masked_fill(is_nan, std::numeric_limits<float>::quiet_NaN());
}

/// A grid that ends at zero (ReLU6: and at most at six) clamps there itself.
bool ActivationQuantizers::makes_redundant(int quantizer, Op activation) const {
  const auto& parameters = parameters_[static_cast<std::size_t>(quantizer)];
  if (!parameters || parameters->min != 0 || parameters->offset != 0) return false;
  return activation == Op::relu || (activation == Op::relu6 && parameters->max <= 6);
}

at::Tensor quantize_dequantize_by_aten(const at::Tensor& x, const QdqParameters& p) {
  if (p.float16) return x.clamp(p.min, p.max).to(at::kHalf).to(x.scalar_type());
  // A tensor, because ATen divides by a plain number on a GPU by multiplying with its inverse.
  const at::Tensor scale = at::full({}, p.scale, x.options());
  if (p.mode != NumericsMode::aimet_torch_2)
    return (round_half_away(x.clamp(p.min, p.max).div(scale) - p.offset) + p.offset) * scale;
  return (((x * (1.0f / p.scale)).round() - p.offset).clamp(0, p.levels) + p.offset) * scale;
}

}  // namespace qeval
