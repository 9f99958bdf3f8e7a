#pragma once
/// Loads the LibTorch-dependent shared library on first use.
/// Thread-safety: any thread. Errors: RunError naming the library file and what the loader said, or the limit that
/// leaves LibTorch too little address space.
#include <memory>

#include "stages/infer/executor_factory.h"

namespace qeval {

/// Same as the library's qeval_make_executor; the library stays loaded until the process ends.
std::unique_ptr<Executor> make_executor(const Graph& graph, const EncodingTable& encodings,
                                        const ExecutorOptions& options);

/// Device and environment an executor with these options would have; needs no weights.
ExecutorEnvironment describe_executor(const ExecutorOptions& options);

/// Same as the library's qeval_make_sensitivity_executor.
std::unique_ptr<SensitivityExecutor> make_sensitivity_executor(const Graph& graph, const EncodingTable& encodings,
                                                               const std::vector<QuantizerIndices>& groups,
                                                               SensitivityMode sensitivity_mode,
                                                               const ExecutorOptions& options);

/// Same as the library's qeval_make_layerwise_executor.
std::unique_ptr<LayerwiseExecutor> make_layerwise_executor(const Graph& graph, const EncodingTable& encodings,
                                                           std::size_t batches, std::int64_t bytes,
                                                           const ExecutorOptions& options);

/// The same functions, for a job.
const ExecutorFactory& executor_library();

}  // namespace qeval
