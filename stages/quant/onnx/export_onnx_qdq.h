#pragma once
/// Writes a quantized graph with its encodings as an ONNX file (opset 21): float operators with QuantizeLinear and
/// DequantizeLinear where the graph has quantizers, weights as integer codes behind a DequantizeLinear, in blocks too.
///
/// Codes are int8 or int16 with zero point 0 where an encoding is symmetric around zero, else uint8 or uint16; fewer
/// bits than the type has are kept by a Clip behind the DequantizeLinear. Half precision is a Cast there and back. ONNX
/// rounds halves to even and divides by the scale, so a value half-way between two codes can differ from the mode's own
/// rounding by one step.
/// QdqArithmetic::exact instead writes what the executor "simulated-exact" computes, operation by operation: the codes
/// as whole numbers (pairs with scale 1 between products by scales), and layers and means that sum those. A runtime
/// then has no sum whose order matters and nothing to join into an integer kernel of its own, so it comes to the same
/// classes; a file for accelerators is the other one. Left to the runtime are last bits of sigmoids and other
/// functions, of batch and layer norms, and of a layer's sum that does exceed 2^24. The input is "input"
/// [batch, C, H, W], the output "logits" [batch, classes].
///
/// Thread-safety: free function. Errors: InputError for encodings that are no grid, UsageError for a
/// model above 2 GiB or a place that cannot be written to, RunError for a full disk.
#include <filesystem>

#include "stages/model/graph.h"
#include "stages/quant/arithmetic/encoding.h"
#include "stages/quant/arithmetic/numerics_mode.h"

namespace qeval {

enum class QdqArithmetic { usual, exact };

/// `encodings`: one list per quantizer of the graph; an empty one leaves its tensor float.
void export_onnx_qdq(const Graph& graph, const EncodingTable& encodings, NumericsMode mode,
                     const std::filesystem::path& file, QdqArithmetic arithmetic = QdqArithmetic::usual);

}  // namespace qeval
