#include "stages/infer/torch_executor.h"

#include <vector>

#include "stages/infer/device.h"
#include "stages/infer/environment.h"
#include "stages/infer/not_finite_rows.h"
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
  run_in_torch("inference failed", [&] {
    Program::NanWatch nan;
    const auto& [program, operations] = network_;
    download(program.run(program.begin(images, n, &nan), operations, port), logits);
    if (nan.lost) restore_lost_nan(images, n, logits, port);
  });
}

/// Rows that would not be finite if no kernel had made a number of a NaN. The others keep their bits.
void TorchExecutor::restore_lost_nan(std::span<const float> images, int n, std::span<float> logits,
                                     QuantizerPort* port) const {
  Program::NanWatch nan{.keep = true};
  const auto& [program, operations] = network_;
  std::vector<float> kept(logits.size());
  download(program.run(program.begin(images, n, &nan), operations, port), kept);
  take_not_finite_rows(kept, logits.size() / static_cast<std::size_t>(n), logits);
}

void TorchExecutor::run(std::span<const float> images, int n, QuantizerPort& port, QuantizerPort& check) const {
  run_in_torch("calibration pass failed", [&] {
    Program::NanWatch nan;
    const auto& [program, operations] = network_;
    program.run(program.begin(images, n, &nan), operations, &port);
    nan.keep = true;
    if (nan.lost) program.run(program.begin(images, n, &nan), operations, &check);
  });
}

std::string TorchExecutor::find_not_finite(std::span<const float> images, int n, int image, QuantizerPort* port) const {
  return run_in_torch("inference failed",
                      [&] { return network_.program.first_not_finite(images, n, image, network_.operations, port); });
}

}  // namespace qeval
