#pragma once
/// A graph made ready to run on one device: which values each node takes, where quantizers stand between, and when each
/// value dies. The nodes' arithmetic comes with each call (operation_pool.h), so that one program runs with any of its
/// quantizers on.
///
/// Memory: a value is freed, or overwritten by the operation itself, at its last use. Thread-safety: immutable after
/// construction; run may be called concurrently. Keeps nothing of the graph or the pool.
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "stages/infer/operation_pool.h"
#include "stages/model/graph.h"

namespace qeval {

/// Stands where quantizers are: gets every tensor that one of them would see, and says what goes on instead.
class QuantizerPort {
 public:
  virtual ~QuantizerPort() = default;
  /// `tensor` is moved in where nobody else needs it; then it is exclusive and may be overwritten.
  virtual at::Tensor pass(int quantizer, at::Tensor tensor) = 0;
  /// pass may make a number of a NaN. The processor notes it.
  virtual bool loses_nan(int quantizer) const = 0;
  /// As pass, but a NaN stays one.
  virtual at::Tensor pass_keeping_nan(int quantizer, at::Tensor tensor) = 0;
  /// The quantizer's output does not depend on whether this activation clamped its input first.
  virtual bool makes_redundant(int quantizer, Op activation) const = 0;
};

class Program {
 public:
  /// For the pool's graph, on its device; all operations that the program gets must be made by it.
  explicit Program(const OperationPool& pool);

  /// What becomes of NaN in a pass: kept, or noted where one may have become a number.
  struct NanWatch {
    bool keep = false;  ///< by Operation::run_keeping_nan and QuantizerPort::pass_keeping_nan
    bool lost = false;
  };

  /// A forward pass between two nodes. Copies share tensors; no step of one changes what another sees.
  struct Pass {
    std::vector<at::Tensor> values;  ///< per node; undefined where not computed yet or not needed any more
    std::size_t next = 0;            ///< the node that the next step computes
    NanWatch* nan = nullptr;         ///< shared by copies; null: nobody asks
    std::int64_t images = 0;
    const at::Tensor& latest() const { return values[next - 1]; }
  };

  /// images: f32 NCHW [n, C, H, W] as the graph says. InternalError if the span does not fit.
  Pass begin(std::span<const float> images, int n, NanWatch* nan = nullptr) const;
  /// Computes node pass.next. `port` may be null where the graph has no quantizers. InternalError naming the node if
  /// its output has another shape than node_shapes says.
  void step(Pass& pass, const Operations& operations, QuantizerPort* port) const;

  /// All steps. Returns f32 [n, classes] on the program's device.
  at::Tensor run(Pass pass, const Operations& operations, QuantizerPort* port) const;

  /// As Executor::first_not_finite.
  std::string first_not_finite(std::span<const float> images, int n, int image, const Operations& operations,
                               QuantizerPort* port) const;

  int num_classes() const { return num_classes_; }
  /// Of a node, for people.
  const std::string& name(std::size_t node) const { return steps_.at(node).name; }

 private:
  struct Operand {
    int value = -1;
    int quantizer = -1;
    bool last_use = false;
  };
  struct Step {
    std::string name;
    Op op = Op::input;
    std::vector<Operand> operands;
    int output_quantizer = -1;
    std::vector<std::int64_t> shape;  ///< of its output, without the batch
  };
  void check_shape(const Pass& pass) const;
  void mark_last_uses();
  std::size_t source_of(const std::vector<bool>& marked) const;
  at::Tensor upload(std::span<const float> images, int n) const;
  static at::Tensor compute(const Operation& operation, Operands& operands, NanWatch* nan);
  static at::Tensor quantize(QuantizerPort& port, int quantizer, at::Tensor tensor, NanWatch* nan);
  static at::Tensor run_step(const Step& step, const Operation& operation, Pass& pass, QuantizerPort* port);

  std::array<int, 3> input_shape_;
  int num_classes_;
  at::Device device_;
  at::MemoryFormat order_;
  std::vector<Step> steps_;  ///< steps_[0] is the input
};

/// Copies `result` [n, classes] to `logits`; InternalError if it does not fit.
void download(const at::Tensor& result, std::span<float> logits);

}  // namespace qeval
