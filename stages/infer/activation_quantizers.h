#pragma once
/// Quantize-dequantize of activations during inference. The port of the simulated executor.
/// Thread-safety: immutable after construction. Errors (constructor): UsageError for encodings that do not fit.
#include <optional>
#include <vector>

#include "stages/infer/program.h"
#include "stages/quant/arithmetic/quantize.h"

namespace qeval {

class ActivationQuantizers : public QuantizerPort {
 public:
  ActivationQuantizers(const Graph& graph, const EncodingTable& encodings, NumericsMode mode);
  at::Tensor pass(int quantizer, at::Tensor tensor) override;
  bool loses_nan(int quantizer) const override;
  at::Tensor pass_keeping_nan(int quantizer, at::Tensor tensor) override;
  bool makes_redundant(int quantizer, Op activation) const override;

 private:
  std::vector<std::optional<QdqParameters>> parameters_;  ///< per quantizer; absent = off, or a parameter's
};

/// The same arithmetic as quantize_dequantize in ATen operations, for memory a CPU cannot reach: bit for bit, but a NaN
/// stays one.
at::Tensor quantize_dequantize_by_aten(const at::Tensor& x, const QdqParameters& parameters);

}  // namespace qeval
