#pragma once
/// Executors that compute nothing: logits are made from the bytes of an image and from the encodings, in microseconds,
/// the same on every machine. So tests run whole jobs, and stop and resume them, without LibTorch. Thread-safety: as
/// the interfaces; `before` may be called from any worker.
#include <functional>
#include <span>
#include <string>

#include "stages/infer/executor_factory.h"

namespace qeval::test {

class FakeExecutors : public ExecutorFactory {
 public:
  /// Called before each batch with what is done with it: "infer", "observe", "admit", "shift", "measure". May throw.
  std::function<void(const std::string& work)> before = [](const std::string&) {};
  /// If it is set, the class that an image has for a network without encodings.
  std::function<int(std::span<const float> image)> classify;
  /// An image of nothing but this value has logits that are not finite.
  static constexpr float broken_value = -1;

  ExecutorEnvironment describe(const ExecutorOptions& options) const override;
  std::unique_ptr<Executor> make(const Graph& graph, const EncodingTable& encodings,
                                 const ExecutorOptions& options) const override;
  std::unique_ptr<SensitivityExecutor> make_sensitivity(const Graph& graph, const EncodingTable& encodings,
                                                        const std::vector<QuantizerIndices>& groups,
                                                        SensitivityMode mode,
                                                        const ExecutorOptions& options) const override;
  /// Every layer's output is shifted by something that depends on the images; gradients point towards larger weights.
  std::unique_ptr<LayerwiseExecutor> make_layerwise(const Graph& graph, const EncodingTable& encodings,
                                                    std::size_t batches, std::int64_t bytes,
                                                    const ExecutorOptions& options) const override;
};

}  // namespace qeval::test
