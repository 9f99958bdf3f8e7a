#pragma once
/// Makes the executors that a job needs. One implementation opens LibTorch's side of qeval when it is first asked
/// (executor_library.h); tests of jobs have another, which computes nothing.
/// Thread-safety: any thread. Errors: as the executors that are made.
#include <memory>

#include "stages/infer/executor.h"
#include "stages/infer/layerwise_executor.h"
#include "stages/infer/sensitivity_executor.h"

namespace qeval {

class ExecutorFactory {
 public:
  virtual ~ExecutorFactory() = default;

  /// Device and environment an executor with these options would have; needs no weights.
  virtual ExecutorEnvironment describe(const ExecutorOptions& options) const = 0;

  virtual std::unique_ptr<Executor> make(const Graph& graph, const EncodingTable& encodings,
                                         const ExecutorOptions& options) const = 0;

  virtual std::unique_ptr<SensitivityExecutor> make_sensitivity(const Graph& graph, const EncodingTable& encodings,
                                                                const std::vector<QuantizerIndices>& groups,
                                                                SensitivityMode mode,
                                                                const ExecutorOptions& options) const = 0;

  /// `encodings`: those of weights count, see ParameterQuantization. Batches have numbers below `batches`. Values
  /// between layers may take `bytes`.
  virtual std::unique_ptr<LayerwiseExecutor> make_layerwise(const Graph& graph, const EncodingTable& encodings,
                                                            std::size_t batches, std::int64_t bytes,
                                                            const ExecutorOptions& options) const = 0;
};

}  // namespace qeval
