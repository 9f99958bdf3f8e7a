#pragma once
/// A node's parameter as a simulation computes with it. Thread-safety: free function.
/// Errors: UsageError naming the quantizer whose encodings do not fit the tensor.
#include "stages/model/graph.h"
#include "stages/quant/arithmetic/encoding.h"
#include "stages/quant/arithmetic/numerics_mode.h"

namespace qeval {

/// `tensor` itself where `quantizer` (−1: none) is off, else a quantize-dequantized copy. There, a value that is not
/// finite becomes NaN: it is a fault of the network's, and must reach the logits; a grid would hide it.
Tensor quantized_parameter(const Graph& graph, const Tensor& tensor, int quantizer, const EncodingTable& encodings,
                           NumericsMode mode);

}  // namespace qeval
