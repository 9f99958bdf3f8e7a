#pragma once
/// The sensitivity executor of kinds "simulated" and "simulated-exact". The unquantized and the quantized network are
/// run step by step in lockstep; at a group's first node a pass forks off and runs to the end. What a node computes
/// with a group on or off is what an executor with that setting would compute (operation_pool.h).
#include <memory>

#include <c10/core/Device.h>
#include <c10/core/MemoryFormat.h>

#include "stages/infer/parameters.h"
#include "stages/infer/sensitivity_executor.h"

namespace qeval {

/// `quantization`: with every quantizer on.
std::unique_ptr<SensitivityExecutor> make_simulated_sensitivity(const Graph& graph,
                                                                const ParameterQuantization& quantization,
                                                                const std::vector<QuantizerIndices>& groups,
                                                                SensitivityMode sensitivity_mode,
                                                                const at::Device& device, at::MemoryFormat order);

}  // namespace qeval
