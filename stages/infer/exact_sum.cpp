#include "stages/infer/exact_sum.h"

#include <ATen/ops/full.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/tensor.h>

#include "stages/infer/activation.h"
#include "stages/infer/window_sums.h"

namespace qeval {
namespace {

/// Per-channel values in the shape that meets axis 1 of an image, or the last axis behind a linear layer.
at::Tensor along_channels(const at::Tensor& values, Op op) {
  return op == Op::conv && values.numel() > 1 ? values.view({-1, 1, 1}) : values;
}

at::Tensor whole_numbers(const at::Tensor& x, float to_whole) { return at::mul(x, at::Scalar(to_whole)).round_(); }

class ExactSum : public Operation {
 public:
  ExactSum(std::unique_ptr<Operation> whole, float input_scale, at::Tensor scales, at::Tensor bias, bool wide,
           const NodeFusion& fusion)
      : whole_(std::move(whole)),
        to_whole_(1.0f / input_scale),
        scales_(std::move(scales)),
        bias_(std::move(bias)),
        adds_(fusion.added >= 0),
        wide_(wide),
        activation_(fusion.activation) {}

  at::Tensor run(Operands& operands) const override {
    Operands input{whole_numbers(operands[0], to_whole_)};
    if (wide_) input[0] = input[0].to(at::kDouble);
    at::Tensor y = whole_->run(input);
    if (!y.is_cpu()) y.round_();  // there a kernel may transform its input, which is not exact
    y = y.to(at::kFloat).mul_(scales_);
    if (bias_.defined()) y.add_(bias_);
    if (adds_) y.add_(operands[1]);
    return activate_in_place(std::move(y), activation_);
  }

 private:
  std::unique_ptr<Operation> whole_;
  float to_whole_;
  at::Tensor scales_, bias_;
  bool adds_, wide_;
  Op activation_;
};

/// f32(Σ i) / n · s. By a tensor, because a GPU divides by a plain number by multiplying with its inverse.
class ExactMean : public Operation {
 public:
  ExactMean(const Node& node, float scale) : node_(node), scale_(scale) {}

  at::Tensor run(Operands& operands) const override {
    const at::Tensor whole = whole_numbers(operands[0], 1.0f / scale_);
    return sums(whole).div_(counts(whole)).mul_(at::Scalar(scale_));
  }

 private:
  at::Tensor sums(const at::Tensor& whole) const {
    return node_.op == Op::avg_pool ? window_sums(whole, node_.window) : whole.sum({2, 3}, true);
  }
  at::Tensor counts(const at::Tensor& whole) const {
    if (node_.op == Op::avg_pool) return window_counts(whole, node_.window);
    return at::full({}, static_cast<float>(whole.size(2) * whole.size(3)), whole.options());
  }

  Node node_;
  float scale_;
};

}  // namespace

std::unique_ptr<Operation> make_exact_mean(const Node& node, const ExactSums& sums) {
  return std::make_unique<ExactMean>(node, sums.input_scale);
}

std::unique_ptr<Operation> make_exact_sum(std::unique_ptr<Operation> whole, const ExactSums& sums, const Node& node,
                                          const NodeFusion& fusion, const at::Device& device, at::Tensor bias) {
  at::Tensor scales = at::tensor(sums.scales, at::TensorOptions(at::kFloat)).to(device);
  if (bias.defined()) bias = along_channels(bias, node.op);
  return std::make_unique<ExactSum>(std::move(whole), sums.input_scale, along_channels(scales, node.op),
                                    std::move(bias), sums.wide, fusion);
}

}  // namespace qeval
