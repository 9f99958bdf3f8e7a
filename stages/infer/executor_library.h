#pragma once
/// Loads the LibTorch-dependent shared library, libqeval_infer.so, on first use: from the folder that QEVAL_LIBDIR
/// names, else from the program's own folder, from lib/ beside that, or from where the program finds its shared
/// libraries (LD_LIBRARY_PATH, run path). Programs linked with the installed package have its lib/ in their run path.
/// Thread-safety: any thread. Errors: RunError naming the library file and what the loader said, or of which other
/// build of qeval it is, or the limit that leaves LibTorch too little address space.
#include <memory>

#include "stages/infer/executor_factory.h"

namespace qeval {

/// As executor_library().make; the library stays loaded until the process ends.
std::unique_ptr<Executor> make_executor(const Graph& graph, const EncodingTable& encodings,
                                        const ExecutorOptions& options);

/// As executor_library().make_sensitivity.
std::unique_ptr<SensitivityExecutor> make_sensitivity_executor(const Graph& graph, const EncodingTable& encodings,
                                                               const std::vector<QuantizerIndices>& groups,
                                                               SensitivityMode sensitivity_mode,
                                                               const ExecutorOptions& options);

/// As executor_library().make_layerwise.
std::unique_ptr<LayerwiseExecutor> make_layerwise_executor(const Graph& graph, const EncodingTable& encodings,
                                                           std::size_t batches, std::int64_t bytes,
                                                           const ExecutorOptions& options);

/// The library's executors; opened when the first is asked for.
const ExecutorFactory& executor_library();

}  // namespace qeval
