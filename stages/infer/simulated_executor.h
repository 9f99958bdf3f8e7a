#pragma once
/// Executor kinds "simulated" and "simulated-exact": f32 arithmetic with quantize-dequantize of parameters (once) and
/// of activations.
#include <memory>

#include <c10/core/Device.h>
#include <c10/core/MemoryFormat.h>

#include "stages/infer/executor.h"
#include "stages/infer/parameters.h"

namespace qeval {

/// UsageError when the encodings do not fit the graph's quantizers.
std::unique_ptr<Executor> make_simulated_executor(const Graph& graph, const ParameterQuantization& quantization,
                                                  const at::Device& device, at::MemoryFormat order);

}  // namespace qeval
