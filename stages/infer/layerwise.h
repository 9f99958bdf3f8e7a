#pragma once
/// The one LayerwiseExecutor.
#include <memory>

#include <c10/core/Device.h>
#include <c10/core/MemoryFormat.h>

#include "stages/infer/layerwise_executor.h"

namespace qeval {

/// UsageError unless there is a list of encodings for every quantizer.
std::unique_ptr<LayerwiseExecutor> make_layerwise(const Graph& graph, const EncodingTable& encodings, NumericsMode mode,
                                                  std::size_t batches, std::int64_t bytes, const at::Device& device,
                                                  at::MemoryFormat order);

}  // namespace qeval
