#pragma once
/// What executors that run a Program have in common.
#include <string>

#include "stages/infer/executor.h"
#include "stages/infer/program.h"

namespace qeval {

class TorchExecutor : public Executor {
 public:
  TorchExecutor(const Graph& graph, const ParameterQuantization& quantization, const at::Device& device,
                at::MemoryFormat order);
  std::string device() const override { return device_text_; }
  std::string environment() const override { return environment_; }

 protected:
  /// Errors as Executor says.
  void run(std::span<const float> images, int n, std::span<float> logits, QuantizerPort* port) const;
  /// The same without looking at the logits. If a NaN may have been lost on the way, once more with `check`, and
  /// with all of them kept.
  void run(std::span<const float> images, int n, QuantizerPort& port, QuantizerPort& check) const;
  std::string find_not_finite(std::span<const float> images, int n, int image, QuantizerPort* port) const;

 private:
  void restore_lost_nan(std::span<const float> images, int n, std::span<float> logits, QuantizerPort* port) const;

  struct Network {
    Program program;
    Operations operations;
  };
  static Network prepare(const Graph& graph, const ParameterQuantization& quantization, const at::Device& device,
                         at::MemoryFormat order);

  Network network_;
  std::string device_text_, environment_;
};

}  // namespace qeval
