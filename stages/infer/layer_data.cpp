#include "stages/infer/layer_data.h"

#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/hardtanh_backward.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/threshold_backward.h>

#include "stages/infer/activation.h"
#include "stages/infer/geometry.h"
#include "stages/infer/tensor_values.h"
#include "stages/infer/torch_runtime.h"

namespace qeval {
namespace {

/// A layer as a function of its weight, and its derivative.
class WeightFunction {
 public:
  virtual ~WeightFunction() = default;
  virtual at::Tensor output(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) const = 0;
  virtual at::Tensor weight_gradient(const at::Tensor& of_output, const at::Tensor& input,
                                     const at::Tensor& weight) const = 0;
};

class ConvolutionOfWeight : public WeightFunction {
 public:
  explicit ConvolutionOfWeight(const Window& window) : geometry_(window) {}
  at::Tensor output(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) const override {
    return at::convolution(geometry_.pad(input), weight, bias, geometry_.stride, geometry_.padding, geometry_.dilation,
                           false, {0, 0}, geometry_.groups);
  }
  at::Tensor weight_gradient(const at::Tensor& of_output, const at::Tensor& input,
                             const at::Tensor& weight) const override {
    return std::get<1>(at::convolution_backward(of_output, geometry_.pad(input), weight, at::OptionalIntArrayRef(),
                                                geometry_.stride, geometry_.padding, geometry_.dilation, false, {0, 0},
                                                geometry_.groups, {false, true, false}));
  }

 private:
  Geometry geometry_;
};

class TransposedConvolutionOfWeight : public WeightFunction {
 public:
  explicit TransposedConvolutionOfWeight(const Window& window) : geometry_(window) {}
  at::Tensor output(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) const override {
    return geometry_.output(input, weight, bias);
  }
  at::Tensor weight_gradient(const at::Tensor& of_output, const at::Tensor& input,
                             const at::Tensor& weight) const override {
    return geometry_.weight_gradient(of_output, input, weight);
  }

 private:
  TransposedGeometry geometry_;
};

class LinearOfWeight : public WeightFunction {
 public:
  at::Tensor output(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias) const override {
    return at::linear(input, weight, bias);
  }
  at::Tensor weight_gradient(const at::Tensor& of_output, const at::Tensor& input, const at::Tensor&) const override {
    return of_output.flatten(0, -2).t().matmul(input.flatten(0, -2));
  }
};

std::unique_ptr<WeightFunction> function_of_weight(const Node& layer) {
  if (layer.op == Op::linear) return std::make_unique<LinearOfWeight>();
  if (layer.op == Op::conv_transpose) return std::make_unique<TransposedConvolutionOfWeight>(layer.window);
  return std::make_unique<ConvolutionOfWeight>(layer.window);
}

class Data : public LayerData {
 public:
  Data(const Node& layer, Op activation, at::Tensor bias, const std::vector<LayerBatch>& batches)
      : name_(layer.name),
        function_(function_of_weight(layer)),
        shape_(layer.weight.shape()),
        channel_axis_(layer.op == Op::linear ? -1 : 1),
        activation_(activation == Op::relu || activation == Op::relu6 ? activation : Op::input),
        bias_(std::move(bias)) {
    for (const LayerBatch& batch : batches)
      for (std::int64_t i = 0; i < batch.images(); ++i) {
        inputs_.push_back(batch.input(i));
        outputs_.push_back(activate_in_place(batch.output(i), activation_));
      }
  }

  std::size_t images() const override { return inputs_.size(); }

  void output_gradient(std::span<const float> weights, std::span<const std::size_t> images, std::size_t of,
                       std::span<float> gradient) const override {
    run_in_torch("AdaRound pass failed", [&] { compute(weights, images, of, gradient); });
  }

 private:
  void compute(std::span<const float> weights, std::span<const std::size_t> images, std::size_t of,
               std::span<float> gradient) const {
    std::vector<at::Tensor> chosen_inputs, chosen_outputs;
    for (const std::size_t i : images) {
      chosen_inputs.push_back(inputs_.at(i));
      chosen_outputs.push_back(outputs_.at(i));
    }
    const at::Tensor input = LayerBatch::stacked(chosen_inputs);
    at::Tensor weight =
        at::from_blob(const_cast<float*>(weights.data()), shape_, at::TensorOptions(at::kFloat)).to(input.device());
    if (weight.dim() == 4) weight = weight.contiguous(at::MemoryFormat::ChannelsLast);
    const at::Tensor found = activate_in_place(function_->output(input, weight, bias_), activation_);
    const at::Tensor slope = through_activation(found - LayerBatch::stacked(chosen_outputs), found);
    const std::int64_t pixels = found.numel() / found.size(0) / found.size(channel_axis_);
    const auto per_image = static_cast<double>(pixels);
    const at::Tensor result = function_->weight_gradient(slope, input, weight);
    at::from_blob(gradient.data(), shape_, at::TensorOptions(at::kFloat))
        .copy_(result * (2.0 / (static_cast<double>(of) * per_image)));
    if (!all_finite(gradient))
      throw RunError("layer " + name_ +
                     ": its values are too large to learn from; check the weights and the preprocessing");
  }

  at::Tensor through_activation(const at::Tensor& gradient, const at::Tensor& result) const {
    if (activation_ == Op::relu) return at::threshold_backward(gradient, result, 0);
    if (activation_ == Op::relu6) return at::hardtanh_backward(gradient, result, 0, 6);
    return gradient;
  }

  std::string name_;
  std::unique_ptr<WeightFunction> function_;
  std::vector<std::int64_t> shape_;
  std::int64_t channel_axis_;
  Op activation_;
  at::Tensor bias_;
  std::vector<at::Tensor> inputs_, outputs_;  ///< per image
};

}  // namespace

at::Tensor LayerBatch::rows(const at::Tensor& values) {
  return values.dim() == 4 ? values.permute({0, 2, 3, 1}).clone(at::MemoryFormat::Contiguous) : values.clone();
}

at::Tensor LayerBatch::stacked(const std::vector<at::Tensor>& images) {
  const at::Tensor all = at::stack(images);
  return all.dim() == 4 ? all.permute({0, 3, 1, 2}) : all;
}

std::unique_ptr<LayerData> make_layer_data(const Node& layer, Op activation, const at::Tensor& bias,
                                           const std::vector<LayerBatch>& batches) {
  return std::make_unique<Data>(layer, activation, bias, batches);
}

}  // namespace qeval
