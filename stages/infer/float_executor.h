#pragma once
/// Executor kind "float": f32 without any quantizer.
#include <memory>

#include <c10/core/Device.h>
#include <c10/core/MemoryFormat.h>

#include "stages/infer/executor.h"

namespace qeval {

std::unique_ptr<Executor> make_float_executor(const Graph& graph, const at::Device& device, at::MemoryFormat order);

}  // namespace qeval
