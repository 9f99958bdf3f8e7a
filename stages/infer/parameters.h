#pragma once
/// A node's parameters as ATen tensors, quantize-dequantized where asked for. There, what is not finite becomes NaN.
/// Ownership: float parameters on a CPU alias the graph's memory (and keep it alive) until an operation converts them;
/// everything else is a copy. Thread-safety: free function.
/// Errors: UsageError naming the quantizer whose encodings do not fit the tensor.
#include <ATen/core/Tensor.h>

#include "stages/infer/executor.h"
#include "stages/model/graph.h"

namespace qeval {

/// Undefined tensors where the node has none.
struct Parameters {
  at::Tensor weight, bias, mean, variance;
};

/// How parameters are quantized. Refers to the encodings.
struct ParameterQuantization {
  const EncodingTable& encodings;
  NumericsMode mode;
  bool exact_sums = false;  ///< computed as stages/quant/arithmetic/exact_sums.h, exact_activation.h, exact_norm.h say
};

/// UsageError unless there is one list for every quantizer.
void check_encodings_count(const Graph& graph, const EncodingTable& encodings);

Parameters load_parameters(const Graph& graph, const Node& node, const ParameterQuantization& quantization,
                           const at::Device& device);

}  // namespace qeval
