#include "stages/infer/torch_executors.h"

#include <map>
#include <string>
#include <utility>

#include "pipeline/base/errors.h"
#include "stages/infer/device.h"
#include "stages/infer/environment.h"
#include "stages/infer/float_executor.h"
#include "stages/infer/integer_executor.h"
#include "stages/infer/layerwise.h"
#include "stages/infer/memory_order.h"
#include "stages/infer/simulated_executor.h"
#include "stages/infer/simulated_sensitivity.h"
#include "stages/infer/torch_runtime.h"
#include "stages/quant/arithmetic/exact_sums.h"

namespace qeval {
namespace {

using Maker = std::unique_ptr<Executor> (*)(const Graph&, const ParameterQuantization&, const at::Device&,
                                            at::MemoryFormat);

const std::map<std::string, Maker>& makers() {
  static const std::map<std::string, Maker> table{
      {"float", [](const Graph& graph, const ParameterQuantization&, const at::Device& device,
                   at::MemoryFormat order) { return make_float_executor(graph, device, order); }},
      {"simulated", make_simulated_executor},
      {exact_executor_kind, make_simulated_executor},
      {integer_executor_kind, make_integer_executor},
  };
  return table;
}

ParameterQuantization quantization_of(const EncodingTable& encodings, const ExecutorOptions& options) {
  return {encodings, options.mode, sums_are_exact(options.kind)};
}

std::string known_kinds() {
  std::string text;
  for (const auto& [kind, maker] : makers()) text += (text.empty() ? "" : ", ") + kind;
  return text;
}

void tune_process() {
  static const bool tuned = (keep_freed_memory(), true);
  static_cast<void>(tuned);
}

/// What making an executor of `graph` runs in.
template <class Body>
auto preparing(const Graph& graph, Body&& body) {
  return translating_errors("cannot prepare " + graph.arch, [&] {
    tune_process();
    return std::forward<Body>(body)();
  });
}

Maker maker_of(const std::string& kind) {
  const auto maker = makers().find(kind);
  if (maker == makers().end()) throw UsageError("unknown executor '" + kind + "'; known: " + known_kinds());
  return maker->second;
}

void require_simulation(const std::string& kind) {
  if (kind != "simulated" && !sums_are_exact(kind))
    throw UsageError("sensitivity needs a network with quantizers: the executor 'simulated', '" +
                     std::string(exact_executor_kind) + "' or '" + integer_executor_kind + "', not '" + kind + "'");
}

class TorchExecutors : public ExecutorFactory {
 public:
  ExecutorEnvironment describe(const ExecutorOptions& options) const override {
    return translating_errors("cannot describe device " + options.device, [&] {
      const at::Device device = resolve_device(options.device);
      return ExecutorEnvironment{describe_device(device), describe_environment(device, memory_order(options))};
    });
  }

  std::unique_ptr<Executor> make(const Graph& graph, const EncodingTable& encodings,
                                 const ExecutorOptions& options) const override {
    return preparing(graph, [&] {
      return maker_of(options.kind)(graph, quantization_of(encodings, options), resolve_device(options.device),
                                    memory_order(options));
    });
  }

  std::unique_ptr<SensitivityExecutor> make_sensitivity(const Graph& graph, const EncodingTable& encodings,
                                                        const std::vector<QuantizerIndices>& groups,
                                                        SensitivityMode mode,
                                                        const ExecutorOptions& options) const override {
    return preparing(graph, [&] {
      require_simulation(options.kind);
      return make_simulated_sensitivity(graph, quantization_of(encodings, options), groups, mode,
                                        resolve_device(options.device), memory_order(options));
    });
  }

  std::unique_ptr<LayerwiseExecutor> make_layerwise(const Graph& graph, const EncodingTable& encodings,
                                                    std::size_t batches, std::int64_t bytes,
                                                    const ExecutorOptions& options) const override {
    return preparing(graph, [&] {
      return qeval::make_layerwise(graph, encodings, options.mode, batches, bytes, resolve_device(options.device),
                                   memory_order(options));
    });
  }
};

}  // namespace

const ExecutorFactory& torch_executors() {
  static const TorchExecutors executors;
  return executors;
}

}  // namespace qeval
