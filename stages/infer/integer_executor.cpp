#include "stages/infer/integer_executor.h"

#include <utility>

#include "pipeline/base/errors.h"
#include "stages/infer/device.h"
#include "stages/infer/environment.h"
#include "stages/infer/integer/integer_network.h"
#include "stages/infer/simulated_executor.h"

namespace qeval {
namespace {

class IntegerExecutor : public Executor {
 public:
  IntegerExecutor(std::unique_ptr<IntegerNetwork> network, std::string device, std::string environment)
      : network_(std::move(network)), device_(std::move(device)), environment_(std::move(environment)) {}

  void infer(std::span<const float> images, int n, std::span<float> logits) const override {
    network_->infer(images, n, logits);
  }
  void observe(std::span<const float>, int, std::int64_t, ObserverBank&) const override {
    throw InternalError("integer codes cannot be observed: encodings come from a simulation");
  }
  std::string first_not_finite(std::span<const float>, int, int) const override {
    throw InternalError("logits of integer codes are finite");
  }
  std::string device() const override { return device_; }
  std::string environment() const override { return environment_; }

 private:
  std::unique_ptr<IntegerNetwork> network_;
  std::string device_, environment_;
};

/// Where codes do not do.
class ExactExecutor : public Executor {
 public:
  ExactExecutor(std::unique_ptr<Executor> exact, std::string reason)
      : exact_(std::move(exact)), reason_(std::move(reason)) {}

  void infer(std::span<const float> images, int n, std::span<float> logits) const override {
    exact_->infer(images, n, logits);
  }
  void observe(std::span<const float> images, int n, std::int64_t ordinal, ObserverBank& bank) const override {
    exact_->observe(images, n, ordinal, bank);
  }
  std::string first_not_finite(std::span<const float> images, int n, int image) const override {
    return exact_->first_not_finite(images, n, image);
  }
  std::vector<std::string> remarks() const override {
    return {"computed in floats with the same result, because integer codes do not do: " + reason_};
  }
  std::string device() const override { return exact_->device(); }
  std::string environment() const override { return exact_->environment(); }

 private:
  std::unique_ptr<Executor> exact_;
  std::string reason_;
};

}  // namespace

std::unique_ptr<Executor> make_integer_executor(const Graph& graph, const ParameterQuantization& quantization,
                                                const at::Device& device, at::MemoryFormat order) {
  check_encodings_count(graph, quantization.encodings);
  std::string reason = "the device is no CPU";
  if (device.is_cpu()) {
    IntegerPlan plan = plan_integers(graph, quantization.encodings, quantization.mode);
    if (plan.network)
      return std::make_unique<IntegerExecutor>(std::move(plan.network), describe_device(device),
                                               describe_environment(device, order));
    reason = float_nodes_text(plan);
  }
  return std::make_unique<ExactExecutor>(make_simulated_executor(graph, quantization, device, order),
                                         std::move(reason));
}

}  // namespace qeval
