#include "stages/infer/simulated_executor.h"

#include <exception>

#include "stages/infer/activation_quantizers.h"
#include "stages/infer/observer_port.h"
#include "stages/infer/torch_executor.h"

namespace qeval {
namespace {

class SimulatedExecutor : public TorchExecutor {
 public:
  SimulatedExecutor(const Graph& graph, const ParameterQuantization& quantization, const at::Device& device,
                    at::MemoryFormat order)
      : TorchExecutor(graph, quantization, device, order),
        quantizers_(graph, quantization.encodings, quantization.mode) {
    for (const Quantizer& quantizer : graph.quantizers) names_.push_back(quantizer.key());
  }

  void infer(std::span<const float> images, int n, std::span<float> logits) const override {
    run(images, n, logits, &quantizers_);
  }

  std::string first_not_finite(std::span<const float> images, int n, int image) const override {
    return find_not_finite(images, n, image, &quantizers_);
  }

  void observe(std::span<const float> images, int n, std::int64_t ordinal, ObserverBank& bank) const override {
    ObserverPort port(bank, quantizers_, ordinal, names_);
    FiniteCheckPort check(bank, quantizers_, names_);
    run(images, n, port, check);
    bank.finish_batch(ordinal);
  }

 private:
  std::vector<std::string> names_;
  mutable ActivationQuantizers quantizers_;  // pass() is stateless; the port's interface serves observers too
};

}  // namespace

std::unique_ptr<Executor> make_simulated_executor(const Graph& graph, const ParameterQuantization& quantization,
                                                  const at::Device& device, at::MemoryFormat order) {
  check_encodings_count(graph, quantization.encodings);
  return std::make_unique<SimulatedExecutor>(graph, quantization, device, order);
}

}  // namespace qeval
