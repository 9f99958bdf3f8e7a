#include "stages/infer/convolution.h"

#include <mutex>
#include <optional>

#include <ATen/Context.h>
#include <ATen/core/List.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/stack.h>
#include <ATen/ops/convolution.h>

#include "stages/infer/activation.h"
#include "stages/infer/geometry.h"

namespace qeval {
namespace {

/// Any device: ATen's convolution, then the rest.
class AtenConvolution : public Operation {
 public:
  AtenConvolution(const Node& node, const NodeFusion& fusion, const Parameters& parameters, at::MemoryFormat order)
      : geometry_(node.window),
        weight_(parameters.weight.contiguous(order)),
        bias_(parameters.bias),
        adds_(fusion.added >= 0),
        activation_(fusion.activation) {}

  at::Tensor run(Operands& operands) const override {
    at::Tensor y = at::convolution(geometry_.pad(operands[0]), weight_, bias_, geometry_.stride, geometry_.padding,
                                   geometry_.dilation, false, {0, 0}, geometry_.groups);
    if (adds_) y.add_(operands[1]);
    return activate_in_place(std::move(y), activation_);
  }

 private:
  Geometry geometry_;
  at::Tensor weight_, bias_;
  bool adds_;
  Op activation_;
};

std::optional<c10::OperatorHandle> find_operator(const char* name, const char* overload, std::size_t arguments) {
  auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
  if (!handle || handle->schema().arguments().size() != arguments) return std::nullopt;
  return handle;
}

/// oneDNN's operators with post-operations. They are not part of ATen's C++ interface, so they are called by name.
struct OneDnnOperators {
  std::optional<c10::OperatorHandle> convolution = find_operator("mkldnn::_convolution_pointwise", "", 10);
  std::optional<c10::OperatorHandle> convolution_add = find_operator("mkldnn::_convolution_pointwise_", "binary", 13);
  std::optional<c10::OperatorHandle> reorder = find_operator("mkldnn::_reorder_convolution_weight", "", 6);
  bool available = at::hasMKLDNN() && convolution && convolution_add && reorder;
};

const OneDnnOperators& one_dnn() {
  static const OneDnnOperators operators;
  return operators;
}

at::Tensor call(const c10::OperatorHandle& handle, torch::jit::Stack stack) {
  handle.callBoxed(stack);
  return std::move(stack.front()).toTensor();
}

/// CPU. at::convolution would not take oneDNN for some small layers when it has one thread, and lays out weights anew
/// in every call. In channels-last order they are laid out once; contiguous ones have to stay plain, because a layout
/// made beforehand makes ATen take channels-last kernels.
class OneDnnConvolution : public Operation {
 public:
  OneDnnConvolution(const Node& node, const NodeFusion& fusion, Parameters parameters, at::MemoryFormat order)
      : geometry_(node.window),
        packs_(order == at::MemoryFormat::ChannelsLast),
        weight_(std::move(parameters.weight)),
        bias_(std::move(parameters.bias)),
        adds_(fusion.added >= 0),
        activation_(fusion.activation) {
    if (fusion.activation == Op::relu) fused_.name = "relu";
    if (fusion.activation == Op::relu6) {
      fused_.name = "hardtanh";
      fused_.scalars.push_back(at::Scalar(0.0));
      fused_.scalars.push_back(at::Scalar(6.0));
    }
  }

  at::Tensor run(Operands& operands) const override { return run_with(fused_, operands); }

  /// oneDNN's ReLU makes zero of a NaN, by an instruction that is invalid for it; ATen's leaves it.
  bool loses_nan() const override { return !fused_.name.empty(); }
  at::Tensor run_keeping_nan(Operands& operands) const override {
    return activate_in_place(run_with(Unary(), operands), activation_);
  }

 private:
  /// What oneDNN applies to each sum; no name: nothing.
  struct Unary {
    std::string name;
    c10::List<std::optional<at::Scalar>> scalars = c10::List<std::optional<at::Scalar>>();
  };

  at::Tensor run_with(const Unary& unary, Operands& operands) const {
    const at::Tensor x = geometry_.pad(operands[0]);
    if (packs_) std::call_once(packed_once_, [&] { pack(x.sizes()); });
    return adds_ ? run_with_add(x, operands[1], unary) : run_alone(x, unary);
  }

  /// The best layout depends on the input's shape, hence at the first batch. The original weights are let go.
  void pack(at::IntArrayRef input_shape) const {
    weight_ = call(*one_dnn().reorder, {weight_, geometry_.padding, geometry_.stride, geometry_.dilation,
                                        geometry_.groups, input_shape.vec()});
  }

  at::Tensor run_alone(const at::Tensor& x, const Unary& unary) const {
    return call(*one_dnn().convolution,
                {x, weight_, bias(), geometry_.padding, geometry_.stride, geometry_.dilation, geometry_.groups,
                 unary.name.empty() ? "none" : unary.name, unary.scalars, c10::IValue("")});
  }

  /// Adds into the summand's own memory when nobody needs it afterwards.
  at::Tensor run_with_add(const at::Tensor& x, at::Tensor& summand, const Unary& unary) const {
    at::Tensor sum = exclusive(summand) ? std::move(summand) : summand.clone();
    return call(*one_dnn().convolution_add,
                {sum, x, weight_, bias(), geometry_.padding, geometry_.stride, geometry_.dilation, geometry_.groups,
                 c10::IValue("add"), c10::IValue(1.0), unary.name.empty() ? c10::IValue() : c10::IValue(unary.name),
                 unary.scalars, c10::IValue("")});
  }

  c10::IValue bias() const { return bias_.defined() ? c10::IValue(bias_) : c10::IValue(); }

  Geometry geometry_;
  bool packs_;
  mutable std::once_flag packed_once_;
  mutable at::Tensor weight_;
  at::Tensor bias_;
  bool adds_;
  Op activation_;
  Unary fused_;
};

}  // namespace

std::unique_ptr<Operation> make_convolution(const Node& node, const NodeFusion& fusion, Parameters parameters,
                                            at::MemoryFormat order) {
  const bool single = parameters.weight.scalar_type() == at::kFloat;  // oneDNN knows no other
  if (parameters.weight.device().is_cpu() && single && one_dnn().available)
    return std::make_unique<OneDnnConvolution>(node, fusion, std::move(parameters), order);
  return std::make_unique<AtenConvolution>(node, fusion, std::move(parameters), order);
}

}  // namespace qeval
