#pragma once
/// The sensitivity executor of kind "simulated". Two programs of the same graph, with float and with quantized
/// parameters, are run step by step in lockstep; at a group's first node a pass forks off and runs to the end.
#include <memory>

#include <c10/core/Device.h>

#include "stages/infer/sensitivity_executor.h"

namespace qeval {

std::unique_ptr<SensitivityExecutor> make_simulated_sensitivity(const Graph& graph, const EncodingTable& encodings,
                                                                const std::vector<QuantizerIndices>& groups,
                                                                SensitivityMode sensitivity_mode, NumericsMode mode,
                                                                const at::Device& device);

}  // namespace qeval
