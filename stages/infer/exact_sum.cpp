#include "stages/infer/exact_sum.h"

#include <ATen/ops/mul.h>
#include <ATen/ops/tensor.h>

#include "stages/infer/activation.h"

namespace qeval {
namespace {

/// Per-channel values in the shape that meets axis 1 of an image, or the last axis behind a linear layer.
at::Tensor along_channels(const at::Tensor& values, Op op) {
  return op == Op::conv && values.numel() > 1 ? values.view({-1, 1, 1}) : values;
}

class ExactSum : public Operation {
 public:
  ExactSum(std::unique_ptr<Operation> whole, float input_scale, at::Tensor scales, at::Tensor bias,
           const NodeFusion& fusion)
      : whole_(std::move(whole)),
        to_whole_(1.0f / input_scale),
        scales_(std::move(scales)),
        bias_(std::move(bias)),
        adds_(fusion.added >= 0),
        activation_(fusion.activation) {}

  at::Tensor run(Operands& operands) const override {
    Operands input{at::mul(operands[0], at::Scalar(to_whole_)).round_()};
    at::Tensor y = whole_->run(input);
    if (!y.is_cpu()) y.round_();  // there a kernel may transform its input, which is not exact
    y.mul_(scales_);
    if (bias_.defined()) y.add_(bias_);
    if (adds_) y.add_(operands[1]);
    return activate_in_place(std::move(y), activation_);
  }

 private:
  std::unique_ptr<Operation> whole_;
  float to_whole_;
  at::Tensor scales_, bias_;
  bool adds_;
  Op activation_;
};

}  // namespace

std::unique_ptr<Operation> make_exact_sum(std::unique_ptr<Operation> whole, const ExactSums& sums, const Node& node,
                                          const NodeFusion& fusion, const at::Device& device, at::Tensor bias) {
  at::Tensor scales = at::tensor(sums.scales, at::TensorOptions(at::kFloat)).to(device);
  if (bias.defined()) bias = along_channels(bias, node.op);
  return std::make_unique<ExactSum>(std::move(whole), sums.input_scale, along_channels(scales, node.op),
                                    std::move(bias), fusion);
}

}  // namespace qeval
