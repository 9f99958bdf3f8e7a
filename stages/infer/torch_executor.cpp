#include "stages/infer/torch_executor.h"

#include "stages/infer/device.h"
#include "stages/infer/environment.h"
#include "stages/infer/torch_runtime.h"

namespace qeval {

TorchExecutor::Network TorchExecutor::prepare(const Graph& graph, const ParameterQuantization& quantization,
                                              const at::Device& device, at::MemoryFormat order) {
  return run_in_torch("cannot prepare " + graph.arch, [&] {
    OperationPool pool(graph, device, order);
    return Network{Program(pool), pool.operations(quantization)};
  });
}

TorchExecutor::TorchExecutor(const Graph& graph, const ParameterQuantization& quantization, const at::Device& device,
                             at::MemoryFormat order)
    : network_(prepare(graph, quantization, device, order)),
      device_text_(describe_device(device)),
      environment_(describe_environment(device, order)) {}

void TorchExecutor::run(std::span<const float> images, int n, std::span<float> logits, QuantizerPort* port) const {
  run_in_torch("inference failed",
               [&] { download(network_.program.run(images, n, network_.operations, port), logits); });
}

void TorchExecutor::run(std::span<const float> images, int n, QuantizerPort& port) const {
  run_in_torch("calibration pass failed", [&] { network_.program.run(images, n, network_.operations, &port); });
}

}  // namespace qeval
