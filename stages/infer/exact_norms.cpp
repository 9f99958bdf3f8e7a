#include "stages/infer/exact_norms.h"

#include <vector>

#include <ATen/ops/full.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/tensor.h>

namespace qeval {
namespace {

at::Tensor doubles(const std::vector<double>& values, const at::Device& device) {
  return at::tensor(values, at::TensorOptions(at::kDouble)).to(device);
}

/// A list in the shape that meets one axis of `x`.
at::Tensor along(std::int64_t axis, const at::Tensor& list, const at::Tensor& x) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
  shape[static_cast<std::size_t>(axis)] = -1;
  return list.view(shape);
}

class ExactBatchNorm : public Operation {
 public:
  ExactBatchNorm(const ExactNorm& norm, const at::Device& device)
      : factor_(doubles(norm.factor, device)), summand_(doubles(norm.summand, device)) {}

  at::Tensor run(Operands& operands) const override {
    const at::Tensor& x = operands[0];
    return x.to(at::kDouble).mul_(along(1, factor_, x)).add_(along(1, summand_, x)).to(at::kFloat);
  }

 private:
  at::Tensor factor_, summand_;
};

class ExactLayerNormOperation : public Operation {
 public:
  ExactLayerNormOperation(const ExactLayerNorm& norm, int axis, const at::Device& device)
      : axis_(axis),
        scale_(norm.scale),
        epsilon_(norm.epsilon),
        count_(static_cast<double>(norm.gamma.size())),
        gamma_(doubles(norm.gamma, device)),
        beta_(doubles(norm.beta, device)) {}

  at::Tensor run(Operands& operands) const override {
    const at::Tensor& x = operands[0];
    at::Tensor whole = at::mul(x, at::Scalar(1.0f / static_cast<float>(scale_))).round_().to(at::kDouble);
    const at::Tensor sum = whole.sum(axis_, true), squares = whole.square().sum(axis_, true);
    const at::Tensor variance = squares.mul(count_).sub_(sum.square()).div_(number(count_ * count_, x));
    const at::Tensor deviation = variance.mul(scale_ * scale_).add_(epsilon_).sqrt_();
    whole.sub_(sum.div(number(count_, x))).mul_(number(scale_, x).div(deviation));
    return whole.mul_(along(axis_, gamma_, x)).add_(along(axis_, beta_, x)).to(at::kFloat);
  }

 private:
  /// A GPU divides by a plain number by multiplying with its inverse.
  static at::Tensor number(double value, const at::Tensor& x) {
    return at::full({}, value, x.options().dtype(at::kDouble));
  }

  std::int64_t axis_;
  double scale_, epsilon_, count_;
  at::Tensor gamma_, beta_;
};

}  // namespace

std::unique_ptr<Operation> make_exact_batch_norm(const ExactNorm& norm, const at::Device& device) {
  return std::make_unique<ExactBatchNorm>(norm, device);
}

std::unique_ptr<Operation> make_exact_layer_norm(const ExactLayerNorm& norm, int axis, const at::Device& device) {
  return std::make_unique<ExactLayerNormOperation>(norm, axis, device);
}

}  // namespace qeval
