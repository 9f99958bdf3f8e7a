#include "stages/infer/torch_executor.h"

#include "stages/infer/device.h"
#include "stages/infer/environment.h"
#include "stages/infer/torch_runtime.h"

namespace qeval {

TorchExecutor::TorchExecutor(const Graph& graph, const std::optional<ParameterQuantization>& quantization,
                             const at::Device& device)
    : program_(run_in_torch("cannot prepare " + graph.arch,
                            [&] { return Program(graph, quantization, device); })),
      device_text_(describe_device(device)),
      environment_(describe_environment(device)) {}

void TorchExecutor::run(std::span<const float> images, int n, std::span<float> logits, QuantizerPort* port) const {
  run_in_torch("inference failed", [&] { download(program_.run(images, n, port), logits); });
}

void TorchExecutor::run(std::span<const float> images, int n, QuantizerPort& port) const {
  run_in_torch("calibration pass failed", [&] { program_.run(images, n, &port); });
}

}  // namespace qeval
