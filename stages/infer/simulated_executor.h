#pragma once
/// Executor kind "simulated": f32 arithmetic with quantize-dequantize of parameters (once) and of activations.
#include <memory>

#include <c10/core/Device.h>

#include "stages/infer/executor.h"

namespace qeval {

/// UsageError when `encodings` does not fit the graph's quantizers.
std::unique_ptr<Executor> make_simulated_executor(const Graph& graph, const EncodingTable& encodings,
                                                  NumericsMode mode, const at::Device& device);

}  // namespace qeval
