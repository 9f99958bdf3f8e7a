#pragma once
/// A graph made ready to run on one device: operations with their parameters, in order, and when each value dies.
///
/// Memory: a value is freed, or overwritten by the operation itself, at its last use. Thread-safety: immutable after
/// construction; run may be called concurrently. Keeps nothing of the graph but parameters not yet converted.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "stages/infer/operation.h"
#include "stages/infer/parameters.h"
#include "stages/model/graph.h"

namespace qeval {

/// Stands where quantizers are: gets every tensor that one of them would see, and says what goes on instead.
class QuantizerPort {
 public:
  virtual ~QuantizerPort() = default;
  /// `tensor` is moved in where nobody else needs it; then it is exclusive and may be overwritten.
  virtual at::Tensor pass(int quantizer, at::Tensor tensor) = 0;
  /// The quantizer's output does not depend on whether this activation clamped its input first.
  virtual bool makes_redundant(int quantizer, Op activation) const = 0;
};

class Program {
 public:
  /// `quantization` absent: quantizers do not exist for this program.
  Program(const Graph& graph, const std::optional<ParameterQuantization>& quantization, const at::Device& device);

  /// A forward pass between two nodes. Copies share tensors; no step of one changes what another sees.
  struct Pass {
    std::vector<at::Tensor> values;  ///< per node; undefined where not computed yet or not needed any more
    std::size_t next = 0;            ///< the node that the next step computes
    const at::Tensor& latest() const { return values[next - 1]; }
  };

  /// images: f32 NCHW [n, C, H, W] as the graph says. InternalError if the span does not fit.
  Pass begin(std::span<const float> images, int n) const;
  /// Computes node pass.next. Programs of one graph on one device whose quantization is present may take turns.
  void step(Pass& pass, QuantizerPort* port) const;

  /// All steps. Returns f32 [n, classes] on the program's device.
  /// `port` may be null when the program has no quantization.
  at::Tensor run(std::span<const float> images, int n, QuantizerPort* port) const;

  int num_classes() const { return num_classes_; }

 private:
  struct Operand {
    int value = -1;
    int quantizer = -1;
    bool last_use = false;
  };
  struct Step {
    std::string name;
    Op op = Op::input;
    std::unique_ptr<Operation> operation;
    std::vector<Operand> operands;
    int output_quantizer = -1;
  };
  void mark_last_uses();
  at::Tensor upload(std::span<const float> images, int n) const;
  at::Tensor run_step(const Step& step, std::vector<at::Tensor>& values, QuantizerPort* port) const;

  std::array<int, 3> input_shape_;
  int num_classes_;
  at::Device device_;
  std::vector<Step> steps_;  ///< steps_[0] is the input
};

/// Copies `result` [n, classes] to `logits`; InternalError if it does not fit.
void download(const at::Tensor& result, std::span<float> logits);

}  // namespace qeval
