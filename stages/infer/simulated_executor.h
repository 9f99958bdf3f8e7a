#pragma once
/// Executor kinds "simulated" and "simulated-exact": f32 arithmetic with quantize-dequantize of parameters (once) and of
/// activations.
#include <memory>

#include <c10/core/Device.h>

#include "stages/infer/executor.h"

namespace qeval {

/// `exact_sums`: kind "simulated-exact", see stages/quant/exact_sums.h.
/// UsageError when `encodings` does not fit the graph's quantizers.
std::unique_ptr<Executor> make_simulated_executor(const Graph& graph, const EncodingTable& encodings,
                                                  NumericsMode mode, bool exact_sums,
                                                  const at::Device& device);

}  // namespace qeval
