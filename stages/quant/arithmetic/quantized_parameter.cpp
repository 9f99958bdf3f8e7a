#include "stages/quant/arithmetic/quantized_parameter.h"

#include <cmath>
#include <limits>
#include <utility>

#include "pipeline/base/errors.h"
#include "stages/quant/arithmetic/quantize.h"

namespace qeval {
namespace {

void check_encodings(const Quantizer& quantizer, const EncodingList& encodings, const TensorSlices& slices) {
  if (encodings.size() != slices.count())
    throw UsageError("quantizer " + quantizer.key() + " needs " + std::to_string(slices.count()) +
                     " encoding(s), got " + std::to_string(encodings.size()) +
                     "; were they made for another network or another setting of quantization.param?");
}

}  // namespace

Tensor quantized_parameter(const Graph& graph, const Tensor& tensor, int quantizer, const EncodingTable& encodings,
                           NumericsMode mode) {
  if (!tensor.defined() || !is_on(quantizer, encodings)) return tensor;
  const Quantizer& settings = graph.quantizers[static_cast<std::size_t>(quantizer)];
  const EncodingList& list = encodings[static_cast<std::size_t>(quantizer)];
  const TensorSlices slices(tensor.shape(), granularity_of(settings));
  check_encodings(settings, list, slices);
  const std::span<const float> values = tensor.values();
  std::vector<float> copy(values.begin(), values.end());
  quantize_dequantize_slices(copy, slices, list, mode);
  for (std::size_t i = 0; i < copy.size(); ++i)
    if (!std::isfinite(values[i])) copy[i] = std::numeric_limits<float>::quiet_NaN();
  return Tensor(tensor.shape(), std::move(copy));
}

}  // namespace qeval
