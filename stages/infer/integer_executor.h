#pragma once
/// Executor kind "integer": the bits of "simulated-exact", from the codes themselves (integer/integer_network.h).
/// Thread-safety: as Executor.
#include "stages/infer/executor.h"
#include "stages/infer/parameters.h"

#include <c10/core/Device.h>
#include <c10/core/MemoryFormat.h>

namespace qeval {

/// Where the device is not a CPU, or a node needs floats, "simulated-exact" itself: the same bits.
std::unique_ptr<Executor> make_integer_executor(const Graph& graph, const ParameterQuantization& quantization,
                                                const at::Device& device, at::MemoryFormat order);

}  // namespace qeval
