// The shared library's exported symbols, and the list of executor kinds.
#include <map>

#include "pipeline/base/errors.h"
#include "stages/infer/device.h"
#include "stages/infer/environment.h"
#include "stages/infer/executor.h"
#include "stages/infer/float_executor.h"
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
  };
  return table;
}

ParameterQuantization quantization_of(const EncodingTable& encodings, const ExecutorOptions& options) {
  return {encodings, options.mode, options.kind == exact_executor_kind};
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

std::unique_ptr<Executor> make(const Graph& graph, const EncodingTable& encodings, const ExecutorOptions& options) {
  tune_process();
  const auto maker = makers().find(options.kind);
  if (maker == makers().end())
    throw UsageError("unknown executor '" + options.kind + "'; known: " + known_kinds());
  return maker->second(graph, quantization_of(encodings, options), resolve_device(options.device),
                       memory_order(options));
}

ExecutorEnvironment describe(const ExecutorOptions& options) {
  const at::Device device = resolve_device(options.device);
  return {describe_device(device), describe_environment(device, memory_order(options))};
}

std::unique_ptr<SensitivityExecutor> make_sensitivity(const Graph& graph, const EncodingTable& encodings,
                                                      const std::vector<QuantizerIndices>& groups,
                                                      SensitivityMode sensitivity_mode,
                                                      const ExecutorOptions& options) {
  tune_process();
  if (options.kind != "simulated" && options.kind != exact_executor_kind)
    throw UsageError("sensitivity needs the executor 'simulated' or '" + std::string(exact_executor_kind) + "', not '" +
                     options.kind + "'");
  return make_simulated_sensitivity(graph, quantization_of(encodings, options), groups, sensitivity_mode,
                                    resolve_device(options.device), memory_order(options));
}

}  // namespace
}  // namespace qeval

extern "C" __attribute__((visibility("default"))) std::unique_ptr<qeval::Executor> qeval_make_executor(
    const qeval::Graph& graph, const qeval::EncodingTable& encodings, const qeval::ExecutorOptions& options) {
  return qeval::translating_errors("cannot prepare " + graph.arch,
                                   [&] { return qeval::make(graph, encodings, options); });
}

extern "C" __attribute__((visibility("default"))) qeval::ExecutorEnvironment qeval_describe_executor(
    const qeval::ExecutorOptions& options) {
  return qeval::translating_errors("cannot describe device " + options.device, [&] { return qeval::describe(options); });
}

extern "C" __attribute__((visibility("default"))) std::unique_ptr<qeval::SensitivityExecutor>
qeval_make_sensitivity_executor(const qeval::Graph& graph, const qeval::EncodingTable& encodings,
                                const std::vector<qeval::QuantizerIndices>& groups,
                                qeval::SensitivityMode sensitivity_mode, const qeval::ExecutorOptions& options) {
  return qeval::translating_errors("cannot prepare " + graph.arch, [&] {
    return qeval::make_sensitivity(graph, encodings, groups, sensitivity_mode, options);
  });
}

extern "C" __attribute__((visibility("default"))) std::unique_ptr<qeval::LayerwiseExecutor>
qeval_make_layerwise_executor(const qeval::Graph& graph, const qeval::EncodingTable& encodings, std::size_t batches,
                              std::int64_t bytes, const qeval::ExecutorOptions& options) {
  return qeval::translating_errors("cannot prepare " + graph.arch, [&] {
    qeval::tune_process();
    return qeval::make_layerwise(graph, encodings, options.mode, batches, bytes, qeval::resolve_device(options.device),
                                 qeval::memory_order(options));
  });
}
