#pragma once
/// Executor kind "float": f32 without any quantizer.
#include <memory>

#include <c10/core/Device.h>

#include "stages/infer/executor.h"

namespace qeval {

std::unique_ptr<Executor> make_float_executor(const Graph& graph, const at::Device& device);

}  // namespace qeval
