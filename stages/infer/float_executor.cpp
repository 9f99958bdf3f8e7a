#include "stages/infer/float_executor.h"

#include "pipeline/base/errors.h"
#include "stages/infer/torch_executor.h"

namespace qeval {
namespace {

/// So that fusion need not stop where only a quantizer would have looked.
Graph without_quantizers(Graph graph) {
  graph.quantizers.clear();
  for (Node& node : graph.nodes) {
    node.output_quantizer = node.weight_quantizer = node.bias_quantizer = -1;
    node.input_quantizers.clear();
  }
  return graph;
}

class FloatExecutor : public TorchExecutor {
 public:
  FloatExecutor(const Graph& graph, const at::Device& device, at::MemoryFormat order)
      : TorchExecutor(without_quantizers(graph), ParameterQuantization{EncodingTable(), NumericsMode()}, device,
                      order) {}

  void infer(std::span<const float> images, int n, std::span<float> logits) const override {
    run(images, n, logits, nullptr);
  }

  std::string first_not_finite(std::span<const float> images, int n, int image) const override {
    return find_not_finite(images, n, image, nullptr);
  }

  void observe(std::span<const float>, int, std::int64_t, ObserverBank&) const override {
    throw InternalError("calibration needs an executor of kind 'simulated': a float one has no quantizers");
  }
};

}  // namespace

std::unique_ptr<Executor> make_float_executor(const Graph& graph, const at::Device& device, at::MemoryFormat order) {
  return std::make_unique<FloatExecutor>(graph, device, order);
}

}  // namespace qeval
